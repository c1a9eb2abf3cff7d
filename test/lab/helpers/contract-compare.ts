import { parse } from 'yaml';
import type { ScriptOutcome } from '../../../local/nodes/node';

/**
 * How two answers are compared. Always by exit code, and:
 * text: everything; table: cell by cell; static pods: the same, without other pods; json: every member that the simulated node tells;
 * health: the HTTP status, the verdict and the checks that the simulated one has; failing checks: those that scripts look for;
 * unit: the line Active; configuration: as YAML, without what is a cluster's own; class: the kind of the error; exit code: nothing else.
 */
export type Reading =
  | 'text'
  | 'table'
  | 'static pods'
  | 'json'
  | 'health'
  | 'failing checks'
  | 'unit'
  | 'configuration'
  | 'class'
  | 'exit code';

const CLASSES: [string, RegExp][] = [
  ['no such command in the container', /executable file not found in/],
  ['not running', /is in CONTAINER_EXITED state|container is not running|cannot exec in a/i],
  ['no such container or sandbox', /code = NotFound/],
  ['container runtime does not answer', /validate service connection/],
  ['wrong name in the certificate', /certificate is valid for .*, not /],
  ['forbidden', /\(Forbidden\)/],
  ['unknown command or option', /unknown (command|flag)|Unknown command verb/],
];

/** `simulated`: what the other one told, for the readings that look only for what it has. */
export function read(reading: Reading, outcome: ScriptOutcome, simulated: ScriptOutcome): unknown {
  const stdout = normalise(outcome.stdout);
  const stderr = normalise(outcome.stderr);
  const { exitCode } = outcome;
  switch (reading) {
    case 'exit code':
      return { exitCode };
    case 'class':
      return { exitCode, class: CLASSES.find(([, pattern]) => pattern.test(outcome.stderr))?.[0] ?? stderr };
    case 'text':
      return { exitCode, stdout, stderr };
    case 'table':
      return { exitCode, stderr, rows: cells(outcome.stdout) };
    case 'static pods':
      return {
        exitCode,
        stderr,
        rows: cells(outcome.stdout)
          .filter((row) => !/coredns|kube-proxy/.test(row.join()))
          // How often it was restarted: a real one may have lost its lease once.
          .map((row) => row.map((cell) => cell.replace(/^\d+$/, '<attempt>')))
          .sort(),
      };
    case 'json':
      return {
        exitCode,
        stderr,
        told: exitCode === 0 ? pick(JSON.parse(outcome.stdout), JSON.parse(simulated.stdout)) : stdout,
      };
    case 'health': {
      const known = new Set(simulated.stdout.split('\n'));
      return {
        exitCode,
        stderr,
        lines: outcome.stdout.split('\n').filter((line) => known.has(line)),
        verdict: verdict(outcome.stdout),
      };
    }
    case 'failing checks':
      return { exitCode, status: outcome.stdout.split('\n').at(-1), failing: outcome.stdout.match(/^\[-\]etcd\S*/gm) };
    case 'unit':
      return { exitCode, stderr, active: /^ +Active: (\S+ \(.*?\))/m.exec(outcome.stdout)?.[1] };
    case 'configuration':
      return { exitCode, stderr, told: withoutOwn(parse(outcome.stdout)) };
  }
}

/** Ids, UUIDs, times, addresses, sizes, versions of etcd, and what the clients of etcd and of the API log for people. */
export function normalise(text: string): string {
  return text
    .replace(/^\{"level":.*\n|^E\d{4} .*\n/gm, '')
    .replace(/^time="\S+" /gm, '')
    .replace(/\b[0-9a-f]{64}\b/g, '<id>')
    .replace(/\b[0-9a-f]{13}\b/g, '<short id>')
    .replace(/\b[0-9a-f]{14,16}\b/g, '<member>')
    .replace(/\b10\.(87|0)\.\d+\.\d+\b/g, '<address>')
    .replace(/_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '_<uuid>')
    .replace(/took("?[ :=]+"?)[\d.]+(µs|ms|s)/g, 'took$1<time>')
    .replace(/\b[\d.]+ (B|kB|MB|GB)\b/g, '<size>')
    .replace(/\b\d+%/g, '<share>')
    .replace(/("(?:ClusterID|MemberID|Leader|ID|Revision|Raft\w+|DBSize\w*)" : )\d+/g, '$1<number>')
    .replace(/, \d+, \d+, \d+, , /g, ', <term>, <index>, <index>, , ')
    .replace(/\b3\.6\.\d+\b/g, '3.6.<patch>')
    .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/g, '<time>')
    .replace(/@\d{10}\b/g, '@<time>')
    .replace(/\w{3} \d\d, \d{4} \d\d:\d\d UTC {3}(<invalid>|\S+)( +)/g, (_whole, left: string) =>
      left === '<invalid>' ? '<end> <invalid> ' : '<end> ',
    );
}

function cells(table: string): string[][] {
  return table
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(/\s{2,}/))
    .map((row) =>
      row.map((cell) =>
        /^(Less than|About|\d+ \w+) .*ago$|^(?![0-9a-f]{13}$)(\d+[dhms])+$/.test(cell) ? '<age>' : normalise(cell),
      ),
    )
    .map((row) => row.map((cell) => cell.replace(/^<short id>$/, '<id>')));
}

/** What `from` has of the members of `like`; ids and numbers that differ by nature as their type. */
function pick(from: unknown, like: unknown, name = ''): unknown {
  if (Array.isArray(like)) return like.map((each, index) => pick((from as unknown[])?.[index], each, name));
  if (typeof like === 'object' && like !== null) {
    return Object.fromEntries(
      Object.entries(like).map(([key, value]) => [key, pick((from as never)?.[key], value, key)]),
    );
  }
  if (/^(image|logPath)$/.test(name)) return typeof from;
  if (typeof from === 'number') return name === 'exitCode' ? from : 'number';
  return typeof from === 'string' ? normalise(from) : from;
}

function verdict(text: string): string | undefined {
  return /(\w+ check (passed|failed))|^ok$|^Unauthorized$/m.exec(text)?.[0];
}

function withoutOwn(configuration: Record<string, unknown>): Record<string, unknown> {
  const own = ['clusterName', 'controlPlaneEndpoint', 'encryptionAlgorithm', 'networking'];
  return Object.fromEntries(
    Object.entries(configuration).map(([key, value]) => [key, own.includes(key) ? typeof value : value]),
  );
}
