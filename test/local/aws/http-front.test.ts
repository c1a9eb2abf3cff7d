import { AccessKeys } from '../../../local/aws/access-keys';
import { HttpFront } from '../../../local/aws/http-front';

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
