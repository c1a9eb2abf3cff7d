import { connect } from 'node:net';
import { AccessKeys } from '../../../local/aws/access-keys';
import { HttpFront } from '../../../local/aws/http-front';

/** Sends these bytes. @returns what comes until the connection is closed */
function exchange(port: string, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (data) => (received += data.toString()));
    socket.on('error', reject).on('close', () => resolve(received));
  });
}

test('a port that is taken is one sentence that says what to do', async () => {
  const front = new HttpFront({ call: async () => ({}) }, new AccessKeys());
  try {
    const { port } = new URL(await front.listen());
    await expect(front.listen(Number(port))).rejects.toThrow(
      `Port ${port} of 127.0.0.1 is taken: choose another one, or 0 for any free one.`,
    );
  } finally {
    await front.stop();
  }
});

test('requests whose bodies do not come are ended, however many', async () => {
  const front = new HttpFront({ call: async () => ({}) }, new AccessKeys(), 2000);
  try {
    const { port } = new URL(await front.listen());
    const half = () => exchange(port, 'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nhalf');
    for (const answer of await Promise.all(Array.from({ length: 300 }, half)))
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  } finally {
    await front.stop();
  }
});

test.each([
  ['two lengths', 'Content-Length: 4\r\nContent-Length: 5'],
  ['a length and chunks', 'Content-Length: 4\r\nTransfer-Encoding: chunked'],
  ['a length that is none', 'Content-Length: 4x'],
  ['a line within a header', 'X-A: b\rHost: rebound.example'],
])('a request with %s is refused, and nothing is called', async (_what, headers) => {
  let calls = 0;
  const front = new HttpFront({ call: async () => ({ calls: ++calls }) }, new AccessKeys());
  try {
    const { port } = new URL(await front.listen());
    const answer = await exchange(
      port,
      `POST /?Action=ListTopics HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}\r\n\r\nhalf`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(calls).toBe(0);
  } finally {
    await front.stop();
  }
});

test('a body that is nested 100,000 deep costs its own request, and the next is answered', async () => {
  const front = new HttpFront({ call: async () => ({}) }, new AccessKeys());
  try {
    const endpoint = await front.listen();
    const ask = (body: string) =>
      fetch(endpoint, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonSSM.GetParameter' },
      });
    const nested = await ask(`{"Name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
    expect(nested.status).toBe(400);
    expect(await nested.json()).toMatchObject({
      message: 'Name must be a string, not something nested so deeply.',
    });
    expect((await ask('{"Name":"a"}')).status).toBe(200);
  } finally {
    await front.stop();
  }
});

test.each(['__proto__', 'constructor', 'toString'])('a member called %s is an unknown member', async (name) => {
  const front = new HttpFront({ call: async () => ({}) }, new AccessKeys());
  try {
    const answer = await fetch(await front.listen(), {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonSSM.GetParameter' },
      body: `{"${name}":{}}`,
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ __type: 'SerializationException' });
  } finally {
    await front.stop();
  }
});
