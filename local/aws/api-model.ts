import { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from './aws-call';

/** One API operation as the pinned AWS SDK describes it. */
export interface Operation {
  name: string;
  input: NormalizedSchema;
  output: NormalizedSchema;
  /** Only for REST services: method, path with `{Label}`s, the status of success, and which members a request has to have. */
  http?: { method: string; path: string; status: number; required: string[] };
}

export interface ErrorShape {
  status: number;
  /** What the query protocols call it, where that differs from the shape's name. */
  queryCode?: string;
  /** Name of the member that carries the text: `message` or `Message`. */
  messageMember: string;
}

/**
 * A service's API, taken from the schemas inside its AWS SDK client: so requests are read and answers written by the very
 * description that the clients use, and nothing about shapes is written down twice.
 */
export interface ApiModel {
  service: string;
  /** Namespace of XML answers. */
  xmlNamespace: string;
  operations: Map<string, Operation>;
  errors: Map<string, ErrorShape>;
}

interface ServiceFacts {
  /** Service name in the SigV4 credential. */
  signingName: string;
  /** In front of the dot of X-Amz-Target, and in the path of rpc-v2-cbor. */
  target?: string;
  /** Version parameter of the query protocols. */
  queryVersion?: string;
  rest?: 'json' | 'xml';
  xmlNamespace?: string;
  load(): Promise<object>;
}

/** Services by IAM prefix. Clients are loaded when first needed: each takes 20 to 200 ms. */
export const SERVICES: Record<string, ServiceFacts> = {
  states: { signingName: 'states', target: 'AWSStepFunctions', load: () => import('@aws-sdk/client-sfn') },
  ssm: { signingName: 'ssm', target: 'AmazonSSM', load: () => import('@aws-sdk/client-ssm') },
  events: { signingName: 'events', target: 'AWSEvents', load: () => import('@aws-sdk/client-eventbridge') },
  dynamodb: { signingName: 'dynamodb', target: 'DynamoDB_20120810', load: () => import('@aws-sdk/client-dynamodb') },
  sqs: { signingName: 'sqs', target: 'AmazonSQS', load: () => import('@aws-sdk/client-sqs') },
  cloudwatch: {
    signingName: 'monitoring',
    target: 'GraniteServiceVersion20100801',
    queryVersion: '2010-08-01',
    xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
    load: () => import('@aws-sdk/client-cloudwatch'),
  },
  ec2: {
    signingName: 'ec2',
    queryVersion: '2016-11-15',
    xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
    load: () => import('@aws-sdk/client-ec2'),
  },
  elasticloadbalancing: {
    signingName: 'elasticloadbalancing',
    queryVersion: '2015-12-01',
    xmlNamespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
    load: () => import('@aws-sdk/client-elastic-load-balancing-v2'),
  },
  autoscaling: {
    signingName: 'autoscaling',
    queryVersion: '2011-01-01',
    xmlNamespace: 'http://autoscaling.amazonaws.com/doc/2011-01-01/',
    load: () => import('@aws-sdk/client-auto-scaling'),
  },
  sns: {
    signingName: 'sns',
    queryVersion: '2010-03-31',
    xmlNamespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
    load: () => import('@aws-sdk/client-sns'),
  },
  sts: {
    signingName: 'sts',
    queryVersion: '2011-06-15',
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    load: () => import('@aws-sdk/client-sts'),
  },
  lambda: { signingName: 'lambda', rest: 'json', load: () => import('@aws-sdk/client-lambda') },
  scheduler: { signingName: 'scheduler', rest: 'json', load: () => import('@aws-sdk/client-scheduler') },
  s3: {
    signingName: 's3',
    rest: 'xml',
    xmlNamespace: 'http://s3.amazonaws.com/doc/2006-03-01/',
    load: () => import('@aws-sdk/client-s3'),
  },
};

const models = new Map<string, Promise<ApiModel>>();

export function apiModel(service: string): Promise<ApiModel> {
  const facts = SERVICES[service];
  if (!facts) throw unknownService(service);
  const known = models.get(service) ?? facts.load().then((client) => readModel(service, facts, client));
  models.set(service, known);
  return known;
}

export function unknownService(what: string): AwsError {
  return new AwsError(
    'UnknownOperationException',
    `The local AWS has no service "${what}"; it has ${Object.keys(SERVICES).sort().join(', ')}.`,
  );
}

// Schemas are tuples [kind, namespace, name, traits, ...]: 9 is an operation, -3 an error.
type SchemaTuple = [kind: number, namespace: string, name: string, traits: unknown, ...rest: unknown[]];

function readModel(service: string, facts: ServiceFacts, client: object): ApiModel {
  const model: ApiModel = {
    service,
    xmlNamespace: facts.xmlNamespace ?? '',
    operations: new Map(),
    errors: new Map(),
  };
  for (const schema of Object.values(client) as unknown[]) {
    if (!Array.isArray(schema)) continue;
    const [kind, , name] = schema as SchemaTuple;
    if (kind === 9) model.operations.set(name, readOperation(schema as SchemaTuple));
    if (kind === -3) model.errors.set(name, readError(schema as SchemaTuple));
  }
  return model;
}

function readOperation([, , name, traits, input, output]: SchemaTuple): Operation {
  const { http } = (traits as { http?: [string, string, number] } | 0) || {};
  const tuple = (schema: unknown) =>
    (typeof schema === 'function' ? schema() : schema) as Parameters<typeof NormalizedSchema.of>[0];
  return {
    name,
    input: NormalizedSchema.of(tuple(input)),
    output: NormalizedSchema.of(tuple(output)),
    ...(http && { http: { method: http[0], path: http[1], status: http[2], required: requiredMembers(tuple(input)) } }),
  };
}

/** A structure is [3, namespace, name, traits, names of members, schemas of members, how many of the first are required]. */
function requiredMembers(schema: unknown): string[] {
  if (!Array.isArray(schema) || schema[0] !== 3) return [];
  const [members, , count] = schema.slice(4) as [string[], unknown[], number?];
  return members.slice(0, count ?? 0);
}

function readError([, , , traits, members]: SchemaTuple): ErrorShape {
  const { error, httpError, awsQueryError } = traits as {
    error: 'client' | 'server';
    httpError?: number;
    awsQueryError?: [string, number];
  };
  return {
    status: httpError ?? awsQueryError?.[1] ?? (error === 'server' ? 500 : 400),
    ...(awsQueryError && { queryCode: awsQueryError[0] }),
    messageMember: (members as string[] | undefined)?.find((member) => member.toLowerCase() === 'message') ?? 'message',
  };
}
