import type { Message } from '@jbstore/network/port';

import type { Step, World } from './invariant';
import type { Copy } from './link';
import type { OperationAction } from './plan';
import type { SimulatedProcess } from './simulated-process';
import type { Station } from './station';

/** A message that was sent: one object for all its copies. */
export interface Sending {
  readonly from: Station;
  /** Undefined if nobody is there. */
  readonly to: Station | undefined;
  readonly message: Message;
  /** When it was sent. */
  readonly atMs: number;
}

/** What became of an operation. */
export interface Answered {
  readonly status: 'ok' | 'unavailable' | 'unknown';
  /** What a get found; null if nothing was there, undefined of everything else. */
  readonly found?: string | null | undefined;
}

/** Watches one run, and changes nothing in it. All is told at the moment when it happens. */
export interface Observer {
  /** The run is about to begin. */
  watch(world: World): void;
  begins(process: SimulatedProcess): void;
  ends(process: SimulatedProcess): void;
  /** It has handled an event. */
  handled(step: Step): void;
  /** @param bytes - how many of them are on the wire */
  sent(sending: Sending, bytes: number): void;
  arrived(sending: Sending, kind: Copy['kind']): void;
  /** A client asks for an operation. */
  asked(action: OperationAction): void;
  /** What was asked last at `place` is over. */
  answered(place: string, answered: Answered): void;
}
