import type { ApiModel, Operation } from './api-model';
import { apiModel, SERVICES, unknownService } from './api-model';
import { AwsError } from './aws-call';
import { rpcV2Cbor } from './protocols/cbor';
import { awsJson } from './protocols/json';
import type { HttpRequest, Protocol } from './protocols/protocol';
import { awsQuery, ec2Query, queryForm } from './protocols/query';
import { findRestOperation } from './protocols/rest';
import { restJson } from './protocols/rest-json';
import { findS3Operation, restXml } from './protocols/rest-xml';

/** What a request asks for. `operation` is an error where service or action are unknown: the protocol says how to answer it. */
export interface Asked {
  protocol: Protocol;
  model?: ApiModel;
  operation: Operation | AwsError;
}

/** Tells protocol, service and operation of a request from what the SDKs and the CLI send. `signedFor` is the credential's service. */
export async function findOperation(request: HttpRequest, signedFor: string | undefined): Promise<Asked> {
  // Before all others: a body that is an object's may look like anything.
  if (signedFor === SERVICES['s3']!.signingName) return s3(request);
  if (request.headers['smithy-protocol'] === 'rpc-v2-cbor') {
    const [, , target = '', , action = ''] = request.path.split('/');
    return rpc(rpcV2Cbor, target, action);
  }
  const [target, action] = request.headers['x-amz-target']?.split('.') ?? [];
  if (target !== undefined) {
    return rpc(awsJson(request.headers['content-type'] ?? 'application/x-amz-json-1.0'), target, action ?? '');
  }
  if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') || request.query.has('Action')) {
    return query(request, signedFor);
  }
  return rest(request, signedFor);
}

async function rpc(protocol: Protocol, target: string, action: string): Promise<Asked> {
  const service = Object.keys(SERVICES).find((name) => SERVICES[name]!.target === target);
  return service ? named(protocol, service, action) : { protocol, operation: unknownService(target) };
}

async function query(request: HttpRequest, signedFor: string | undefined): Promise<Asked> {
  const form = queryForm(request);
  const version = form.get('Version');
  const speaking = Object.entries(SERVICES).filter(([, facts]) => facts.queryVersion);
  const service = (speaking.find(([, { signingName }]) => signingName === signedFor) ??
    speaking.find(([, { queryVersion }]) => queryVersion === version))?.[0];
  const protocol = service === 'ec2' ? ec2Query : awsQuery;
  return service
    ? named(protocol, service, form.get('Action') ?? '')
    : { protocol, operation: unknownService(signedFor ?? `version ${version}`) };
}

async function rest(request: HttpRequest, signedFor: string | undefined): Promise<Asked> {
  const speaking = Object.entries(SERVICES).filter(([, facts]) => facts.rest === 'json');
  const signed = speaking.filter(([, { signingName }]) => signingName === signedFor);
  for (const [service] of signed.length ? signed : speaking) {
    const model = await apiModel(service);
    const operation = findRestOperation(model, request);
    if (operation) return { protocol: restJson, model, operation };
  }
  const asked = `${request.method} ${request.path}`;
  const operation = signed.length
    ? new AwsError('UnknownOperationException', `${signedFor} has no operation at ${asked}.`, 404)
    : unknownService(signedFor ?? asked);
  return { protocol: restJson, operation };
}

async function s3(request: HttpRequest): Promise<Asked> {
  const model = await apiModel('s3');
  const operation =
    findS3Operation(model, request) ??
    new AwsError('MethodNotAllowed', `S3 has no operation at ${request.method} ${request.path}.`, 405);
  return { protocol: restXml, model, operation };
}

async function named(protocol: Protocol, service: string, action: string): Promise<Asked> {
  const model = await apiModel(service);
  const operation =
    model.operations.get(action) ??
    new AwsError(
      'UnknownOperationException',
      `The API of ${service} has no action "${action}" (in the AWS SDK that is installed here).`,
    );
  return { protocol, model, operation };
}
