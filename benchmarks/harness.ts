import { cpus, totalmem } from 'node:os';

/** One thing to measure: a scenario, done by one subject. */
export interface Trial {
  readonly scenario: string;
  readonly subject: string;
  readonly unit: string;
  readonly parameters: Readonly<Record<string, number | string>>;
  /**
   * Does the work once and returns the figure.
   * @throws {@link CannotDo} if the subject is not able to; whatever else it throws ends the run
   */
  measure(): number | Promise<number>;
}

/** The subject cannot do the scenario, for the reason given; it is named in the table. */
export class CannotDo extends Error {}

export interface Row {
  readonly scenario: string;
  readonly subject: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
  readonly parameters: Readonly<Record<string, number | string>>;
}

export interface Skipped {
  readonly scenario: string;
  readonly subject: string;
  readonly reason: string;
}

export interface Report {
  readonly rows: readonly Row[];
  readonly skipped: readonly Skipped[];
}

/** How thorough a run is. */
export interface Effort {
  /** Less work and fewer runs: to see that it works, not to compare. */
  readonly quick: boolean;
  readonly runs: number;
}

/** A set of trials that are compared with one another. */
export interface Suite {
  readonly name: string;
  /** One line for `--help`. */
  readonly about: string;
  run(effort: Effort, progress: (line: string) => void): Promise<Report>;
}

/** Fails if the work that was measured was not the work that was meant. */
export function verify(what: string, done: number, expected: number): void {
  if (done !== expected) {
    throw new Error(`${what}: ${String(done)} done, ${String(expected)} expected`);
  }
}

/**
 * Measures every trial `runs` times, in turn, so that what disturbs the machine disturbs all; before
 * that each runs once unmeasured, to be compiled.
 */
export async function interleave(
  trials: readonly Trial[],
  runs: number,
  progress: (line: string) => void,
): Promise<Report> {
  const skipped: Skipped[] = [];
  const figures = new Map<Trial, number[]>(trials.map((trial) => [trial, []]));
  for (let run = 0; run <= runs; run += 1) {
    for (const [trial, measured] of figures) {
      progress(`run ${String(run)} of ${String(runs)}: ${trial.scenario}, ${trial.subject}`);
      try {
        const figure = await trial.measure();
        if (run > 0) measured.push(figure);
      } catch (error) {
        if (!(error instanceof CannotDo)) throw error;
        figures.delete(trial);
        skipped.push({ scenario: trial.scenario, subject: trial.subject, reason: error.message });
      }
    }
  }
  return { rows: [...figures].map(([trial, measured]) => rowOf(trial, measured)), skipped };
}

function rowOf(trial: Trial, measured: readonly number[]): Row {
  const { scenario, subject, unit, parameters } = trial;
  const sorted = measured.toSorted((one, other) => one - other);
  const at = (part: number): number => sorted[Math.floor((sorted.length - 1) * part)] ?? NaN;
  const middle = (at(0.5) + (sorted[Math.ceil((sorted.length - 1) * 0.5)] ?? NaN)) / 2;
  const runs = sorted.length;
  return { scenario, subject, unit, median: middle, min: at(0), max: at(1), runs, parameters };
}

/** Our median over that of each peer: above 1 we do more a second, or weigh more. */
export function ratiosOf(rows: readonly Row[], us: string): Record<string, number> {
  const ratios: Record<string, number> = {};
  for (const { scenario, median } of rows.filter(({ subject }) => subject === us)) {
    for (const peer of rows) {
      if (peer.scenario !== scenario || peer.subject === us) continue;
      ratios[`${scenario}: ${us} / ${peer.subject}`] = Number(
        (median / peer.median).toPrecision(3),
      );
    }
  }
  return ratios;
}

/** The subject that is ours, in every suite. */
export const us = 'jbstore';

export function machine(): Record<string, number | string> {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
  };
}

/** `report` as a table for people, a block per scenario. */
export function tableOf({ rows, skipped }: Report): string {
  const ratios = ratiosOf(rows, us);
  const lines: string[] = [];
  for (const scenario of new Set([...rows, ...skipped].map((entry) => entry.scenario))) {
    const unit = rows.find((row) => row.scenario === scenario)?.unit;
    lines.push('', unit === undefined ? scenario : `${scenario} (${unit})`);
    for (const row of rows.filter((other) => other.scenario === scenario)) {
      const range = `${shown(row.min)} to ${shown(row.max)} in ${String(row.runs)} runs`;
      const ratio = ratios[`${scenario}: ${us} / ${row.subject}`];
      const compared = ratio === undefined ? '' : `  ${us} / it: ${String(ratio)}`;
      const median = shown(row.median).padStart(10);
      lines.push(`  ${row.subject.padEnd(14)}${median}   ${range.padEnd(34)}${compared}`);
    }
    for (const { subject, reason } of skipped.filter((other) => other.scenario === scenario)) {
      lines.push(`  ${subject.padEnd(14)}   skipped: ${reason}`);
    }
  }
  return lines.join('\n');
}

function shown(figure: number): string {
  return figure >= 1_000 ? Math.round(figure).toString() : figure.toPrecision(3);
}
