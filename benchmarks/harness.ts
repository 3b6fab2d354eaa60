import { cpus, totalmem } from 'node:os';

import type { Selection } from './selection';

/** One thing to measure: a scenario, done by one subject. */
export interface Trial {
  readonly scenario: string;
  readonly subject: string;
  readonly unit: string;
  readonly parameters: Readonly<Record<string, number | string>>;
  /** The scenario of which this one is a variant, so that what the difference costs is seen. */
  readonly variantOf?: string;
  /** Makes the subject ready to be measured; left out, it is measured once for nothing. */
  prepare?(): Promise<void>;
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
  readonly variantOf?: string;
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
  /** What is asked for; the rest need not be measured. */
  readonly selection: Selection;
}

/** @param detail - what is being done of `what` */
export type Progress = (what: string, detail: string) => void;

/** Scenarios that differ in one thing, and are drawn as lines. */
export interface Curves {
  /** The end of the name of the file. */
  readonly name: string;
  readonly title: string;
  /** In what they differ. */
  readonly across: string;
  /** From left to right. */
  readonly points: readonly { readonly label: string; readonly scenario: string }[];
}

/** A set of trials that are compared with one another. */
export interface Suite {
  readonly name: string;
  /** One line for `--help`. */
  readonly about: string;
  /** The names of all whom it measures. */
  readonly subjects: readonly string[];
  /** What is drawn as lines, besides the chart of all. */
  readonly curves?: readonly Curves[];
  run(effort: Effort, progress: Progress): Promise<Report>;
}

/** Fails if the work that was measured was not the work that was meant. */
export function verify(what: string, done: number, expected: number): void {
  if (done !== expected) {
    throw new Error(`${what}: ${String(done)} done, ${String(expected)} expected`);
  }
}

/**
 * Measures every trial `runs` times, in turn, so that what disturbs the machine disturbs all; before
 * that each is prepared, to be compiled.
 * @param title - of these trials, for `progress`
 */
export async function interleave(
  title: string,
  trials: readonly Trial[],
  runs: number,
  progress: Progress,
): Promise<Report> {
  const skipped: Skipped[] = [];
  const figures = new Map<Trial, number[]>(trials.map((trial) => [trial, []]));
  for (let run = 0; run <= runs; run += 1) {
    for (const [trial, measured] of figures) {
      progress(title, `run ${run} of ${runs}: ${trial.scenario}, ${trial.subject}`);
      try {
        if (run > 0) measured.push(await trial.measure());
        else if (trial.prepare) await trial.prepare();
        else await trial.measure();
      } catch (error) {
        if (!(error instanceof CannotDo)) throw error;
        figures.delete(trial);
        skipped.push({ scenario: trial.scenario, subject: trial.subject, reason: error.message });
      }
    }
  }
  return { rows: [...figures].map(([trial, measured]) => rowOf(trial, measured)), skipped };
}

/** Several reports as one. */
export function together(reports: readonly Report[]): Report {
  return {
    rows: reports.flatMap(({ rows }) => rows),
    skipped: reports.flatMap(({ skipped }) => skipped),
  };
}

/** What was measured of one trial, as a row. */
export function rowOf(
  { scenario, subject, unit, parameters, variantOf }: Omit<Trial, 'prepare' | 'measure'>,
  measured: readonly number[],
): Row {
  const sorted = measured.toSorted((one, other) => one - other);
  const at = (part: number): number => sorted[Math.floor((sorted.length - 1) * part)] ?? NaN;
  const middle = (at(0.5) + (sorted[Math.ceil((sorted.length - 1) * 0.5)] ?? NaN)) / 2;
  const runs = sorted.length;
  return {
    ...{ scenario, subject, unit, median: middle, min: at(0), max: at(1), runs, parameters },
    ...(variantOf !== undefined && { variantOf }),
  };
}

export function machine(): Record<string, number | string> {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
  };
}
