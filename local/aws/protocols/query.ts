import type { HttpAnswer, HttpRequest, Protocol } from './protocol';
import type { QueryDialect } from './query-parameters';
import { readQueryParameters } from './query-parameters';
import { errorStatus } from './protocol';
import { element, escapeXml, writeXmlMembers } from './xml';

/** Form parameters of a query request: in the body, or in the URL of a GET. */
export function queryForm(request: HttpRequest): URLSearchParams {
  return request.body.length ? new URLSearchParams(request.body.toString('utf8')) : request.query;
}

/** AWS query (SNS, STS, CloudWatch for older CLIs): form parameters in, XML with a result element out. */
export const awsQuery: Protocol = {
  read: readForm('aws'),

  write(output, operation, model, requestId) {
    const result = element(`${operation.name}Result`, writeXmlMembers(operation.output, output));
    const metadata = element('ResponseMetadata', element('RequestId', requestId));
    return xml(200, requestId, wrap(`${operation.name}Response`, model.xmlNamespace, result + metadata));
  },

  writeError(error, requestId, model) {
    const status = errorStatus(error, model);
    const code = model?.errors.get(error.code)?.queryCode ?? error.code;
    const detail =
      element('Type', status < 500 ? 'Sender' : 'Receiver') +
      element('Code', escapeXml(code)) +
      element('Message', escapeXml(error.message));
    const body = element('Error', detail) + element('RequestId', requestId);
    return xml(status, requestId, wrap('ErrorResponse', model?.xmlNamespace ?? '', body));
  },
};

/** EC2's dialect of it: no result element, other error elements. */
export const ec2Query: Protocol = {
  read: readForm('ec2'),

  write(output, operation, model, requestId) {
    const body = element('requestId', requestId) + writeXmlMembers(operation.output, output);
    return xml(200, requestId, wrap(`${operation.name}Response`, model.xmlNamespace, body));
  },

  writeError(error, requestId, model) {
    const detail = element('Code', escapeXml(error.code)) + element('Message', escapeXml(error.message));
    const body = element('Errors', element('Error', detail)) + element('RequestID', requestId);
    return xml(errorStatus(error, model), requestId, element('Response', body));
  },
};

function readForm(dialect: QueryDialect): Protocol['read'] {
  return (request, operation) => readQueryParameters(queryForm(request), operation.input, dialect);
}

function wrap(tag: string, namespace: string, content: string): string {
  return `<${tag} xmlns="${namespace}">${content}</${tag}>`;
}

function xml(status: number, requestId: string, body: string): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': requestId },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
  };
}
