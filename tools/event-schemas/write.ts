import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { render } from '../openapi/render';
import { eventSchemas } from './schemas';

/** Writes docs/events/*.json: `npm run event-schemas`, after a change of the contracts. */
for (const [file, schema] of Object.entries(eventSchemas()))
  void render(schema).then((text) => writeFileSync(join(__dirname, '../../docs/events', file), text));
