import { event, portType } from '@jbstore/core';
import type { ChangeVerdict, ChangeWish, View } from '@jbstore/gms/port';
import type { Address } from '@jbstore/network/port';

/** Who holds what, for the first time or anew. */
export class ViewLearned extends event('ViewLearned') {
  constructor(readonly view: View) {
    super();
  }
}

/** How many members suspect each of those that are suspected at all. */
export class SuspicionsLearned extends event('SuspicionsLearned') {
  constructor(readonly suspicions: ReadonlyMap<Address, number>) {
    super();
  }
}

/** `process`, a member, answers. */
export class Reached extends event('Reached') {
  constructor(readonly process: Address) {
    super();
  }
}

/** The connection with `process` is gone; it is sought again. */
export class Lost extends event('Lost') {
  constructor(
    readonly process: Address,
    readonly reason: string,
  ) {
    super();
  }
}

/** `contact` was not reached, or cannot say what the view is. */
export class NotReached extends event('NotReached') {
  constructor(
    readonly contact: Address,
    readonly reason: string,
    /** It answers, but will never let this front end in. */
    readonly final: boolean,
  ) {
    super();
  }
}

/** Asks `process` whether there is another view. */
export class Refresh extends event('Refresh') {
  constructor(readonly process: Address) {
    super();
  }
}

/** Asks every member of the view what it holds; answered after `timeoutMs` at the latest. */
export class Survey extends event('Survey') {
  constructor(readonly timeoutMs: number) {
    super();
  }
}

/** What one member holds: registers, and the bytes of their keys and values. */
export interface Holding {
  readonly registers: number;
  readonly bytes: number;
}

/** What the leader says of the change that goes on in the cluster. */
export interface Progress {
  readonly leader: Address;
  /** In how many slots the group has changed, and is not settled yet. */
  readonly unsettled: number;
}

/** Those that have answered `survey`, and what the leader has, if one of them leads. */
export class Surveyed extends event('Surveyed') {
  constructor(
    readonly survey: Survey,
    readonly holdings: ReadonlyMap<Address, Holding>,
    readonly progress: Progress | undefined,
  ) {
    super();
  }
}

/** An operator asks the cluster for a change; answered after `timeoutMs` at the latest. */
export class AskChange extends event('AskChange') {
  constructor(
    readonly change: ChangeWish,
    readonly timeoutMs: number,
  ) {
    super();
  }
}

/** What came of `ask`. */
export class ChangeAnswered extends event('ChangeAnswered') {
  constructor(
    readonly ask: AskChange,
    readonly verdict: ChangeVerdict,
    /** For people. */
    readonly text: string,
  ) {
    super();
  }
}

/** The cluster as it is seen from outside. All of it may be out of date. */
export const Cluster = portType('Cluster', {
  requests: [Refresh],
  indications: [ViewLearned, SuspicionsLearned, Reached, Lost, NotReached],
});

/** What the members hold. */
export const Surveying = portType('Surveying', { requests: [Survey], indications: [Surveyed] });

/** Changes of the cluster that an operator asks for. */
export const Administration = portType('Administration', {
  requests: [AskChange],
  indications: [ChangeAnswered],
});
