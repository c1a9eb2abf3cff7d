import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AssemblyError } from './assembly-error';
import type { Template } from './template';
import { readTemplate } from './template';

export interface Assembly {
  stackName: string;
  template: Template;
  /** Construct paths such as `Autopilot/EventBus/Resource` by logical id. */
  constructPaths: Map<string, string>;
  /** Folder or file that CDK would upload under this S3 key, a folder as an archive. */
  asset(s3Key: string): string;
}

/** By construct path with a slash in front; the entry that matters has a resource's logical id as its data. */
type Metadata = Record<string, { type: string; data?: unknown }[]>;

interface Artifact {
  type: string;
  properties?: { templateFile?: string; stackName?: string; file?: string };
  metadata?: Metadata;
  additionalMetadataFile?: string;
}

interface Manifest {
  artifacts: Record<string, Artifact>;
}

interface AssetManifest {
  files: Record<
    string,
    { source: { path?: string; packaging?: string }; destinations: Record<string, { objectKey: string }> }
  >;
}

/** Reads the folder that `cdk synth` wrote: one stack and its assets. */
export async function readAssembly(folder: string): Promise<Assembly> {
  const manifest = (await readJson(join(folder, 'manifest.json'))) as unknown as Manifest;
  const artifacts = Object.entries(manifest.artifacts);
  const stacks = artifacts.filter(([, { type }]) => type === 'aws:cloudformation:stack');
  if (stacks.length !== 1) {
    throw new AssemblyError(
      `The local AWS runs an app of one stack; ${folder} has ${stacks.length}: ${stacks.map(([id]) => id).join(', ') || 'none'}.`,
    );
  }
  const [[id, stack]] = stacks as [(typeof stacks)[number]];
  const { properties } = stack;
  const template = await readJson(join(folder, properties?.templateFile ?? `${id}.template.json`));
  const assetFiles = artifacts
    .filter(([, { type }]) => type === 'cdk:asset-manifest')
    .map(([, artifact]) => artifact.properties!.file!);
  const assets = await Promise.all(assetFiles.map((file) => readAssets(folder, file)));
  return {
    stackName: properties?.stackName ?? id,
    template: readTemplate(template),
    constructPaths: await readConstructPaths(folder, stack),
    asset: (s3Key) => {
      const found = assets.map((byKey) => byKey.get(s3Key)).find(Boolean);
      if (!found)
        throw new AssemblyError(
          `The asset ${s3Key} is in none of the assembly's asset manifests (${assetFiles.join(', ')}).`,
        );
      return found;
    },
  };
}

/** CDK keeps them in the manifest or, newer, in a file beside it. */
async function readConstructPaths(
  folder: string,
  { metadata = {}, additionalMetadataFile: file }: Artifact,
): Promise<Map<string, string>> {
  const all = { ...metadata, ...(file !== undefined && ((await readJson(join(folder, file))) as Metadata)) };
  return new Map(
    Object.entries(all).flatMap(([path, entries]) =>
      entries
        .filter(({ type }) => type === 'aws:cdk:logicalId')
        .map(({ data }) => [String(data), path.replace(/^\//, '')] as const),
    ),
  );
}

async function readAssets(folder: string, file: string): Promise<Map<string, string>> {
  const { files } = (await readJson(join(folder, file))) as unknown as AssetManifest;
  return new Map(
    Object.values(files)
      .filter(({ source }) => source.path !== undefined)
      .flatMap(({ source, destinations }) =>
        Object.values(destinations).map(({ objectKey }) => [objectKey, resolve(folder, source.path!)] as const),
      ),
  );
}

/** Of a nested stack. */
export const readTemplateFile = async (file: string): Promise<Template> => readTemplate(await readJson(file));

async function readJson(path: string): Promise<Record<string, unknown>> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  } catch (error) {
    throw new AssemblyError(
      `${path} cannot be read as JSON (is it what cdk synth wrote?): ${(error as Error).message}`,
    );
  }
}
