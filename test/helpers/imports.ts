import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

const PROJECT = resolve(__dirname, '../..');

/** What each file imports, type-only imports too. Files by their paths in the project, packages and Node.js modules by their names. */
export type Imports = Record<string, string[]>;

/** The imports of every TypeScript and JavaScript file below the folders; a folder that does not exist has none. */
export function importsOf(folders: readonly string[]): Imports {
  const files = folders
    .filter((folder) => existsSync(join(PROJECT, folder)))
    .flatMap((folder) =>
      readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(ts|js|mjs)$/.test(name))
        .map((name) => join(folder, name)),
    );
  return Object.fromEntries(files.sort().map((file) => [file, importsOfFile(file)]));
}

function importsOfFile(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(PROJECT, file), 'utf8'), true, true);
  return importedFiles.map(({ fileName }) => (fileName.startsWith('.') ? fileOf(file, fileName) : fileName));
}

/** The file that a relative import names. */
function fileOf(importer: string, name: string): string {
  const from = join(PROJECT, importer);
  const { resolvedModule } = ts.resolveModuleName(name, from, RESOLUTION, ts.sys);
  return relative(PROJECT, resolvedModule?.resolvedFileName ?? resolve(dirname(from), name));
}

const RESOLUTION: ts.CompilerOptions = { moduleResolution: ts.ModuleResolutionKind.Bundler, allowJs: true };

/** Every group of files that import each other, directly or through others of the group (Tarjan's strongly connected components). */
export function cyclesIn(imports: Imports): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const path: string[] = [];
  const groups: string[][] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    lowest.set(file, order.get(file)!);
    path.push(file);
    for (const imported of imports[file]!) {
      if (!(imported in imports)) continue;
      if (!order.has(imported)) visit(imported);
      if (path.includes(imported)) lowest.set(file, Math.min(lowest.get(file)!, lowest.get(imported)!));
    }
    if (lowest.get(file) !== order.get(file)) return;
    const group = path.splice(path.indexOf(file));
    if (group.length > 1 || imports[file]!.includes(file)) groups.push(group.sort());
  };
  for (const file of Object.keys(imports)) if (!order.has(file)) visit(file);
  return groups;
}
