import { event, portType } from '@jbstore/core';
import type { Address } from '@jbstore/network/port';

import type { JoinRefusalCode } from './messages';
import type { View } from './view';

export { JoinRefusalCode, NoView, ViewReply, ViewRequest } from './messages';
export { firstView, type FirstViewSettings, type RingPlacement } from './first-view';
export type { Knowledge } from './knowledge';
export { arcsOf, mostTokens, targetGroups, type Arc } from './placement';
export { positionOf } from './position';
export {
  addressOf,
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
export { flawOfStep } from './step-flaws';
export { View, compareViews } from './view';
export {
  Member,
  RegisterKind,
  Run,
  Token,
  epochOf,
  largestReplication,
  mostMembers,
} from './view-fields';

/** The group is complete: this process is a member of `view`. */
export class NewView extends event('NewView') {
  constructor(readonly view: View) {
    super();
  }
}

/** These members of the view, in its order, are thought to have crashed; the others are not. */
export class SuspicionsChanged extends event('SuspicionsChanged') {
  constructor(readonly suspected: readonly Address[]) {
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
 * Group membership with one view (after Cachin, Guerraoui, Rodrigues 2011, Module 6.8, without changes
 * of the view):
 *
 * - **Agreement** [while the first node lives once, see the component]: two processes that install a
 *   view install the same one.
 * - **Self inclusion** [always]: a process installs only a view of which it is a member.
 * - **Once** [always]: a process installs at most one view, and none after a refusal or a time-out.
 * - **Completeness** [if a member crashes]: eventually every correct member suspects it for good.
 * - **Termination** [if the N processes are correct and finally hear one another]: each installs a view.
 */
export const Membership = portType('Membership', {
  requests: [],
  indications: [NewView, SuspicionsChanged, Waiting, JoinRefused, BootTimedOut],
});
