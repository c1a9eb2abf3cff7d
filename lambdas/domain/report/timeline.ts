import type { ProgressStep } from '../../contracts/api/operations';
import { escapeHtml } from './escape';

/** Units of the drawing: the page scales it to the screen's width. */
const WIDTH = 1000;
const LABEL = 190;
const ROW = 26;
const NAMES = 28;
/** A step that took no time is still seen. */
const LEAST = 3;

interface Lane {
  name: string;
  steps: ProgressStep[];
}

/** A lane for each node, and above them one for what is about no single node. */
export function lanesOf(steps: ProgressStep[]): Lane[] {
  const lanes = new Map<string, ProgressStep[]>();
  for (const step of steps) {
    const names = step.nodes.length > 0 ? step.nodes.map(({ name }) => name) : ['operation'];
    for (const name of names) lanes.set(name, [...(lanes.get(name) ?? []), step]);
  }
  const first = lanes.get('operation');
  lanes.delete('operation');
  const nodes = [...lanes].map(([name, of]) => ({ name, steps: of })).sort((a, b) => (a.name < b.name ? -1 : 1));
  return first ? [{ name: 'operation', steps: first }, ...nodes] : nodes;
}

/**
 * The steps of an operation along its time, as SVG.
 * @param end of the operation; until then drawn what still runs
 */
export function drawTimeline(steps: ProgressStep[], startedAt: string, end: string): string {
  const lanes = lanesOf(steps);
  const [from, to] = [Date.parse(startedAt), Date.parse(end)];
  const x = (time: number) =>
    LABEL + ((Math.min(Math.max(time, from), to) - from) / Math.max(1, to - from)) * (WIDTH - LABEL);
  const rows = lanes.map(({ name, steps: of }, row) => {
    const y = row * ROW;
    const bars = of.map((step) => {
      const state = step.nodes.find((node) => node.name === name)?.state ?? step.state;
      const [left, right] = [x(Date.parse(step.startedAt)), x(Date.parse(step.endedAt ?? end))];
      const width = Math.max(LEAST, right - left);
      const seconds = Math.round((Date.parse(step.endedAt ?? end) - Date.parse(step.startedAt)) / 1000);
      return `<rect class="${state}" x="${round(Math.min(left, WIDTH - width))}" y="${y + 5}" width="${round(width)}" height="${ROW - 10}" rx="2"><title>${escapeHtml(`${step.name}: ${state}, ${seconds} s`)}</title></rect>`;
    });
    const label = name.length > NAMES ? `${name.slice(0, NAMES - 1)}…` : name;
    return `<g><line class="lane" x1="${LABEL}" x2="${WIDTH}" y1="${y + ROW / 2}" y2="${y + ROW / 2}"/><text x="0" y="${y + ROW / 2 + 4}">${escapeHtml(label)}</text>${bars.join('')}</g>`;
  });
  const height = lanes.length * ROW + 24;
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Timeline of nodes and steps">${rows.join('')}${axis(from, to, x, height)}</svg>`;
}

/** Four marks with the time since the start. */
function axis(from: number, to: number, x: (time: number) => number, height: number): string {
  return [0, 1, 2, 3, 4]
    .map((part) => {
      const time = from + ((to - from) * part) / 4;
      const anchor = part === 0 ? 'start' : part === 4 ? 'end' : 'middle';
      return `<text class="axis" x="${round(x(time))}" y="${height - 6}" text-anchor="${anchor}">${sinceStart(time - from)}</text>`;
    })
    .join('');
}

function sinceStart(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

const round = (value: number) => Math.round(value * 10) / 10;
