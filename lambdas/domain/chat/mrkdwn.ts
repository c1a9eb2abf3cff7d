import { shorten } from '../text/plain-text';

/**
 * Text of nodes, tags and people for Slack's mrkdwn: one line, and nothing in it mentions people, links or calls a channel. Whatever comes
 * from outside goes through here.
 */
export const escape = (text: string, most = 300): string => entities(shorten(text, most));

/** The same for several lines. */
export const entities = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** A person; only for ids that Slack itself sent. */
export const mention = (user: string): string => `<@${user}>`;

/** As code, in which Slack formats nothing; backticks would end it. */
export const code = (text: string, most = 120): string => `\`${escape(text.replaceAll('`', "'"), most)}\``;

/** "45 s", "12 min", "1 h 05 min". */
export function took(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min${whole % 60 ? ` ${String(whole % 60).padStart(2, '0')} s` : ''}`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
