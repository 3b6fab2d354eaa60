import type { PortEvent } from '@jbstore/core';
import type { Message } from '@jbstore/network/port';

import type { ProbeName } from './probes';
import type { SimulatedProcess } from './simulated-process';

/** One event that was handled. */
export interface Step {
  readonly process: SimulatedProcess;
  readonly event: PortEvent;
  /** Where it arrived: `place/component.field`. */
  readonly port: string;
  readonly atMs: number;
  /** At whose handling it was triggered; undefined if from outside, or too long ago. */
  readonly cause: PortEvent | undefined;
  /** What went on the wire while it was handled: mostly nothing, or the event itself. */
  readonly sent: readonly Message[];
}

/** What invariants see of a run. */
export interface World {
  readonly nowMs: number;
  /** How many ask at one time. */
  readonly clients: number;
  /** All processes that there ever were; the dead are not `alive`. */
  readonly processes: readonly SimulatedProcess[];
  /** The process with this address; the latest, if there were several. */
  processAt(address: string): SimulatedProcess | undefined;
  /** Notes that a rare path was taken. */
  sometimes(probe: ProbeName): void;
}

/** What must hold after every event. */
export interface Invariant {
  /** With its number in the design of the protocols, if it has one. */
  readonly name: string;
  /** What is wrong after `step`; undefined if nothing is. */
  check(world: World, step: Step): string | undefined;
}

/** Makes an invariant with the memory of one run. */
export type InvariantFactory = () => Invariant;
