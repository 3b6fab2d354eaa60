import type { Report, Row } from './harness';
import { blocksOf, ratioOf, shareOf, shown, type Block } from './report';
import { us } from './selection';
import { fixed, grey, ink, ourColour, picture, text } from './svg';

const columns = 2;
const columnWidth = 560;
const margin = 24;
const nameWidth = 124;
const barWidth = 216;
const lineHeight = 20;
const headHeight = 40;
const titleHeight = 72;
const letterWidth = 6.2;

/** Where a figure of a unit stands on its axis, from 0 to 1. */
type Axis = (figure: number) => number;

/**
 * `report` as a picture: an SVG that needs nothing else. A block per scenario, a bar per subject; the
 * axes of one unit are the same, logarithmic but for shares, and the thin line is the range of the runs.
 */
export function chartOf(
  suite: string,
  report: Report,
  machine: Readonly<Record<string, number | string>>,
): string {
  const blocks = blocksOf(report);
  const parts: string[] = [];
  let top = titleHeight;
  for (let first = 0; first < blocks.length; first += columns) {
    const abreast = blocks.slice(first, first + columns);
    abreast.forEach((block, column) => {
      parts.push(blockOf(block, report.rows, margin + column * columnWidth, top));
    });
    top += Math.max(...abreast.map(heightOf));
  }
  const on = Object.entries(machine).map(([key, value]) => `${key} ${value}`);
  return picture(
    { width: 2 * margin + columns * columnWidth, height: top },
    `${suite}: ${us} and its peers`,
    `Medians; “×” is ${us} over it; thin lines are ranges. ${on.join(', ')}`,
    parts,
  );
}

function heightOf({ rows, skipped }: Block): number {
  return headHeight + (rows.length + skipped.length) * lineHeight + lineHeight;
}

function blockOf(block: Block, all: readonly Row[], left: number, top: number): string {
  const { scenario, unit, rows, skipped } = block;
  const axis = axisOf(all.filter((row) => row.unit === unit));
  const title = unit === undefined ? scenario : `${scenario} (${unit})`;
  const lineTop = (index: number): number => top + headHeight + index * lineHeight;
  return [
    text(left, top + 24, title, 'font-size="14" font-weight="bold"'),
    ...rows.map((row, index) => barOf(row, all, axis, left, lineTop(index))),
    ...skipped.map(({ subject, reason }, index) => {
      const baseline = lineTop(rows.length + index) + 14;
      const room = Math.floor((columnWidth - nameWidth - margin) / letterWidth);
      const short = reason.length > room ? `${reason.slice(0, room - 1)}…` : reason;
      return [
        text(left, baseline, subject, grey),
        text(left + nameWidth, baseline, short, `${grey} font-style="italic"`),
      ].join('\n');
    }),
  ].join('\n');
}

function barOf(row: Row, all: readonly Row[], axis: Axis, left: number, top: number): string {
  const { subject, median, min, max } = row;
  const ours = subject === us;
  const start = left + nameWidth;
  const length = axis(median) * barWidth;
  const [from, to] = [start + axis(min) * barWidth, start + axis(max) * barWidth];
  const middle = top + lineHeight / 2;
  const weight = ours ? 'font-weight="bold"' : '';
  return [
    text(left, top + 14, subject, weight),
    `<rect x="${start}" y="${top + 3}" width="${fixed(length)}" height="${lineHeight - 6}" ` +
      `fill="${ours ? ourColour : '#a8b3c2'}"/>`,
    `<path d="M${fixed(from)} ${middle}H${fixed(to)}" stroke="${ink}"/>`,
    text(start + Math.max(length, to - start) + 8, top + 14, labelOf(row, all), weight),
  ].join('\n');
}

function labelOf(row: Row, all: readonly Row[]): string {
  const ratio = ratioOf(row, all);
  const share = shareOf(row, all);
  return [
    shown(row.median),
    ...(ratio === undefined ? [] : [`${ratio}×`]),
    ...(share === undefined ? [] : [`${share} of ${String(row.variantOf)}`]),
  ].join('   ');
}

/** From a power of ten to another, with room for the smallest bar to be seen; or from nothing to 100 %. */
function axisOf(rows: readonly Row[]): Axis {
  const unit = rows[0]?.unit ?? '';
  if (unit.startsWith('%')) {
    const most = Math.max(100, ...rows.map(({ max }) => max));
    return (figure) => figure / most;
  }
  const figures = rows.flatMap(({ min, max }) => [min, max]).filter((figure) => figure > 0);
  const low = Math.floor(Math.log10(Math.min(...figures)) - 0.1);
  const high = Math.max(low + 1, Math.log10(Math.max(...figures)));
  return (figure) => (figure > 0 ? (Math.log10(figure) - low) / (high - low) : 0);
}
