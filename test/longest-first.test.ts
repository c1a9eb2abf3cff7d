import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { FIRST } from './longest-first';

test('each file that begins first exists', () => {
  const files = readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).map((path) => basename(path));
  expect(FIRST.filter((name) => !files.includes(name))).toEqual([]);
});
