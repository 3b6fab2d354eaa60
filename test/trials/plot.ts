import type { Performance } from './perform';

const width = 1_000;
const height = 260;
const margin = { left: 70, right: 20, top: 40, bottom: 30 };
const markHeight = 14;
const periodMs = 250;
/** At most so many names of what happened are drawn; the lines always are. */
const mostNames = 24;

/** The answers a second of a trial over time, and what happened when: an SVG that needs nothing else. */
export function plotOf({ trial, service }: Performance): string {
  const counts = service.counts(periodMs).map((count) => (count * 1_000) / periodMs);
  const most = Math.max(1, ...counts);
  const spanMs = Math.max(1, service.nowMs);
  const x = (atMs: number): string =>
    (margin.left + (atMs / spanMs) * (width - margin.left - margin.right)).toFixed(1);
  const floor = height - margin.bottom;
  const y = (rate: number): string => (floor - (rate / most) * (floor - margin.top)).toFixed(1);
  const points = counts.map((rate, index) => `${x((index + 0.5) * periodMs)},${y(rate)}`);
  const names = service.marks.slice(0, mostNames);
  const total = height + names.length * markHeight + 10;
  const lines = service.marks.map(({ atMs }, index) => {
    const number = index < mostNames ? String(index + 1) : '';
    return [
      `<line x1="${x(atMs)}" x2="${x(atMs)}" y1="${margin.top}" y2="${floor}" stroke="#dc2626" stroke-width="0.8"/>`,
      text(Number(x(atMs)) + 2, margin.top + 10, number, 'fill="#dc2626" font-size="10"'),
    ].join('\n');
  });
  const legend = names.map(({ atMs, text: what }, index) =>
    text(
      margin.left,
      height + (index + 1) * markHeight,
      `${index + 1}. ${(atMs / 1_000).toFixed(1)} s: ${what}`,
    ),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${total}" ` +
      `viewBox="0 0 ${width} ${total}" font-family="sans-serif" font-size="11" role="img">`,
    `<title>${escaped(trial.name)}: answers a second</title>`,
    `<rect width="${width}" height="${total}" fill="#ffffff"/>`,
    text(margin.left, 20, `${trial.about}: answers a second`, 'font-size="14" font-weight="bold"'),
    text(8, margin.top + 4, String(Math.round(most))),
    text(8, floor, '0'),
    text(width - margin.right - 40, floor + 16, `${(spanMs / 1_000).toFixed(0)} s`),
    ...lines,
    `<polyline points="${points.join(' ')}" fill="none" stroke="#1d4ed8" stroke-width="1.2"/>`,
    ...legend,
    '</svg>',
    '',
  ].join('\n');
}

function text(left: number, baseline: number, words: string, style = ''): string {
  return `<text x="${left}" y="${baseline}" ${style}>${escaped(words)}</text>`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function escaped(words: string): string {
  return words.replace(/[&<>]/g, (character) => entities[character] ?? character);
}
