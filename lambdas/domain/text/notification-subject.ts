import { shorten } from './shorten';

/** SNS takes at most 100 characters of printable ASCII, beginning with a letter, digit or punctuation; others make Publish fail. */
export function notificationSubject(subject: string): string {
  const ascii = subject
    .replace(/…/g, '...')
    .replace(/[^\x20-\x7e]/g, '?')
    .trim();
  return ascii.length <= 100 ? shorten(ascii, 100) : `${ascii.slice(0, 97)}...`;
}
