import { event, portType } from '@jbstore/core';
import type { Address } from '@jbstore/network/port';

import type { FirstViewSettings } from './first-view';
import type { JoinRefusalCode } from './messages';
import type { SlotEpoch } from './stretch';
import type { View } from './view';

export {
  ChangeReply,
  ChangeRequest,
  ChangeVerdict,
  ChangeWish,
  JoinRefusalCode,
  NoView,
  ProgressReply,
  ProgressRequest,
  SuspicionsReply,
  ViewReply,
  ViewRequest,
} from './messages';
export { firstView, type FirstViewSettings, type RingPlacement } from './first-view';
export { lossesOf, type Losses } from './force';
export type { Knowledge } from './knowledge';
export { isSameLine } from './line';
export { arcsOf, mostTokens, targetGroups, type Arc } from './placement';
export { positionOf } from './position';
export {
  addressOf,
  formerGroupOf,
  groupOf,
  indexOf,
  leadOf,
  loadOf,
  membersByIndex,
  rangeOf,
  rangesOf,
  runOf,
  slotOf,
  type Load,
  type Range,
} from './slots';
export { canBeMerged, hasMajority } from './slot-step';
export { flawOfStep } from './step-flaws';
export type { SlotEpoch } from './stretch';
export { View } from './view';
export {
  Epoch,
  Era,
  Member,
  RegisterKind,
  Run,
  Token,
  epochOf,
  eraOf,
  firstEpoch,
  largestReplication,
  mostMembers,
} from './view-fields';

/** From now on `view` counts: this process is listed in it. Each is later than the one before. */
export class NewView extends event('NewView') {
  constructor(readonly view: View) {
    super();
  }
}

/**
 * This process was a member, and `view` knows it no more: nobody needs what it holds. Or it has gone on in an era
 * after that was given up.
 */
export class Evicted extends event('Evicted') {
  constructor(readonly view: View) {
    super();
  }
}

/** This process holds all there is of `slot` in `epoch`. Asked once; it is told until it has come through. */
export class SlotSynced extends event('SlotSynced') {
  constructor(
    readonly slot: number,
    readonly epoch: number,
  ) {
    super();
  }
}

/**
 * These slots, in rising order, hold many tombstones in these epochs, and would lose them with another one. Asked again and
 * again, until that has begun.
 */
export class RefreshSlots extends event('RefreshSlots') {
  constructor(readonly slots: readonly SlotEpoch[]) {
    super();
  }
}

/** A majority of the group of `slot` is synced in `epoch`: what was held before that is needed no more. */
export class SlotSettled extends event('SlotSettled') {
  constructor(
    readonly slot: number,
    readonly epoch: number,
  ) {
    super();
  }
}

/** These members of the view, in its order, are thought to have crashed; the others are not. */
export class SuspicionsChanged extends event('SuspicionsChanged') {
  constructor(readonly suspected: readonly Address[]) {
    super();
  }
}

/** `process` has a view of the same era, or a later one, that another force began: operators have forced two at once. */
export class RivalFound extends event('RivalFound') {
  constructor(
    readonly process: Address,
    readonly era: number,
  ) {
    super();
  }
}

/** There is no view yet. `waitingFor` says for people what is missing, and is indicated when it changes. */
export class Waiting extends event('Waiting') {
  constructor(readonly waitingFor: string) {
    super();
  }
}

/** This process will never be a member. `text` says why, and what the operator can do. */
export class JoinRefused extends event('JoinRefused') {
  constructor(
    readonly code: JoinRefusalCode,
    readonly text: string,
  ) {
    super();
  }
}

/** The first node was silent for too long before there was a view: this process ends its waiting. */
export class BootTimedOut extends event('BootTimedOut') {
  constructor(readonly waitingFor: string) {
    super();
  }
}

/**
 * Group membership (after Cachin, Guerraoui, Rodrigues 2011, Module 6.8, with views that are decided, and no promise
 * that every process sees each of them):
 *
 * - **Monotonicity** [always]: the views that a process installs rise in era and number.
 * - **Agreement** [always]: two views of one era and number are the same; or else they are of eras that were forced beside
 *   each other, and no process installs views of both, but indicates {@link RivalFound}.
 * - **Self inclusion** [always]: a process installs only a view in which it is listed, and none after {@link Evicted}.
 * - **Completeness** [if a member crashes]: eventually every correct one that watches it suspects it for good.
 * - **Termination** [while a majority of each council is correct and finally hear one another]: each correct member
 *   installs the last view at last, and whoever asks to join or to leave does.
 * - **Settled** [always]: a slot is settled in an epoch only if a majority of its group was synced in that.
 */
export const Membership = portType('Membership', {
  requests: [SlotSynced, RefreshSlots],
  indications: [
    NewView,
    Evicted,
    RivalFound,
    SuspicionsChanged,
    SlotSettled,
    Waiting,
    JoinRefused,
    BootTimedOut,
  ],
});

/** There is a view: nothing is to be gathered any more. */
export class EndBootstrap extends event('EndBootstrap') {}

/** The first members of a new cluster are together; they may decide the first view. */
export class Gathered extends event('Gathered') {
  constructor(
    /** The first node is the first of them. */
    readonly members: readonly Address[],
    readonly settings: FirstViewSettings,
  ) {
    super();
  }
}

/**
 * How a process that has no view comes to one.
 *
 * - **Agreement** [always]: all who indicate {@link Gathered} for one first node indicate the same members, and
 *   no process does for two.
 */
export const Bootstrapping = portType('Bootstrapping', {
  requests: [EndBootstrap],
  indications: [Gathered, Waiting, JoinRefused, BootTimedOut],
});
