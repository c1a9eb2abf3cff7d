import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openApiDocument } from './document';
import { render } from './render';

/** Writes docs/openapi.json: `npm run openapi`, after a change of the contracts. */
void render(openApiDocument()).then((text) => writeFileSync(join(__dirname, '../../docs/openapi.json'), text));
