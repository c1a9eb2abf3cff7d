import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeStepName } from './node-steps';
import { NODE_STEPS } from './node-steps';

const SCRIPTS = join(__dirname, '../../scripts');
const SHEBANG = '#!/bin/bash';
/** The one way to source a library: `. "${BASH_SOURCE%/*}/lib/FOLDER/NAME.sh"`. */
const LIBRARY = /^\. "\$\{BASH_SOURCE%\/\*\}\/(lib\/(?:[a-z0-9-]+\/)+[a-z0-9-]+\.sh)"\s*$/;
const SOURCES = /^\s*(\.|source)\s/;
const COMMENT_OR_EMPTY = /^\s*(#.*)?$/;

/** A line of a script or library, and where it is: `scripts/lib/core/json.sh:12`. */
interface Line {
  text: string;
  place: string;
}

/**
 * The text of a node step's script with its libraries put in, and the step's name and time limit after the first line.
 * @param folder where the scripts are; `lib` in it has the libraries.
 * @throws Error that names file and line where the script or a library does not keep to docs/node-steps.md.
 */
export function nodeStepScript(step: NodeStepName, folder = SCRIPTS): string {
  const script = linesOf(`${step}.sh`, folder);
  if (script[0]!.text !== SHEBANG) {
    throw new Error(
      `${script[0]!.place} must be the line ${SHEBANG}: without it the SSM agent runs the script under sh.`,
    );
  }
  const lines = withLibraries(script, folder);
  lines.forEach(checkLine);
  const timeLimit = NODE_STEPS[step].executionSeconds - 30;
  // SSM counts every byte. Bash does without indentation, and so does awk, the only language of texts that are longer than a line.
  const code = lines.map(({ text }) => text.trimStart()).filter((text) => !COMMENT_OR_EMPTY.test(text));
  return [SHEBANG, `readonly NODE_STEP=${step} NODE_STEP_TIME_LIMIT=${timeLimit}`, ...code, ''].join('\n');
}

function linesOf(file: string, folder: string): Line[] {
  const text = readFileSync(join(folder, file), 'utf8').trimEnd();
  return text.split('\n').map((line, index) => ({ text: line, place: `scripts/${file}:${index + 1}` }));
}

/** Puts each library in the place of the line that sources it. */
function withLibraries(script: Line[], folder: string): Line[] {
  const sourcedAt = new Map<string, string>();
  return script.flatMap((line) => {
    if (!SOURCES.test(line.text)) return line;
    const library = LIBRARY.exec(line.text)?.[1];
    if (library === undefined) {
      throw new Error(
        `${line.place} must source a library as . "\${BASH_SOURCE%/*}/lib/FOLDER/NAME.sh", not as ${line.text.trim()}.`,
      );
    }
    if (sourcedAt.has(library)) {
      throw new Error(
        `${line.place} sources ${library} again, after ${sourcedAt.get(library)}: remove one of the two lines.`,
      );
    }
    if (!existsSync(join(folder, library))) {
      throw new Error(`${line.place} sources ${library}, but there is no file scripts/${library}.`);
    }
    sourcedAt.set(library, line.place);
    return linesOf(library, folder).map(libraryLine);
  });
}

function libraryLine(line: Line): Line {
  if (!SOURCES.test(line.text)) return line;
  throw new Error(
    `${line.place} sources a file: list it in each script that uses the library, so that no library comes twice.`,
  );
}

function checkLine({ text, place }: Line): void {
  if (text.includes('{{')) {
    throw new Error(`${place} must not contain two opening braces in a row: SSM takes them for a parameter.`);
  }
  if (/<<-?\s*['"\\]?[A-Za-z_]/.test(text)) {
    throw new Error(`${place} must not begin a here-document: comment lines are left out of it, wherever they stand.`);
  }
}
