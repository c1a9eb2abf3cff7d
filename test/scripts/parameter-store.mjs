import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

/**
 * A Parameter Store for the .bats files, with the metadata service that gives a node its role: one value for every name, from FILE; each request
 * for a value is a line of LOG. It also is the bucket for an upload, which goes to FILE.uploaded, unless FILE.refusal has what S3 says instead. The port goes to PORT-FILE. What both really do is tested with the local AWS (instance-secret.test.ts).
 */
const [file, log, portFile] = process.argv.slice(2);

const CREDENTIALS = JSON.stringify({
  Code: 'Success',
  AccessKeyId: 'ASIAKEY',
  SecretAccessKey: 'key',
  Token: 'session',
});
const METADATA = {
  'PUT /latest/api/token': 'token',
  'GET /latest/meta-data/placement/region': 'eu-central-1',
  'GET /latest/meta-data/iam/security-credentials/': 'node-role',
  'GET /latest/meta-data/iam/security-credentials/node-role': CREDENTIALS,
};

createServer((request, response) => {
  const metadata = METADATA[`${request.method} ${request.url}`];
  if (metadata) return void response.end(metadata);
  if (request.method === 'PUT') return takeUpload(request, response);
  let body = '';
  request.on('data', (part) => (body += part));
  request.on('end', () => {
    appendFileSync(log, `${request.headers['x-amz-target']} ${body}\n`);
    const value = readFileSync(file, 'utf8').trim();
    if (!value) {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
      response.end('{"__type":"ParameterNotFound"}');
      return;
    }
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ Parameter: { Name: JSON.parse(body).Name, Type: 'SecureString', Value: value } }));
  });
}).listen(0, '127.0.0.1', function () {
  writeFileSync(portFile, `${this.address().port}\n`);
});

function takeUpload(request, response) {
  const refusal = existsSync(`${file}.refusal`) ? readFileSync(`${file}.refusal`, 'utf8') : '';
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    appendFileSync(log, `PUT ${request.headers.host} ${request.url} ${request.headers['content-length']}\n`);
    if (!refusal) writeFileSync(`${file}.uploaded`, Buffer.concat(parts));
    response.writeHead(refusal ? Number(refusal.slice(0, 3)) : 200);
    response.end(refusal.slice(4));
  });
}
