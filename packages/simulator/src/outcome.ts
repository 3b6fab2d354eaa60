import type { Operation } from '@jbstore/linearizability';

import type { FaultKind, Plan } from './plan';

/** What became of the operations that were asked for. */
export interface OperationCounts {
  ok: number;
  /** Surely not performed. */
  unavailable: number;
  /** Perhaps performed, and perhaps later. */
  unknown: number;
}

/** Why a run failed. */
export interface RunFailure {
  readonly kind:
    | 'not linearizable'
    /** One of the invariants does not hold. */
    | 'invariant'
    /** The healed rest did not finish in time, or the time stood still. */
    | 'stuck'
    /** A component failed. */
    | 'fault';
  /** In one line, with the name of the invariant or component. */
  readonly what: string;
  readonly atMs: number;
}

/** What happened beside the operations, by kind. */
export type FaultCounts = Readonly<
  Partial<Record<FaultKind | 'loss' | 'duplication' | 'reordering' | 'replay', number>>
>;

/** What one run came to, as plain data. */
export interface Outcome {
  readonly scenario: string;
  readonly seed: string;
  /** `unknown`: the checker gave up. */
  readonly verdict: 'passed' | 'failed' | 'unknown';
  readonly failure: RunFailure | undefined;
  /** Two runs with the same are the same, event by event. */
  readonly traceHash: string;
  /** How many events were handled. */
  readonly events: number;
  readonly virtualMs: number;
  readonly operations: Readonly<OperationCounts>;
  readonly faults: FaultCounts;
  /** How often each rare path was taken; 0 for those that were not. */
  readonly probes: Readonly<Record<string, number>>;
  readonly history: readonly Operation[];
  readonly plan: Plan;
}
