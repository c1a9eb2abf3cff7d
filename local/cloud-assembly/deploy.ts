import { createHash } from 'node:crypto';
import { ACCOUNT, AwsError, REGION } from '../aws/aws-call';
import { mistakes } from '../aws/checked-action';
import { AssemblyError } from './assembly-error';
import { readTemplateFile } from './read-assembly';
import type { Scope } from './intrinsics';
import { resolve } from './intrinsics';
import { resourceOrder } from './resource-order';
import type { Created, Surroundings } from './resource-type';
import { RESOURCE_TYPES } from './resource-types';
import type { Template, TemplateResource } from './template';

/** The stack's resources, as they are after the deployment. */
export interface Deployed {
  /** Physical id by logical id. */
  refs: Record<string, string>;
  /**
   * Physical id by construct path, such as `Autopilot/CheckCertificates`: without what logical ids leave out.
   * @throws AssemblyError when there is none, with the paths that there are.
   */
  physicalId(constructPath: string): string;
}

/** Creates all resources of the assembly's stack, and of those nested in it, each after those that it depends on. */
export async function deploy(surroundings: DeploySurroundings): Promise<Deployed> {
  const { template, stackName, constructPaths } = surroundings.assembly;
  const created = await deployStack(stackName, template, {}, surroundings);
  const paths = new Map(
    [...created].map(([logicalId, { ref }]) => [plainPath(constructPaths.get(logicalId) ?? logicalId), ref]),
  );
  return {
    refs: Object.fromEntries([...created].map(([logicalId, { ref }]) => [logicalId, ref])),
    physicalId: (constructPath) => {
      const found = paths.get(plainPath(constructPath));
      if (found === undefined)
        throw new AssemblyError(
          `There is no resource at ${constructPath}; there are ${[...paths.keys()].sort().join(', ')}.`,
        );
      return found;
    },
  };
}

type DeploySurroundings = Omit<Surroundings, 'generateName' | 'deployNested'>;

async function deployStack(
  stackName: string,
  template: Template,
  parameters: Record<string, string>,
  surroundings: DeploySurroundings,
): Promise<Map<string, Created>> {
  const created = new Map<string, Created>();
  const scope = scopeOf(template, stackName, parameters, created);
  const all: Surroundings = {
    ...surroundings,
    generateName: (logicalId, most = 64) => generateName(stackName, logicalId, most),
    deployNested: async (name, file, values) => {
      await deployStack(name, await readTemplateFile(file), values, surroundings);
    },
  };
  const wanted = Object.fromEntries(
    Object.entries(template.Resources).filter(
      ([, { Condition }]) => Condition === undefined || scope.condition(Condition),
    ),
  );
  for (const logicalId of resourceOrder(wanted))
    created.set(logicalId, await create(logicalId, wanted[logicalId]!, scope, all));
  return created;
}

/** As in logical ids: a construct with the name Default is not named, and the resource within a construct is that construct's. */
const plainPath = (constructPath: string) => constructPath.replace(/\/Default(?=\/)/g, '').replace(/\/Resource$/, '');

async function create(
  logicalId: string,
  resource: TemplateResource,
  scope: Scope,
  surroundings: Surroundings,
): Promise<Created> {
  const what = `${logicalId} (${resource.Type})`;
  const type = RESOURCE_TYPES[resource.Type];
  if (!type) {
    throw new AssemblyError(
      `${what}: the local AWS does not know the resource type ${resource.Type}; it knows ${Object.keys(RESOURCE_TYPES).join(', ')}.`,
    );
  }
  const properties = type.properties.safeParse(resolve(resource.Properties ?? {}, scope, what));
  if (!properties.success) {
    throw new AssemblyError(`${what}: ${mistakes(properties.error)}`);
  }
  try {
    return await type.create(properties.data, surroundings, logicalId);
  } catch (error) {
    if (error instanceof AssemblyError) throw new AssemblyError(`${what}: ${error.message}`);
    const code = error instanceof AwsError ? `${error.code}: ` : '';
    throw new AssemblyError(`${what} could not be created: ${code}${(error as Error).message}`, { cause: error });
  }
}

function scopeOf(
  template: Template,
  stackName: string,
  parameters: Record<string, string>,
  created: Map<string, Created>,
): Scope {
  const pseudo: Record<string, string> = {
    'AWS::Region': REGION,
    'AWS::AccountId': ACCOUNT,
    'AWS::Partition': 'aws',
    'AWS::StackName': stackName,
    'AWS::StackId': `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/${stackName}/local`,
    'AWS::URLSuffix': 'amazonaws.com',
  };
  const get = (logicalId: string): Created => {
    const found = created.get(logicalId);
    if (!found) throw new AssemblyError(`There is no resource, parameter or pseudo parameter ${logicalId}.`);
    return found;
  };
  const scope: Scope = {
    ref: (name) =>
      pseudo[name] ??
      (template.Parameters[name]
        ? (parameters[name] ?? parameterValue(name, template.Parameters[name]))
        : get(name).ref),
    getAtt: (logicalId, attribute) => {
      const { attributes = {} } = get(logicalId);
      const value = attributes[attribute];
      if (value === undefined) {
        const type = template.Resources[logicalId]!.Type;
        throw new AssemblyError(
          `${logicalId} (${type}) has no attribute ${attribute} here; it has ${Object.keys(attributes).join(', ') || 'none'}.`,
        );
      }
      return value;
    },
    condition: (name) => {
      if (!(name in template.Conditions)) throw new AssemblyError(`There is no condition ${name}.`);
      return resolve(template.Conditions[name], scope, `Conditions.${name}`) === true;
    },
    mapping: (map, first, second) => {
      const value = template.Mappings[map]?.[first]?.[second];
      if (value === undefined) throw new AssemblyError(`The mapping ${map} has nothing at ${first}, ${second}.`);
      return value;
    },
  };
  return scope;
}

function parameterValue(name: string, { Type: type, Default: value }: { Type: string; Default?: unknown }): unknown {
  if (value === undefined)
    throw new AssemblyError(`The parameter ${name} (${type}) has no default, and nobody gives it a value here.`);
  return value;
}

/** The same name for the same stack each time, as hashes of CloudFormation are not. */
function generateName(stackName: string, logicalId: string, most: number): string {
  const hash = createHash('sha256').update(`${stackName}/${logicalId}`).digest('hex').slice(0, 12).toUpperCase();
  return `${`${stackName}-${logicalId}`.slice(0, most - hash.length - 1)}-${hash}`;
}
