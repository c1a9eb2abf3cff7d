import Table from 'cli-table3';

const NO_LINES = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'left-mid']
    .concat(['mid', 'mid-mid', 'right', 'right-mid'])
    .map((place) => [place, '']),
);

/** Columns without lines, so that they can be searched and cut. */
export function table(head: string[], rows: string[][]): string {
  const made = new Table({
    head,
    chars: { ...NO_LINES, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  made.push(...rows.map((row) => row.map(plain)));
  return made.toString().replace(/ +$/gm, '');
}

/** One line: what nodes and tags say must not steer the terminal. The command's own colours stay. */
export function plain(text: string): string {
  return text
    .replace(/\s+/g, ' ')

    .replace(/\x1b(?!\[\d{1,2}m)/g, '')
    .replace(/(?!\x1b)[\p{Cc}\p{Cf}]/gu, '');
}

/** As `plain`, line by line. */
export const plainLines = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.replace(/[\p{Cc}\p{Cf}]/gu, ' '))
    .join('\n');

/** What comes after the account number of an ARN; other texts as they are. */
export const shortArn = (arn: string): string => arn.replace(/^arn:[^:]*:[^:]*:[^:]*:[^:]*:/, '');
