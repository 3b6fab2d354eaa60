import { positionOf } from '@jbstore/gms/port';
import type { Action, Direction, OperationAction } from '@jbstore/simulator';

/**
 * What befalls whole nodes, each thing at its time: who does not hear whom, what an operator changes, and what two clients
 * ask. There are n0 to n3; each leads the slot with its number, which the next two hold as well. The first leads changes.
 */
export interface Schedule {
  /** For people, in one sentence. */
  readonly about: string;
  /** For how long a member is suspected before it is evicted. Default: longer than any schedule takes. */
  readonly graceMs?: number;
  readonly actions: readonly Action[];
  /** Then nothing befalls anybody any more. */
  readonly healAtMs: number;
}

export const nodes = 4;
export const replication = 3;
export const slotCount = 4;

/** Nodes or clients, by their places. */
type Places = readonly string[];

/** A key in this slot. */
export function keyIn(slot: number): string {
  for (let number = 0; ; number += 1) {
    const key = `k${String(number)}`;
    if ((positionOf(Buffer.from(key)).charCodeAt(0) * slotCount) >> 8 === slot) return key;
  }
}

export function ask(
  atMs: number,
  client: string,
  operation: OperationAction['operation'],
  key: string,
  value?: string,
): Action {
  return { kind: 'operation', atMs, client, operation, key, ...(value !== undefined && { value }) };
}

/** An operator who has just come has the view for sure when it asks so much later; and then it asks the second node first. */
export const comingMs = 250;

/** An operator comes, and asks n1 then for a new epoch of this slot, who passes it on to the leader. */
export function refreshed(atMs: number, slot: number): Action {
  return { kind: 'refresh', atMs: atMs - comingMs, slots: [slot] };
}

/** Nothing goes from `some` to `others`, or back. */
export function apart(atMs: number, untilMs: number, some: Places, others: Places): Action {
  const directions = [...ways(some, others), ...ways(others, some)];
  const lastsMs = untilMs - atMs;
  return { kind: 'cut', shape: 'split', messages: 'lost', atMs, lastsMs, directions };
}

/** Nothing goes from `some` to `others`. */
export function unheard(atMs: number, untilMs: number, some: Places, others: Places): Action {
  const directions = ways(some, others);
  const lastsMs = untilMs - atMs;
  return { kind: 'cut', shape: 'one-way', messages: 'lost', atMs, lastsMs, directions };
}

/** No heartbeats go from `some` to `others`, who hear all else: they suspect them, and hear of no view by them. */
export function silent(atMs: number, untilMs: number, some: Places, others: Places): Action {
  const directions = ways(some, others);
  return { kind: 'wrong suspicion', atMs, lastsMs: untilMs - atMs, directions };
}

/** What goes from `some` to `others` comes at the end. */
export function late(atMs: number, untilMs: number, some: Places, others: Places): Action {
  return { kind: 'clog', atMs, lastsMs: untilMs - atMs, directions: ways(some, others) };
}

function ways(some: Places, others: Places): readonly Direction[] {
  return some.flatMap((one) => others.map((other) => [one, other] as const));
}
