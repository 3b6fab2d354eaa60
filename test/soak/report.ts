import { Tally } from './lane';
import type { Outcome } from './soak';

/** What became of the events of one kind. */
interface Row {
  readonly kind: string;
  readonly sent: Tally;
  readonly handled: Tally;
  readonly skipped: Tally;
  readonly deadLetters: Map<string, Tally>;
}

/** The books of a soak, as plain data; the same for the same seed. */
export interface Report {
  readonly seed: string;
  readonly events: number;
  readonly lanes: readonly LaneReport[];
  readonly asks: Readonly<Record<string, number>>;
  readonly actions: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
}

interface LaneReport {
  readonly kind: string;
  readonly sent: number;
  readonly handled: number;
  readonly skipped: number;
  readonly deadLetters: Readonly<Record<string, number>>;
  /** Of the numbers of those that were sent, and of those that are accounted for. */
  readonly checksums: readonly [number, number];
}

export function reportOf({ seed, plant, problems }: Outcome): Report {
  const { account } = plant;
  const rows = new Map<string, Row>();
  for (const lane of account.lanes) {
    let row = rows.get(lane.kind);
    if (!row) {
      row = emptyRow(lane.kind);
      rows.set(lane.kind, row);
    }
    row.sent.addAll(lane.sent);
    row.handled.addAll(lane.handled);
    row.skipped.addAll(lane.skipped);
    for (const [reason, tally] of lane.deadLetters) {
      const sum = row.deadLetters.get(reason) ?? new Tally();
      sum.addAll(tally);
      row.deadLetters.set(reason, sum);
    }
  }
  const asks: Record<string, number> = {};
  for (const one of account.asks) {
    asks['asked'] = (asks['asked'] ?? 0) + one.asked.count;
    for (const [how, { count }] of Object.entries(one.ends)) asks[how] = (asks[how] ?? 0) + count;
  }
  return {
    seed,
    events: account.events,
    lanes: [...rows.values()].map(laneReport),
    asks,
    actions: Object.fromEntries(
      [...account.actions].sort(([one], [other]) => (one < other ? -1 : 1)),
    ),
    problems,
  };
}

/** Two runs that did the same have the same. */
export function hashOf(report: Report): string {
  let bits = 0x811c9dc5;
  for (const character of JSON.stringify(report)) {
    bits = Math.imul(bits ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return (bits >>> 0).toString(16).padStart(8, '0');
}

export function tableOf({ lanes, asks, actions }: Report): string {
  const reasons = [...new Set(lanes.flatMap(({ deadLetters }) => Object.keys(deadLetters)))].sort();
  const head = ['events', 'sent', 'handled', 'skipped', ...reasons, 'missing'];
  const rows = lanes.map(({ kind, sent, handled, skipped, deadLetters }) => {
    const lost = reasons.map((reason) => deadLetters[reason] ?? 0);
    const missing = lost.reduce((rest, count) => rest - count, sent - handled - skipped);
    return [kind, ...[sent, handled, skipped, ...lost, missing].map(grouped)];
  });
  const totals = head.map((_, column) =>
    column === 0 ? 'all' : grouped(rows.reduce((sum, row) => sum + ungrouped(row[column]), 0)),
  );
  return [
    aligned([head, ...rows, totals]),
    aligned(Object.entries(asks).map(([how, count]) => [`asks: ${how}`, grouped(count)])),
    aligned(Object.entries(actions).map(([action, times]) => [action, grouped(times)])),
  ].join('\n\n');
}

function emptyRow(kind: string): Row {
  return {
    kind,
    sent: new Tally(),
    handled: new Tally(),
    skipped: new Tally(),
    deadLetters: new Map(),
  };
}

function laneReport({ kind, sent, handled, skipped, deadLetters }: Row): LaneReport {
  const accounted = new Tally();
  for (const tally of [handled, skipped, ...deadLetters.values()]) accounted.addAll(tally);
  return {
    kind,
    sent: sent.count,
    handled: handled.count,
    skipped: skipped.count,
    deadLetters: Object.fromEntries([...deadLetters].map(([reason, { count }]) => [reason, count])),
    checksums: [sent.print, accounted.print],
  };
}

function grouped(count: number): string {
  return count.toLocaleString('en');
}

function ungrouped(cell: string | undefined): number {
  return Number((cell ?? '0').replaceAll(',', ''));
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    }
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
    .join('\n');
}
