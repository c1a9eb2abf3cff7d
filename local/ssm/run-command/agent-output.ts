/** What the agent sends of each stream, and the service keeps of stderr and of a step's summary. All in bytes, as the agent counts. */
const MOST_STREAM = 24_000;
const MOST_STDERR = 8_000;
const MOST_SUMMARY = 2_500;

const STREAM_CUT = '--output truncated--';
const OUTPUT_CUT = '\n---Output truncated---';
const ERROR_CUT = '\n---Error truncated----';
const ERROR_TITLE = '\n----------ERROR-------\n';

const head = (text: string, bytes: number) => {
  const all = Buffer.from(text);
  return all.length <= bytes
    ? text
    : all
        .subarray(0, bytes)
        .toString()
        .replace(/\uFFFD+$/, '');
};

/** The beginning of a stream; one that reaches the limit ends with `--output truncated--`. */
export function sentByAgent(stream: string): string {
  if (Buffer.byteLength(stream) < MOST_STREAM) return stream;
  return head(stream, MOST_STREAM - STREAM_CUT.length) + STREAM_CUT;
}

/** StandardErrorContent: the agent cuts stderr as late as stdout, so what the service cuts has no mark at its end. */
export const standardError = (stderr: string) => head(sentByAgent(stderr), MOST_STDERR);

/** stdout and stderr in 2,500 bytes, as ListCommandInvocations shows them. */
export function summary(stdout: string, stderr: string): string {
  const [outBytes, errorBytes] = [Buffer.byteLength(stdout), Buffer.byteLength(stderr)];
  const title = errorBytes ? ERROR_TITLE : '';
  const space = MOST_SUMMARY - title.length;
  if (outBytes + errorBytes < space) return stdout + title + stderr;
  if (outBytes > space / 2 && errorBytes > space / 2) {
    const each = Math.floor((space - OUTPUT_CUT.length - ERROR_CUT.length) / 2);
    return head(stdout, each) + OUTPUT_CUT + title + head(stderr, each) + ERROR_CUT;
  }
  if (outBytes <= space / 2) return stdout + title + head(stderr, space - ERROR_CUT.length - outBytes) + ERROR_CUT;
  return head(stdout, space - OUTPUT_CUT.length - errorBytes) + OUTPUT_CUT + title + stderr;
}
