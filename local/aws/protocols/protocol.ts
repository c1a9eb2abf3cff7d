import type { ApiModel, Operation } from '../api-model';
import { AwsError } from '../aws-call';

export interface HttpRequest {
  method: string;
  /** Without the query string. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string | undefined>;
  body: Buffer;
}

export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
}

/** One of AWS's wire protocols, seen from the server. */
export interface Protocol {
  read(request: HttpRequest, operation: Operation): Record<string, unknown>;
  write(output: Record<string, unknown>, operation: Operation, model: ApiModel, requestId: string): HttpAnswer;
  /** `model` is absent when the request names no service that there is. */
  writeError(error: AwsError, requestId: string, model?: ApiModel): HttpAnswer;
}

/** AWS's own status for the error where its model has one. */
export function errorStatus(error: AwsError, model?: ApiModel): number {
  return error.status === 400 ? (model?.errors.get(error.code)?.status ?? 400) : error.status;
}

export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new AwsError('SerializationException', `The body is not JSON: ${(error as Error).message}.`);
  }
}
