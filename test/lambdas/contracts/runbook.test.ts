import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { USER_ERRORS } from '../../../lambdas/contracts/failures';
import { RUNBOOK, RUNBOOK_OF_FINDING } from '../../../lambdas/contracts/runbook';

const headings = readFileSync(join(__dirname, '../../../docs/operator-runbook.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('## '))
  .map((line) => line.slice(3));

test.each([...Object.values(RUNBOOK), ...Object.values(RUNBOOK_OF_FINDING), ...USER_ERRORS])(
  'the runbook has the heading "%s" that messages point to',
  (heading) => expect(headings).toContain(heading),
);
