import type { Interval } from './operation';
import { never, type Part, partOfOperations } from './part';

export interface TimelineOptions<O> {
  /** What an operation did, in a few words; long ones are cut, and shown when they are pointed at. */
  readonly describe: (operation: O) => string;
  /** The one that cannot be placed, if it shall stand out. */
  readonly unplaced?: O | undefined;
  /** An order in which others could take effect: their places in it are written to them. */
  readonly order?: readonly O[];
}

const rowHeight = 36;
const barHeight = 24;
const left = 96;
const margin = 12;
const gapWidth = 16;
const shownLength = 36;
const letterWidth = 6.8;

const looks = {
  answered: { bar: 'fill="#dbeafe" stroke="#2563eb"', text: '#1e3a8a' },
  pending: { bar: 'fill="#f3f4f6" stroke="#6b7280" stroke-dasharray="4 3"', text: '#374151' },
  unplaced: { bar: 'fill="#fee2e2" stroke="#dc2626" stroke-width="2"', text: '#991b1b' },
} as const;

/**
 * A picture of `operations`, as SVG that needs nothing else: a bar for each operation, from its call to its return,
 * in a row of its client. Only the order of events is to scale. What is pending is dashed, and open to the right.
 */
export function timelineSvg<O extends Interval>(
  operations: readonly O[],
  options: TimelineOptions<O>,
): string {
  const part = partOfOperations(operations);
  const labels = part.operations.map((operation) => labelOf(operation, options));
  const { edges, width } = edgesOf(part, labels);
  const { rowOf, clients } = rowsOf(part);
  const height = yOf(clients.length);
  const bars = part.operations.map((operation, index) => {
    const end = part.returns[index] ?? never;
    const from = edges[part.calls[index] ?? 0] ?? left;
    const to = edges[end] ?? width - margin;
    const isUnplaced = operation === options.unplaced;
    const look = looks[isUnplaced ? 'unplaced' : end === never ? 'pending' : 'answered'];
    return [
      `<g><title>${escapeMarkup(options.describe(operation))}${isUnplaced ? ' (cannot be placed)' : ''}</title>`,
      `<rect x="${from}" y="${yOf(rowOf[index] ?? 0)}" width="${to - from}" height="${barHeight}" rx="3" ${look.bar}/>`,
      `<text x="${from + 6}" y="${yOf(rowOf[index] ?? 0) + 16}" fill="${look.text}">${escapeMarkup(labels[index] ?? '')}</text></g>`,
    ].join('');
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...clients.map((client, row) => {
      return `<text x="${margin}" y="${yOf(row) + 16}" fill="#374151">client ${client}</text>`;
    }),
    ...bars,
    '</svg>\n',
  ].join('\n');
}

/** What stands in the bar of `operation`. */
function labelOf<O extends Interval>(
  operation: O,
  { describe, unplaced, order = [] }: TimelineOptions<O>,
): string {
  const number = order.indexOf(operation) + 1;
  const mark = operation === unplaced ? '✗ ' : number > 0 ? `${number}. ` : '';
  const whole = `${mark}${describe(operation)}`;
  return whole.length > shownLength ? `${whole.slice(0, shownLength - 1)}…` : whole;
}

/** Where each event is, from left to right, such that every label fits its bar; and how wide that makes it all. */
function edgesOf(
  part: Part<Interval>,
  labels: readonly string[],
): { readonly edges: readonly number[]; readonly width: number } {
  const calls = [...part.calls.entries()].map(([index, rank]) => ({
    index,
    rank,
    isReturn: false,
  }));
  const returns = [...part.byReturn].map((index) => {
    return { index, rank: part.returns[index] ?? never, isReturn: true };
  });
  const edges: number[] = [];
  const ends: number[] = [left];
  let last = left - gapWidth;
  for (const { index, rank, isReturn } of [...calls, ...returns].sort((a, b) => a.rank - b.rank)) {
    last += gapWidth;
    if (isReturn) last = Math.max(last, ends[index] ?? 0);
    else ends[index] = last + Math.ceil((labels[index] ?? '').length * letterWidth) + margin;
    edges[rank] = last;
  }
  return { edges, width: Math.ceil(Math.max(last, ...ends)) + gapWidth + margin };
}

/** A row for each client, and another where one of its operations is shown as pending though it went on. */
function rowsOf(part: Part<Interval>): {
  readonly rowOf: readonly number[];
  readonly clients: readonly number[];
} {
  const rows: { readonly client: number; free: number }[] = [];
  const rowOf = part.operations.map(({ client }, index) => {
    const call = part.calls[index] ?? 0;
    let row = rows.findIndex((other) => other.client === client && other.free < call);
    if (row < 0) row = rows.push({ client, free: 0 }) - 1;
    const taken = rows[row];
    if (taken) taken.free = part.returns[index] ?? never;
    return row;
  });
  return { rowOf, clients: rows.map(({ client }) => client) };
}

function yOf(row: number): number {
  return margin + row * rowHeight;
}

/** `text` as HTML and XML have it. */
export function escapeMarkup(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  // Characters that XML has no way to write are left out.
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
