import { firstThatFit } from '../first-that-fit';
import { count, shorten } from './plain-text';

/** Bytes of a mail's text. SNS takes 256 KiB; a state has to hold it beside the report, and a person to read it. */
export const MOST_MAIL_BYTES = 32_000;
const MOST_CHARACTERS_OF_LINE = 1_000;
const WITH_ITS_END = 1;

/**
 * A mail's text: no line can be broken or steered by what is in it, and each has at most 1,000 characters. Where they do not all fit into
 * 32,000 bytes, the last of `lines` are left out and counted; `closing` is there in any case.
 */
export function mailText(lines: string[], closing: string[] = []): string {
  const [body, end] = [plain(lines), plain(closing)];
  if (bytes(body) + bytes(end) <= MOST_MAIL_BYTES) return [...body, ...end].join('\n');
  const more = (number: number) => `- and ${count(number, 'more line')}`;
  const shown = firstThatFit(body, MOST_MAIL_BYTES - bytes([...end, more(body.length)]), size);
  return [...shown, more(body.length - shown.length), ...end].join('\n');
}

const plain = (lines: string[]): string[] => lines.map((line) => shorten(line, MOST_CHARACTERS_OF_LINE));
const size = (line: string): number => Buffer.byteLength(line) + WITH_ITS_END;
const bytes = (lines: string[]): number => lines.reduce((sum, line) => sum + size(line), 0);
