import { event, portType } from '@jbstore/core';
import type { Address } from '@jbstore/network/port';

/**
 * From now on the leader is one of `candidates`, which are different ones, in order of rank: the first is
 * preferred. This process need not be one of them.
 */
export class SetCandidates extends event('SetCandidates') {
  constructor(readonly candidates: readonly Address[]) {
    super();
  }
}

/** `leader` is trusted from now on; undefined: nobody is in reach who could lead. At first nobody is trusted. */
export class Trust extends event('Trust') {
  constructor(readonly leader: Address | undefined) {
    super();
  }
}

/**
 * The eventual leader detector Ω (Cachin, Guerraoui, Rodrigues 2011, Module 2.9), whose leader can reach a
 * majority of the candidates.
 *
 * The first two hold while a majority of the candidates is correct, message delay is finally bounded, and
 * all processes are given the same candidates at last:
 *
 * - **ELD1, eventual accuracy**: there is a time after which every correct process trusts some correct
 *   candidate.
 * - **ELD2, eventual agreement**: there is a time after which no two correct processes trust different
 *   candidates.
 * - **Quorum** [while links between candidates stay as they are, up or down in both directions]: finally, if
 *   some candidate hears a majority of the candidates, itself included, then one that does trusts itself,
 *   and nobody trusts one that does not.
 */
export const EventualLeaderDetector = portType('EventualLeaderDetector', {
  requests: [SetCandidates],
  indications: [Trust],
});
