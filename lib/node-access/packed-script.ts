import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

const [BEFORE, AFTER] = readFileSync(join(__dirname, 'unpack.sh'), 'utf8').split('@PACKED@') as [string, string];
/** What stays as it is: the interpreter, and which step it is. */
const HEAD = /^#!.*\n(?:readonly NODE_STEP=.*\n)?/;
/** In a gzip header: the system that compressed it. 255 is unknown, so that each system makes the same bytes. */
const SYSTEM_BYTE = 9;

/** A script that unpacks this one and runs it, about 40 % of its size: why, in docs/decisions/0017-compressed-documents.md. */
export function packScript(script: string): string {
  const head = HEAD.exec(script)?.[0] ?? '#!/bin/bash\n';
  const packed = gzipSync(script.replace(HEAD, ''), { level: 9 });
  packed[SYSTEM_BYTE] = 255;
  return [head, BEFORE, packed.toString('base64'), AFTER].join('');
}

/** The script that packScript was given. */
export function unpackScript(text: string): string {
  const head = text.indexOf(BEFORE);
  if (head < 0 || !text.endsWith(AFTER)) throw new Error('Expected a script that packScript made.');
  const packed = text.slice(head + BEFORE.length, -AFTER.length);
  return text.slice(0, head) + gunzipSync(Buffer.from(packed, 'base64')).toString('utf8');
}
