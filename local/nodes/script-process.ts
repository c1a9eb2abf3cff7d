import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { StringDecoder } from 'node:string_decoder';
import type { OutputLine, ScriptRun } from './node';

/** Kept of each stream; what comes later is still told line by line. */
const KEPT_CHARACTERS = 4 * 1024 * 1024;
/** A background process that holds the script's stdout is not waited for longer than this. */
const DRAIN_MS = 200;

/** 128 and the signal's number where a signal ended it. */
export function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      const exitCode = code ?? 128 + (signal ? constants.signals[signal] : 0);
      const drained = setTimeout(() => resolve(exitCode), DRAIN_MS);
      child.once('close', () => {
        clearTimeout(drained);
        resolve(exitCode);
      });
    });
  });
}

/** Returns how to get the text so far; the last line counts even without its line feed. */
export function collect(
  child: ChildProcess,
  stream: OutputLine['stream'],
  onOutput?: ScriptRun['onOutput'],
): () => string {
  const decoder = new StringDecoder('utf8');
  let text = '';
  let unfinished = '';
  child[stream]?.on('data', (chunk: Buffer) => {
    const part = decoder.write(chunk);
    text += part.slice(0, KEPT_CHARACTERS - text.length);
    const lines = (unfinished + part).split('\n');
    unfinished = lines.pop() ?? '';
    for (const line of lines) onOutput?.({ stream, line });
  });
  child[stream]?.on('end', () => {
    if (unfinished) onOutput?.({ stream, line: unfinished });
  });
  return () => text;
}
