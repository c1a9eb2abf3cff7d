import { decodeAgentMessage, encodeAgentMessage } from '../../../../local/ssm/agent-channel/agent-message';

const message = {
  type: 'agent_job',
  id: '00112233-4455-6677-8899-aabbccddeeff',
  createdAt: new Date('2026-01-02T03:04:05.678Z'),
  payload: '{}',
};
/** The layout written out by hand, field by field. */
const FIELDS = {
  headerLength: '00000074',
  type: `${Buffer.from('agent_job').toString('hex')}${'20'.repeat(23)}`,
  schemaVersion: '00000001',
  createdAt: '0000019b7ca98f2e',
  sequenceNumber: '0000000000000000',
  flags: '0000000000000000',
  idLow: '8899aabbccddeeff',
  idHigh: '0011223344556677',
  digest: '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
  payloadType: '00000000',
  payloadLength: '00000002',
  payload: '7b7d',
};
const bytesOf = (changed: Partial<typeof FIELDS> = {}) =>
  Buffer.from(Object.values({ ...FIELDS, ...changed }).join(''), 'hex');

test('is written byte by byte as the agent reads it', () => {
  expect(encodeAgentMessage(message).toString('hex')).toBe(bytesOf().toString('hex'));
});

test.each([
  ['as the agent writes it', {}],
  ['with the type padded by zeros', { type: `${Buffer.from('agent_job').toString('hex')}${'00'.repeat(23)}` }],
  [
    'with a type of the agent, a sequence number and flags',
    { sequenceNumber: 'ffffffffffffffff', flags: '0000000000000003' },
  ],
  ['with a longer header', { headerLength: '00000078', payloadType: '0000000000000002' }],
])('is read %s', (_how, changed) => {
  expect(decodeAgentMessage(bytesOf(changed))).toEqual(message);
});

test('text beyond ASCII and an empty payload come back as they went', () => {
  for (const payload of ['', '{"text":"Zertifikat läuft ab 🔒"}'])
    expect(decodeAgentMessage(encodeAgentMessage({ ...message, payload })).payload).toBe(payload);
});

test.each([
  ['cut in its header', bytesOf().subarray(0, 119), 'at least 120 bytes, this one has 119'],
  ['cut in its payload', bytesOf().subarray(0, 121), 'has 1 bytes, its header says 2'],
  ['with bytes behind its payload', Buffer.concat([bytesOf(), Buffer.from(' ')]), 'has 3 bytes, its header says 2'],
  ['with a header that is too short', bytesOf({ headerLength: '00000073' }), 'has 115 bytes, of 122'],
  ['with a header longer than itself', bytesOf({ headerLength: '000000ff' }), 'has 255 bytes, of 122'],
  ['with another payload than its digest says', bytesOf({ payload: '5b5d' }), 'does not have the digest'],
])('one %s is refused', (_how, bytes, reason) => {
  expect(() => decodeAgentMessage(bytes)).toThrow(reason);
});

test.each([
  [{ type: 'a'.repeat(33) }, 'more than 32 bytes'],
  [{ id: '00112233-4455-6677-8899-AABBCCDDEEFF' }, 'not a UUID'],
  [{ id: 'i-00000000000000001' }, 'not a UUID'],
])('%j cannot be sent', (changed, reason) => {
  expect(() => encodeAgentMessage({ ...message, ...changed })).toThrow(reason);
});
