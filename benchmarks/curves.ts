import type { Curves, Report, Row } from './harness';
import { shown } from './report';
import { us } from './selection';
import { fixed, grey, ink, ourColour, picture, text } from './svg';

const width = 820;
const height = 460;
const left = 76;
const right = 620;
const top = 84;
const bottom = 400;
const legendLeft = 650;
const lineHeight = 20;
const colours = ['#b45309', '#1d4ed8', '#9333ea', '#dc2626', '#4d7c0f', '#0891b2', '#6b7280'];

/** What one subject did, by place from left to right; nothing where it was not measured. */
interface Line {
  readonly subject: string;
  readonly colour: string;
  readonly rows: readonly (Row | undefined)[];
}

/**
 * Some scenarios of `report` as lines, one for each subject, over a logarithmic axis; upright strokes are the
 * ranges of the runs. Undefined if nothing of it was measured.
 */
export function curvesOf(
  { title, across, points }: Curves,
  report: Report,
  machine: Readonly<Record<string, number | string>>,
): string | undefined {
  const lines = linesOf(points, report.rows);
  const rows = lines.flatMap((line) => line.rows).filter((row) => row !== undefined);
  const [first] = rows;
  if (!first) return undefined;
  const figures = rows.flatMap(({ min, max }) => [min, max]).filter((figure) => figure > 0);
  const low = Math.floor(Math.log10(Math.min(...figures)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...figures))));
  const yOf = (figure: number): number => {
    const part = (Math.log10(Math.max(figure, 10 ** low)) - low) / (high - low);
    return bottom - part * (bottom - top);
  };
  const xOf = (place: number): number => left + ((place + 0.5) * (right - left)) / points.length;
  const powers = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
  const on = Object.entries(machine).map(([key, value]) => `${key} ${value}`);
  return picture({ width, height }, `${title} (${first.unit})`, `Medians. ${on.join(', ')}`, [
    ...powers.map((power) => gridLine(power, yOf(power))),
    ...points.map(({ label }, place) =>
      text(xOf(place), bottom + 20, label, 'text-anchor="middle"'),
    ),
    text((left + right) / 2, bottom + 42, across, `text-anchor="middle" ${grey}`),
    ...lines.map((line) => lineOf(line, xOf, yOf)),
    ...lines.map(({ subject, colour }, index) => {
      const y = top + index * lineHeight;
      const weight = subject === us ? 'font-weight="bold"' : '';
      return `<path d="M${legendLeft} ${y}h18" stroke="${colour}" stroke-width="3"/>\n${text(legendLeft + 26, y + 4, subject, weight)}`;
    }),
  ]);
}

function linesOf(points: Curves['points'], rows: readonly Row[]): Line[] {
  const subjects = [...new Set(rows.map(({ subject }) => subject))];
  const lines = subjects.map((subject, index) => ({
    subject,
    colour: subject === us ? ourColour : (colours[(index - 1) % colours.length] ?? ink),
    rows: points.map(({ scenario }) =>
      rows.find((row) => row.scenario === scenario && row.subject === subject),
    ),
  }));
  return lines.filter((line) => line.rows.some((row) => row !== undefined));
}

function gridLine(power: number, y: number): string {
  return [
    `<path d="M${left} ${fixed(y)}H${right}" stroke="#e5e7eb"/>`,
    text(left - 8, y + 4, shown(power), `text-anchor="end" ${grey}`),
  ].join('\n');
}

function lineOf(
  { subject, colour, rows }: Line,
  xOf: (place: number) => number,
  yOf: (figure: number) => number,
): string {
  const measured = rows.flatMap((row, place) => (row ? [{ row, x: fixed(xOf(place)) }] : []));
  const path = measured.map(({ row, x }) => `${x} ${fixed(yOf(row.median))}`).join('L');
  const ranges = measured.map(
    ({ row, x }) => `M${x} ${fixed(yOf(row.min))}V${fixed(yOf(row.max))}`,
  );
  const stroke = `fill="none" stroke="${colour}" stroke-width="${subject === us ? 3 : 1.5}"`;
  return [
    `<path d="M${path}" ${stroke}/>`,
    `<path d="${ranges.join('')}" stroke="${colour}"/>`,
    ...measured.map(
      ({ row, x }) => `<circle cx="${x}" cy="${fixed(yOf(row.median))}" r="3" fill="${colour}"/>`,
    ),
  ].join('\n');
}
