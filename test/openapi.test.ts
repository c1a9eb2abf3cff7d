import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OPERATIONS } from '../lambdas/contracts/operation';
import { openApiDocument } from '../tools/openapi/document';

const document = openApiDocument();

test('docs/openapi.json is what the contracts say: npm run openapi writes it', () => {
  const committed = JSON.parse(readFileSync(join(__dirname, '../docs/openapi.json'), 'utf8'));
  expect(committed).toEqual(JSON.parse(JSON.stringify(document)));
});

test.each(OPERATIONS)('%s has a path of its own, with its own options', (operation) => {
  const { post } = document.paths![`/clusters/{cluster}/operations/${operation}`]!;
  const { schema } = (post!.requestBody as { content: Record<string, { schema: { properties: object } }> }).content[
    'application/json'
  ]!;
  expect(Object.keys(schema.properties)).toContain('planOnly');
  expect(document.paths).toHaveProperty([`/clusters/{cluster}/operations/${operation}/plan`]);
});
