import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

const UNPACK = readFileSync(join(__dirname, 'unpack.sh'), 'utf8');
const [BEFORE, AFTER] = UNPACK.split('@PACKED@') as [string, string];
/** In a gzip header: the system that compressed it. 255 is unknown, so that each system makes the same bytes. */
const SYSTEM_BYTE = 9;

/** A script that unpacks this one and runs it, about 40 % of its size: why, in docs/decisions/0017-compressed-documents.md. */
export function packScript(script: string): string {
  const packed = gzipSync(script, { level: 9 });
  packed[SYSTEM_BYTE] = 255;
  return [BEFORE, packed.toString('base64'), AFTER].join('');
}

/** The script that packScript was given. */
export function unpackScript(text: string): string {
  if (!text.startsWith(BEFORE) || !text.endsWith(AFTER)) throw new Error('Expected a script that packScript made.');
  return gunzipSync(Buffer.from(text.slice(BEFORE.length, -AFTER.length), 'base64')).toString('utf8');
}
