import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { nodeStepScript } from '../../../lib/node-access/node-step-script';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'scripts-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Renders check-certificates.sh, with libraries by their paths below the folder. */
function render(script: string, libraries: Record<string, string> = {}): string {
  for (const [file, text] of Object.entries({ 'check-certificates.sh': script, ...libraries })) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return nodeStepScript('check-certificates', folder);
}
const source = (library: string) => `. "\${BASH_SOURCE%/*}/${library}"\n`;
const BEGIN = '#!/bin/bash\nreadonly NODE_STEP=check-certificates NODE_STEP_TIME_LIMIT=150\n';

test('comments, empty lines and indentation are left out, all else stays as it is', () => {
  expect(render('#!/bin/bash\n# why\nset -eu\n\n  # more\n  echo "#no comment" # end\n')).toBe(
    `${BEGIN}set -eu\necho "#no comment" # end\n`,
  );
});

test('libraries stand where they are sourced, from folders of any depth', () => {
  const libraries = { 'lib/core/a.sh': '# A.\na() { :; }\n', 'lib/static-pods/deeper/b.sh': 'b() { a; }\n\n' };
  const script = `#!/bin/bash\n${source('lib/core/a.sh')}${source('lib/static-pods/deeper/b.sh')}b\n`;
  expect(render(script, libraries)).toBe(`${BEGIN}a() { :; }\nb() { a; }\nb\n`);
});

describe('what does not keep to the contract is refused, with file and line', () => {
  test.each([
    ['#!/bin/sh\n', 'scripts/check-certificates.sh:1 must be the line #!/bin/bash'],
    ['#!/bin/bash\necho "{{ x }}"\n', 'scripts/check-certificates.sh:2 must not contain two opening braces in a row'],
    ['#!/bin/bash\n\ncat <<EOF\n# x\nEOF\n', 'scripts/check-certificates.sh:3 must not begin a here-document'],
    [
      `#!/bin/bash\n${source('lib/core/none.sh')}`,
      'scripts/check-certificates.sh:2 sources lib/core/none.sh, but there is no file scripts/lib/core/none.sh.',
    ],
    [
      `#!/bin/bash\n${source('lib/core/a.sh')}# again\n${source('lib/core/a.sh')}`,
      'scripts/check-certificates.sh:4 sources lib/core/a.sh again, after scripts/check-certificates.sh:2: remove one of the two lines.',
    ],
    [
      '#!/bin/bash\n. lib/core/a.sh\n',
      'must source a library as . "${BASH_SOURCE%/*}/lib/FOLDER/NAME.sh", not as . lib/core/a.sh.',
    ],
    ['#!/bin/bash\nsource /etc/os-release\n', 'scripts/check-certificates.sh:2 must source a library as'],
    [`#!/bin/bash\n${source('lib/a.sh')}`, 'scripts/check-certificates.sh:2 must source a library as'],
    [`#!/bin/bash\n${source('lib/../a.sh')}`, 'scripts/check-certificates.sh:2 must source a library as'],
    [
      `#!/bin/bash\n${source('lib/core/sources.sh')}`,
      'scripts/lib/core/sources.sh:2 sources a file: list it in each script that uses the library, so that no library comes twice.',
    ],
    [
      `#!/bin/bash\n${source('lib/core/braces.sh')}`,
      'scripts/lib/core/braces.sh:3 must not contain two opening braces in a row',
    ],
  ])('%j', (script, reason) => {
    const libraries = {
      'lib/core/a.sh': '# A.\n',
      'lib/core/sources.sh': `# B.\n${source('lib/core/a.sh')}`,
      'lib/core/braces.sh': '# C.\n\necho "{{ x }}"\n',
    };
    expect(() => render(script, libraries)).toThrow(reason);
  });
});
