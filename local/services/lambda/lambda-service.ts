import type { AwsAction, AwsOutput, AwsService, Permission } from '../../aws/aws-call';
import { AwsError } from '../../aws/aws-call';
import type { Clock } from '../../clock';
import type { Iam } from '../../iam/iam';
import type { FunctionDefinition } from '../../lambda/function-definition';
import type { RuntimeSurroundings } from '../../lambda/function-runtime';
import { FunctionRuntime } from '../../lambda/function-runtime';
import type { Usage } from '../../usage';
import { AsyncInvocations } from './async-invocations';
import { describeFunction } from './describe-function';
import { functionArn, parseFunctionName } from './function-name';

/** Payload limits: API_Invoke and "Lambda quotas". */
const MOST_PAYLOAD_BYTES = { RequestResponse: 6_291_456, Event: 1_048_576 } as const;

export class LambdaService implements AwsService {
  readonly name = 'lambda';
  private readonly functions = new Map<string, FunctionRuntime>();
  /** Published versions by function name; all run the one code that there is. */
  private readonly versions = new Map<string, Set<string>>();
  private readonly asynchronous: AsyncInvocations;

  constructor(
    private readonly surroundings: RuntimeSurroundings,
    private readonly iam: Iam,
    private readonly usage: Usage,
    clock: Clock,
  ) {
    this.asynchronous = new AsyncInvocations(clock);
  }

  readonly actions: Record<string, AwsAction> = {
    Invoke: {
      permissions: (input) => this.onFunction('lambda:InvokeFunction', input),
      run: (input) => this.invoke(input),
    },
    ListFunctions: {
      run: async () => ({
        Functions: [...this.functions.values()].map(({ definition }) => describeFunction(definition)),
      }),
    },
    GetFunction: {
      permissions: (input) => this.onFunction('lambda:GetFunction', input),
      run: async (input) => ({ Configuration: describeFunction(this.find(input).definition), Tags: {} }),
    },
    GetFunctionConfiguration: {
      permissions: (input) => this.onFunction('lambda:GetFunctionConfiguration', input),
      run: async (input) => describeFunction(this.find(input).definition),
    },
    AddPermission: {
      permissions: (input) => this.onFunction('lambda:AddPermission', input),
      run: async (input) => this.addPermission(input),
    },
  };

  createFunction(definition: FunctionDefinition): void {
    if (this.functions.has(definition.name))
      throw new AwsError('ResourceConflictException', `Function already exist: ${definition.name}`, 409);
    this.functions.set(definition.name, new FunctionRuntime(definition, this.surroundings));
  }

  /** Answers the new version's number. */
  publishVersion(functionName: string): string {
    const published = this.versions.get(functionName) ?? new Set();
    this.versions.set(functionName, published);
    const version = String(published.size + 1);
    published.add(version);
    return version;
  }

  async stop(): Promise<void> {
    this.asynchronous.stop();
    await Promise.all([...this.functions.values()].map((fn) => fn.stop()));
  }

  private async invoke(input: Record<string, unknown>): Promise<AwsOutput> {
    const fn = this.find(input);
    const type = (input['InvocationType'] ?? 'RequestResponse') as string;
    if (type === 'DryRun') return { StatusCode: 204 };
    if (type !== 'RequestResponse' && type !== 'Event') {
      throw new AwsError(
        'InvalidParameterValueException',
        `InvocationType must be RequestResponse, Event or DryRun, not ${type}.`,
      );
    }
    const payload = readPayload(input['Payload'], MOST_PAYLOAD_BYTES[type]);
    const run = () => {
      this.usage.lambdaInvocations += 1;
      return fn.invoke(payload);
    };
    if (type === 'Event') {
      this.asynchronous.start(fn.definition.name, run);
      return { StatusCode: 202 };
    }
    const outcome = await run();
    return {
      StatusCode: 200,
      ExecutedVersion: '$LATEST',
      Payload: new Uint8Array(Buffer.from(outcome.payload)),
      ...(outcome.functionError && { FunctionError: outcome.functionError }),
    };
  }

  private addPermission(input: Record<string, unknown>): AwsOutput {
    const { definition } = this.find(input);
    const { StatementId: sid, Action: action, Principal: principal, SourceArn: arn, SourceAccount: account } = input;
    const statement = {
      Sid: sid,
      Effect: 'Allow',
      Principal: String(principal).endsWith('.amazonaws.com') ? { Service: principal } : { AWS: principal },
      Action: action,
      Resource: definition.arn,
      Condition: {
        ...(arn !== undefined && { ArnLike: { 'AWS:SourceArn': arn } }),
        ...(account !== undefined && { StringEquals: { 'AWS:SourceAccount': account } }),
      },
    };
    this.iam.addResourcePolicy(
      definition.arn,
      { Statement: [statement] },
      `The permission ${String(sid)} of ${definition.name}`,
    );
    return { Statement: JSON.stringify(statement) };
  }

  private onFunction(action: string, input: Record<string, unknown>): Permission[] {
    const { name, qualifier } = parseFunctionName(input);
    const arn = functionArn(name);
    return [{ action, resource: qualifier ? `${arn}:${qualifier}` : arn }];
  }

  private find(input: Record<string, unknown>): FunctionRuntime {
    const { name, qualifier } = parseFunctionName(input);
    const fn = this.functions.get(name);
    const isPublished = !qualifier || qualifier === '$LATEST' || this.versions.get(name)?.has(qualifier);
    if (!fn || !isPublished) {
      throw new AwsError(
        'ResourceNotFoundException',
        `Function not found: ${functionArn(name)}${qualifier ? `:${qualifier}` : ''}`,
        404,
      );
    }
    return fn;
  }
}

function readPayload(given: unknown, limit: number): string {
  const bytes =
    given === undefined
      ? Buffer.from('{}')
      : typeof given === 'string'
        ? Buffer.from(given)
        : Buffer.from(given as Uint8Array);
  if (bytes.length > limit) {
    throw new AwsError(
      'RequestTooLargeException',
      `Request must be smaller than ${limit} bytes for the InvokeFunction operation`,
      413,
    );
  }
  const text = bytes.length ? bytes.toString('utf8') : '{}';
  try {
    JSON.parse(text);
  } catch (error) {
    throw new AwsError(
      'InvalidRequestContentException',
      `Could not parse request body into json: ${(error as Error).message}`,
    );
  }
  return text;
}
