import { get } from 'node:http';
import type { Machinery } from '../../../../local/nodes/simulated/machine/control-server';
import { ControlServer } from '../../../../local/nodes/simulated/machine/control-server';

const server = new ControlServer({ kubelet: { state: 'active' }, containerd: {} } as Machinery);
let address: string;
beforeAll(async () => (address = await server.start()));
afterAll(() => server.stop());

const ask = (url: string) =>
  new Promise<number | undefined>((resolve, reject) =>
    get(url, (answer) => answer.resume().on('end', () => resolve(answer.statusCode))).on('error', reject),
  );

test.each([
  ['without the word', () => new URL('/units/kubelet', address).href, 403],
  ['without the word, that cannot be decoded', () => new URL('/%', address).href, 403],
  ['that cannot be decoded', () => `${address}/units/%`, 500],
  ['of a stand-in', () => `${address}/units/kubelet`, 200],
])('a request %s is answered, and the next one too', async (_what, url, status) => {
  expect(await ask(url())).toBe(status);
});
