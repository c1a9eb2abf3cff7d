// `kubectl config view --raw -o yaml` of the kubeconfig on stdin: any YAML, as kubectl takes it. With `minify` what is of the current context alone;
// with `embed CERTIFICATE KEY CA`, in base64, what `kubeadm certs renew` makes of it.
import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';

/** With the members that are printed even when they are empty. */
const NAMED_LISTS = { clusters: { server: '' }, contexts: { cluster: '', user: '' }, users: {} };

function read(text) {
  // YAML 1.1 knows `<<`, and `y` is a boolean there, as for kubectl. It reads the first document alone.
  const document = text.split(/^---\s*$/m).find((part) => part.trim() !== '') ?? '';
  const config = parse(document, { version: '1.1', merge: true, uniqueKeys: false, logLevel: 'error' }) ?? {};
  if (typeof config !== 'object') throw new Error('json: cannot unmarshal string into Go value of type struct');
  const { apiVersion = 'v1', kind = 'Config' } = config;
  if (kind !== 'Config') throw new Error(`no kind "${kind}" is registered for version "${apiVersion}" in scheme`);
  const current = config['current-context'] ?? '';
  if (typeof current !== 'string') notAString('Config.current-context');
  const lists = Object.fromEntries(Object.keys(NAMED_LISTS).map((list) => [list, namedList(list, config[list] ?? [])]));
  return { apiVersion, kind, 'current-context': current, ...lists };
}

/** Sorted by name, as kubectl prints them; base64 on one line. */
function namedList(list, items) {
  const kind = list.slice(0, -1);
  const named = items.map((item) => ({ name: item.name ?? '', [kind]: { ...NAMED_LISTS[list], ...item[kind] } }));
  for (const { name, [kind]: members } of named) {
    if (typeof name !== 'string') notAString(`${list}.name`);
    if (members.exec) members.exec = { provideClusterInfo: false, ...members.exec };
    for (const [member, value] of Object.entries(members)) {
      if (typeof value === 'boolean' || typeof value === 'number') notAString(`${list}.${kind}.${member}`);
      if (member.endsWith('-data')) members[member] = base64(value ?? '');
    }
  }
  const sorted = named.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const twice = sorted.find(({ name }, index) => name === sorted[index + 1]?.name);
  if (twice) throw new Error(`error converting: duplicate name "${twice.name}" in list: [...]`);
  return sorted.length > 0 ? sorted : null;
}

function base64(text) {
  const line = text.replace(/[\r\n]/g, '');
  const wrong = /[^A-Za-z0-9+/=]/.exec(line);
  if (wrong) throw new Error(`illegal base64 data at input byte ${wrong.index}`);
  return line;
}

function notAString(field) {
  throw new Error(`json: cannot unmarshal number into Go struct field ${field} of type string`);
}

function minified(config) {
  const named = (list, name) => config[list]?.find((item) => item.name === name);
  const context = named('contexts', config['current-context'])?.context;
  return { ...config, clusters: named('clusters', context?.cluster), users: named('users', context?.user) };
}

function embedded(config, certificate, key, ca) {
  const { clusters, users } = minified(config);
  Object.assign(clusters.cluster, { 'certificate-authority-data': ca });
  Object.assign(users.user, { 'client-certificate-data': certificate, 'client-key-data': key });
  return config;
}

const [how, ...values] = process.argv.slice(2);
try {
  const config = read(readFileSync(0, 'utf8'));
  const wanted = how === 'minify' ? minified(config) : how === 'embed' ? embedded(config, ...values) : config;
  const layout = { version: '1.1', sortMapEntries: true, lineWidth: 0, indentSeq: false, singleQuote: true };
  process.stdout.write(stringify(wanted, layout).replace(/: ''$/gm, ': ""'));
} catch (error) {
  const reason = error.linePos ? `yaml: line ${error.linePos[0].line}: ${error.code}` : error.message;
  process.stderr.write(`error: error loading config file "/dev/stdin": ${reason}\n`);
  process.exitCode = 1;
}
