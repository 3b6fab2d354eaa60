import { event, portType } from '@jbstore/core';
import type { Address } from '@jbstore/network/port';

/** Watch `process` from now on. Without effect if it is watched already. */
export class Follow extends event('Follow') {
  constructor(readonly process: Address) {
    super();
  }
}

/** Watch `process` no longer and forget what is known of it. */
export class Unfollow extends event('Unfollow') {
  constructor(readonly process: Address) {
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

/**
 * The eventually perfect failure detector ◇P (Cachin, Guerraoui, Rodrigues 2011, Module 2.8), over the
 * processes that its clients follow. What is followed is one set: all clients of one provider share it.
 *
 * - **EPFD1, strong completeness** [always]: eventually every followed process that crashes is
 *   permanently suspected.
 * - **EPFD2, eventual strong accuracy** [if message delay is eventually bounded]: eventually no correct
 *   process is suspected.
 *
 * A process is its whole {@link Address}: another one at the same host and port is not it.
 */
export const EventuallyPerfectFailureDetector = portType('EventuallyPerfectFailureDetector', {
  requests: [Follow, Unfollow],
  indications: [Suspect, Restore],
});
