import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeStepName } from '../../lib/node-access/node-steps';

const SCRIPTS = join(__dirname, '../../scripts');
const SOURCE_LINE = /^\. ".*\/(lib\/.+)"\n/gm;
const COMMENT_OR_EMPTY_LINE = /^\s*(#.*)?\n/gm;

const read = (file: string) => readFileSync(join(SCRIPTS, file), 'utf8');

/** Each library's text without comments, by its path, such as lib/core/json.sh. */
export const LIBRARIES = new Map(
  readdirSync(join(SCRIPTS, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.sh'))
    .map((name) => [`lib/${name}`, read(`lib/${name}`).replaceAll(COMMENT_OR_EMPTY_LINE, '')]),
);

/** A script's text without the lines that source libraries. */
export const ownText = (step: NodeStepName): string => read(`${step}.sh`).replaceAll(SOURCE_LINE, '');

/** Paths of the libraries that a script sources. */
export const sourcedLibraries = (step: NodeStepName): string[] =>
  [...read(`${step}.sh`).matchAll(SOURCE_LINE)].map(([, library]) => library!);
