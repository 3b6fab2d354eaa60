import type { FaultCounts, OperationCounts, Outcome, RunFailure } from './outcome';

/** Why a seed failed: what its run found, or what became of the run itself. */
export interface SeedFailure {
  readonly seed: number;
  readonly kind:
    | RunFailure['kind']
    /** The run threw. */
    | 'exception'
    /** The same seed had another trace hash the second time. */
    | 'not repeatable'
    /** The process that ran the seed ended. */
    | 'worker ended'
    /** The run took longer than a run may, in real time. */
    | 'too slow';
  readonly what: string;
}

/** What one seed came to, or many together: plain data, so that processes can send it. */
export interface Totals {
  readonly seeds: number;
  readonly verdicts: Readonly<Record<Outcome['verdict'], number>>;
  /** How many seeds were run twice, to compare their trace hashes. */
  readonly repeated: number;
  readonly events: number;
  readonly virtualMs: number;
  readonly operations: Readonly<OperationCounts>;
  readonly faults: FaultCounts;
  /** How often each rare path was taken; 0 for those that never were. */
  readonly probes: Readonly<Record<string, number>>;
  /** The trace hashes of all seeds, by exclusive or: that of one seed is its own. */
  readonly traceHash: string;
  /** In the order of their seeds. */
  readonly failures: readonly SeedFailure[];
}

/** Of no seed at all. */
export const nothing: Totals = {
  seeds: 0,
  verdicts: { passed: 0, failed: 0, unknown: 0 },
  repeated: 0,
  events: 0,
  virtualMs: 0,
  operations: { ok: 0, unavailable: 0, unknown: 0 },
  faults: {},
  probes: {},
  traceHash: '0'.repeat(16),
  failures: [],
};

/** What the run of `seed` came to. */
export function totalsOf(seed: number, outcome: Outcome): Totals {
  const { verdict, failure, events, virtualMs, operations, faults, probes, traceHash } = outcome;
  return {
    seeds: 1,
    verdicts: { ...nothing.verdicts, [verdict]: 1 },
    repeated: 0,
    events,
    virtualMs,
    operations,
    faults,
    probes,
    traceHash,
    failures: failure ? [{ seed, kind: failure.kind, what: failure.what }] : [],
  };
}

/** Of one seed of which nothing is known but that it failed. */
export function failureOnly(failure: SeedFailure): Totals {
  const verdicts = { ...nothing.verdicts, failed: 1 };
  return { ...nothing, seeds: 1, verdicts, failures: [failure] };
}

/** Both together, in whichever order. */
export function merge(one: Totals, other: Totals): Totals {
  return {
    seeds: one.seeds + other.seeds,
    verdicts: sums(one.verdicts, other.verdicts),
    repeated: one.repeated + other.repeated,
    events: one.events + other.events,
    virtualMs: one.virtualMs + other.virtualMs,
    operations: sums(one.operations, other.operations),
    faults: sums(one.faults, other.faults),
    probes: sums(one.probes, other.probes),
    traceHash: exclusiveOr(one.traceHash, other.traceHash),
    failures: [...one.failures, ...other.failures].sort((a, b) => a.seed - b.seed),
  };
}

function sums<Counts extends Readonly<Record<string, number>>>(one: Counts, other: Counts): Counts {
  const both: Record<string, number> = { ...one };
  for (const [name, count] of Object.entries(other)) both[name] = (both[name] ?? 0) + count;
  return both as Counts;
}

function exclusiveOr(one: string, other: string): string {
  const bits = BigInt(`0x${one}`) ^ BigInt(`0x${other}`);
  return bits.toString(16).padStart(16, '0');
}
