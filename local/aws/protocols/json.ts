import type { AwsError } from '../aws-call';
import type { ApiModel } from '../api-model';
import type { HttpAnswer, HttpRequest, Protocol } from './protocol';
import type { WireForms } from '../shapes';
import { readIsoDate, readShape, wrongType, writeShape } from '../shapes';
import { errorStatus, parseJson } from './protocol';

/** JSON bodies: dates are seconds since 1970 with fractions, blobs are base64. */
export const JSON_FORMS: WireForms = {
  readTimestamp: readIsoDate,
  writeTimestamp: (date) => date.getTime() / 1000,
  readBlob: (value, path) => {
    if (typeof value !== 'string') throw wrongType(path, 'base64 text', value);
    return new Uint8Array(Buffer.from(value, 'base64'));
  },
  writeBlob: (bytes) => Buffer.from(bytes).toString('base64'),
};

/** awsJson1.0 and 1.1: POST /, X-Amz-Target names the operation. They differ in nothing but the content type. */
export function awsJson(contentType: string): Protocol {
  const answer = (status: number, requestId: string, body: unknown): HttpAnswer => ({
    status,
    headers: { 'content-type': contentType, 'x-amzn-requestid': requestId },
    body: JSON.stringify(body),
  });
  return {
    read: (request: HttpRequest, operation) =>
      (readShape(operation.input, parseJson(request.body), JSON_FORMS) ?? {}) as Record<string, unknown>,

    write: (output, operation, _model, requestId) =>
      answer(200, requestId, writeShape(operation.output, output, JSON_FORMS) ?? {}),

    writeError(error: AwsError, requestId: string, model?: ApiModel): HttpAnswer {
      const shape = model?.errors.get(error.code);
      const status = errorStatus(error, model);
      const body = { __type: error.code, [shape?.messageMember ?? 'message']: error.message };
      const answered = answer(status, requestId, body);
      // Services that once spoke the query protocol (SQS, CloudWatch) keep its error codes in this header.
      if (shape?.queryCode) {
        answered.headers['x-amzn-query-error'] = `${shape.queryCode};${status < 500 ? 'Sender' : 'Receiver'}`;
      }
      return answered;
    },
  };
}
