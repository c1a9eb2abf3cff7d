import { createHash } from 'node:crypto';

/** A frame of the control channel between the message gateway (ssmmessages) and a real SSM agent. */
export interface AgentMessage {
  /** agent_job, agent_job_ack, agent_job_reply, agent_job_reply_ack ...; at most 32 bytes. */
  type: string;
  /** UUID with hyphens. */
  id: string;
  createdAt: Date;
  /** JSON, except where the type says otherwise. */
  payload: string;
}

/** Where each field begins; numbers are big-endian. The header ends at the length of the payload, which it does not count. */
const AT = {
  headerLength: 0,
  type: 4,
  schemaVersion: 36,
  createdAt: 40,
  sequenceNumber: 48,
  flags: 56,
  idLow: 64,
  idHigh: 72,
  digest: 80,
  payloadType: 112,
  payloadLength: 116,
  payload: 120,
} as const;
const TYPE_BYTES = AT.schemaVersion - AT.type;
const SCHEMA_VERSION = 1;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Sequence number, flags and payload type are 0, as in everything that the agent itself sends about commands. */
export function encodeAgentMessage({ type, id, createdAt, payload }: AgentMessage): Buffer {
  if (Buffer.byteLength(type) > TYPE_BYTES)
    throw new RangeError(`The message type "${type}" has more than ${TYPE_BYTES} bytes.`);
  if (!UUID.test(id)) throw new RangeError(`The message id "${id}" is not a UUID in lower case.`);
  const body = Buffer.from(payload);
  const bytes = Buffer.alloc(AT.payload + body.length);
  bytes.writeUInt32BE(AT.payloadLength, AT.headerLength);
  bytes.write(type.padEnd(TYPE_BYTES), AT.type);
  bytes.writeUInt32BE(SCHEMA_VERSION, AT.schemaVersion);
  bytes.writeBigUInt64BE(BigInt(createdAt.getTime()), AT.createdAt);
  const uuid = Buffer.from(id.replaceAll('-', ''), 'hex');
  uuid.copy(bytes, AT.idLow, 8, 16);
  uuid.copy(bytes, AT.idHigh, 0, 8);
  createHash('sha256').update(body).digest().copy(bytes, AT.digest);
  bytes.writeUInt32BE(body.length, AT.payloadLength);
  body.copy(bytes, AT.payload);
  return bytes;
}

/** @throws RangeError for anything that is not a whole message with the digest of its payload. */
export function decodeAgentMessage(bytes: Buffer): AgentMessage {
  if (bytes.length < AT.payload)
    throw new RangeError(`An agent message has at least ${AT.payload} bytes, this one has ${bytes.length}.`);
  // Later versions may have longer headers: their length is what counts.
  const lengthAt = bytes.readUInt32BE(AT.headerLength);
  if (lengthAt < AT.payloadLength || lengthAt + 4 > bytes.length)
    throw new RangeError(
      `The header of an agent message says that it has ${lengthAt} bytes, of ${bytes.length} altogether.`,
    );
  const body = bytes.subarray(lengthAt + 4);
  const said = bytes.readUInt32BE(lengthAt);
  if (said !== body.length)
    throw new RangeError(`The payload of an agent message has ${body.length} bytes, its header says ${said}.`);
  if (!createHash('sha256').update(body).digest().equals(bytes.subarray(AT.digest, AT.payloadType)))
    throw new RangeError('The payload of an agent message does not have the digest that its header says.');
  return {
    type: bytes.toString('utf8', AT.type, AT.schemaVersion).replace(/[\0 ]+$/, ''),
    id: uuidAt(bytes),
    createdAt: new Date(Number(bytes.readBigUInt64BE(AT.createdAt))),
    payload: body.toString(),
  };
}

/** The low half comes first. */
function uuidAt(bytes: Buffer): string {
  const hex = (from: number) => bytes.toString('hex', from, from + 8);
  return `${hex(AT.idHigh)}${hex(AT.idLow)}`.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
