import { bytes, message } from '@jbstore/network/port';
import { z } from 'zod';

import { Ballot } from './ballot';
import { Vote } from './vote';

const instance = z.int().nonnegative();

/** Phase 1a: promise to vote in no lower ballot, and tell how you voted last. */
export class Prepare extends message('consensus/Prepare', { instance, ballot: Ballot }) {}

/** Phase 1b: promised. */
export class Promised extends message('consensus/Promised', {
  instance,
  ballot: Ballot,
  /** The last vote of the sender, in a lower ballot. */
  vote: Vote.optional(),
}) {}

/** Phase 2a: vote for `value`, unless you promised not to. */
export class Accept extends message('consensus/Accept', {
  instance,
  ballot: Ballot,
  value: bytes(),
}) {}

/** Phase 2b: voted. */
export class Accepted extends message('consensus/Accepted', { instance, ballot: Ballot }) {}

/** Instead of phase 1b or 2b: the sender promised to vote in no ballot as low as `ballot`. */
export class Refused extends message('consensus/Refused', {
  instance,
  ballot: Ballot,
  /** Of the ballot that it promised. */
  round: z.int().positive(),
}) {}

/** `value` is chosen in this instance. Also what any question about the instance is answered by then. */
export class Decided extends message('consensus/Decided', { instance, value: bytes() }) {}
