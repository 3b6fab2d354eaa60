import type { Report, Row, Skipped } from './harness';
import { us } from './selection';

const nameWidth = 18;

/** What is told of one scenario. */
export interface Block {
  readonly scenario: string;
  /** Undefined if nobody could do it. */
  readonly unit: string | undefined;
  readonly rows: readonly Row[];
  readonly skipped: readonly Skipped[];
}

/** `report` by scenario, in the order of measurement. */
export function blocksOf({ rows, skipped }: Report): Block[] {
  const scenarios = new Set([...rows, ...skipped].map(({ scenario }) => scenario));
  return [...scenarios].map((scenario) => {
    const ofIt = rows.filter((row) => row.scenario === scenario);
    return {
      ...{ scenario, unit: ofIt[0]?.unit, rows: ofIt },
      skipped: skipped.filter((entry) => entry.scenario === scenario),
    };
  });
}

/** `scenario: us / peer`, and `subject: variant / scenario`; those that divide by nothing are left out. */
export function ratiosOf(rows: readonly Row[]): Record<string, number> {
  const ratios: Record<string, number> = {};
  for (const row of rows) {
    const ratio = ratioOf(row, rows);
    if (ratio !== undefined) ratios[`${row.scenario}: ${us} / ${row.subject}`] = ratio;
    const share = shareOf(row, rows);
    if (share !== undefined) {
      ratios[`${row.subject}: ${row.scenario} / ${String(row.variantOf)}`] = share;
    }
  }
  return ratios;
}

/** Our median over that of `row`: above 1 we do more a second, or weigh more. */
export function ratioOf(row: Row, rows: readonly Row[]): number | undefined {
  if (row.subject === us) return undefined;
  const ours = rows.find(({ scenario, subject }) => scenario === row.scenario && subject === us);
  return quotient(ours, row);
}

/** The median of `row` over that of the scenario of which it is a variant. */
export function shareOf(row: Row, rows: readonly Row[]): number | undefined {
  const { subject, variantOf } = row;
  const plain = rows.find((other) => other.scenario === variantOf && other.subject === subject);
  return plain && quotient(row, plain);
}

function quotient(over: Row | undefined, under: Row): number | undefined {
  if (!over || under.median === 0) return undefined;
  return Number((over.median / under.median).toPrecision(3));
}

/** `report` as a table for people, a block per scenario. */
export function tableOf(report: Report): string {
  const lines = blocksOf(report).flatMap(({ scenario, unit, rows, skipped }) => [
    ...['', unit === undefined ? scenario : `${scenario} (${unit})`],
    ...rows.map((row) => lineOf(row, report.rows)),
    ...skipped.map(({ subject, reason }) => `  ${subject.padEnd(nameWidth)}   skipped: ${reason}`),
  ]);
  return lines.join('\n');
}

function lineOf(row: Row, rows: readonly Row[]): string {
  const range = `${shown(row.min)} to ${shown(row.max)} in ${row.runs} runs`;
  const ratio = ratioOf(row, rows);
  const share = shareOf(row, rows);
  const compared = [
    ratio === undefined ? '' : `${us} / it: ${ratio}`.padEnd(24),
    share === undefined ? '' : `${share} of ${String(row.variantOf)}`,
  ].join(ratio === undefined ? ' '.repeat(24) : '');
  const line = `  ${row.subject.padEnd(nameWidth)}${shown(row.median).padStart(10)}   ${range.padEnd(36)}`;
  return `${line}${compared}`.trimEnd();
}

/** `figure` with three digits. */
export function shown(figure: number): string {
  if (figure === 0) return '0';
  return figure >= 1_000 ? Math.round(figure).toString() : figure.toPrecision(3);
}
