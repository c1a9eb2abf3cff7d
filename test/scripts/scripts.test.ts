import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const SCRIPTS = join(__dirname, '../../scripts');

const scripts = readdirSync(SCRIPTS).filter((name) => name.endsWith('.sh'));
const libraries = readdirSync(join(SCRIPTS, 'lib'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.sh'))
  .map((name) => join('lib', name));

describe('scripts on nodes', () => {
  test.each([...scripts, ...libraries])('%s keeps to what SSM and old shells understand', (file) => {
    const text = readFileSync(join(SCRIPTS, file), 'utf8');
    const code = text.replace(/^\s*#.*$/gm, '');
    // SSM takes two opening braces for a parameter.
    expect(text).not.toContain('{{');
    // bash 3.2 and POSIX tools, and no here-strings: they need a disk that is not full.
    expect(code).not.toMatch(
      /\b(mapfile|readarray|declare -A|local -A|declare -n|local -n)\b|\$\{\w+(,,|\^\^)\}|<<<|<<-?['"]?\w/,
    );
    expect(code).not.toMatch(/\bdate -d\b|\bstat -c\b|\bsed -i\b|\breadlink -f\b|\bjq\b/);
    // NODE_ROOT is empty on a real node: what ends a script where it is would end it there alone.
    expect(code).not.toMatch(/\$\{ROOT:\?/);
    // Every node's paths go through NODE_ROOT: a file is never opened by its bare name.
    expect(code).not.toMatch(/(<|>|\bcat|\b-[efrsd]) *"?\/(etc|var|root)\//);
  });
});
