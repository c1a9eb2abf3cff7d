import { Encoder } from 'cbor-x';
import type { HttpAnswer, Protocol } from './protocol';
import type { WireForms } from '../shapes';
import { readIsoDate, readShape, writeShape } from '../shapes';
import { errorStatus } from './protocol';

const cbor = new Encoder({ useRecords: false, mapsAsObjects: true, tagUint8Array: false, variableMapSize: true });

/** CBOR has dates (tag 1) and byte strings of its own. */
const CBOR_FORMS: WireForms = {
  readTimestamp: (value, path) => (value instanceof Date ? value : readIsoDate(value, path)),
  writeTimestamp: (date) => date,
  readBlob: (value) => new Uint8Array(value as Uint8Array),
  writeBlob: (bytes) => Buffer.from(bytes),
};

/** Smithy RPC v2 CBOR: POST /service/TARGET/operation/NAME. The AWS CLI prefers it for CloudWatch where it knows it. */
export const rpcV2Cbor: Protocol = {
  read: (request, operation) =>
    (readShape(operation.input, request.body.length ? cbor.decode(request.body) : {}, CBOR_FORMS) ?? {}) as Record<
      string,
      unknown
    >,

  write: (output, operation, _model, requestId) =>
    answer(200, requestId, writeShape(operation.output, output, CBOR_FORMS) ?? {}),

  writeError(error, requestId, model) {
    const shape = model?.errors.get(error.code);
    const body = { __type: error.code, [shape?.messageMember ?? 'message']: error.message };
    return answer(errorStatus(error, model), requestId, body);
  },
};

function answer(status: number, requestId: string, body: unknown): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor', 'x-amzn-requestid': requestId },
    body: cbor.encode(body),
  };
}
