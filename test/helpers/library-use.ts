/** A shell text, taken apart: what runs when it is sourced, and its functions by name. */
interface ShellText {
  topLevel: string;
  functions: Map<string, string>;
}

/** A library that a script needs, and the first of its names that the script was seen to use. */
export interface LibraryUse {
  library: string;
  because: string;
}

/** Every function of the scripts is written so: on one line, or ended by a brace at the beginning of a line. */
const FUNCTION = /^([a-z0-9_]+)\(\) (?:\{.*\}|\{\n[\s\S]*?^\})$/gm;

function takeApart(text: string): ShellText {
  const code = text.replace(/^\s*#.*\n/gm, '');
  const functions = new Map([...code.matchAll(FUNCTION)].map(([body, name]) => [name!, body]));
  return { topLevel: code.replace(FUNCTION, ''), functions };
}

/** Functions, and the variables in capitals that a text sets when it is sourced. */
export function definitions(text: string): string[] {
  const { topLevel, functions } = takeApart(text);
  return [...functions.keys(), ...[...topLevel.matchAll(/^([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name!)];
}

/**
 * Names that a piece of code may use, by its form. A name with `_` or in capitals counts wherever it stands: so it may be an argument
 * (`trap step_end EXIT`). Any other one counts where a command stands, because it may be a word of a message.
 */
function uses(code: string): string[] {
  const anywhere = code.match(/\b(?:\w*_\w*|[A-Z][A-Z0-9]*)\b/g) ?? [];
  const commands =
    code.match(/(?<=(?:^|[;|&(){!]|\b(?:then|do|else|if|elif|while|until))[ \t]*)\b[a-z0-9]+\b(?!=)/gm) ?? [];
  return [...anywhere, ...commands];
}

/**
 * The libraries that a script needs: those of the functions and variables that its code reaches, through other functions too.
 * @param libraries text of each library by its path.
 */
export function librariesUsed(script: string, libraries: Map<string, string>): LibraryUse[] {
  const definedIn = new Map(
    [...libraries].flatMap(([library, text]) => definitions(text).map((name) => [name, library])),
  );
  const parts = new Map([...libraries].map(([library, text]) => [library, takeApart(text)]));
  const own = takeApart(script);
  const found = new Map<string, string>();
  const seen = new Set<string>();
  const waiting = [own.topLevel];
  while (waiting.length > 0) {
    for (const name of uses(waiting.pop()!)) {
      const library = definedIn.get(name);
      if (seen.has(name) || (!own.functions.has(name) && library === undefined)) continue;
      seen.add(name);
      if (own.functions.has(name)) {
        waiting.push(own.functions.get(name)!);
        continue;
      }
      const part = parts.get(library!)!;
      waiting.push(part.functions.get(name) ?? '');
      if (found.has(library!)) continue;
      found.set(library!, name);
      waiting.push(part.topLevel);
    }
  }
  return [...found].map(([library, because]) => ({ library, because }));
}
