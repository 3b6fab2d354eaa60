import { event, portType } from '@jbstore/core';
import type { Address } from '@jbstore/network/port';

/** Watch `process` from now on. Without effect if it is watched already. */
export class Follow extends event('Follow') {
  constructor(readonly process: Address) {
    super();
  }
}

/** Watch `process` no longer and forget what is known of it. If it is suspected, it is restored. */
export class Unfollow extends event('Unfollow') {
  constructor(readonly process: Address) {
    super();
  }
}

/**
 * From now on `news` is the newest of this process on `topic`, for all who follow it. It rides on
 * heartbeats, so it costs no message and takes about a round; what is told in between is skipped.
 */
export class Tell extends event('Tell') {
  constructor(
    readonly topic: string,
    /** At most 1024 bytes, which stay as they are. */
    readonly news: Uint8Array,
  ) {
    super();
  }
}

/** `process` is thought to have crashed. It may be taken back. */
export class Suspect extends event('Suspect') {
  constructor(readonly process: Address) {
    super();
  }
}

/** `process` was suspected and is not any more. */
export class Restore extends event('Restore') {
  constructor(readonly process: Address) {
    super();
  }
}

/** `process`, which is followed, has other news on `topic` than it had before, or the first. */
export class Told extends event('Told') {
  constructor(
    readonly process: Address,
    readonly topic: string,
    readonly news: Uint8Array,
  ) {
    super();
  }
}

/**
 * The eventually perfect failure detector ◇P (Cachin, Guerraoui, Rodrigues 2011, Module 2.8), over the
 * processes that its clients follow. What is followed is one set: all clients of one provider share it.
 *
 * - **EPFD1, strong completeness** [always]: eventually every followed process that crashes is
 *   permanently suspected.
 * - **EPFD2, eventual strong accuracy** [if message delay is eventually bounded]: eventually no correct
 *   process is suspected.
 * - **News** [while p and q are correct, and messages between them finally arrive]: if q follows p, the
 *   last that q is told of a topic by p is finally the last that p told. Nothing is told that was not.
 *
 * Of each process, suspicions and restores take turns, a suspicion first. A process is its whole {@link Address}: another one at the same host and port is not it.
 */
export const EventuallyPerfectFailureDetector = portType('EventuallyPerfectFailureDetector', {
  requests: [Follow, Unfollow, Tell],
  indications: [Suspect, Restore, Told],
});
