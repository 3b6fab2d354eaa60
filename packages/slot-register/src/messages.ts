import { byteString, bytes, message } from '@jbstore/network/port';
import { bytesOf, keep } from '@jbstore/register/port';
import { z } from 'zod';

import { Accepted } from './acceptor';
import { Outcome } from './operations';
import { type RegisterRecord } from './record';
import { SessionId } from './session';

// Which phase of which process a message belongs to. No number is used for two, so a reply says no more.
const phase = z.int().nonnegative();
const epoch = z.int().positive();
const register = byteString();
const ballot = z.int().nonnegative();
const count = z.int().nonnegative();

const recordFields = {
  value: bytes().nullable(),
  version: z.int().nonnegative(),
  generationFloor: z.int().nonnegative(),
  results: z
    .array(z.object({ session: SessionId, sequence: z.int().positive(), outcome: Outcome }))
    .readonly(),
};
const PackedRecord = z.object(recordFields);
type PackedRecord = z.infer<typeof PackedRecord>;

/** A1: take part in this ballot, and in no lower one. */
export class PrepareMessage extends message('slot-register/Prepare', {
  phase,
  epoch,
  register,
  ballot,
}) {}

/** The answer: the sender does, and this is its vote; without one, if it cannot tell (NONE). */
export class PromiseMessage extends message('slot-register/Promise', {
  phase,
  vote: z.object({ ballot, count, record: PackedRecord }).nullable(),
}) {}

/** A2: hold this record, unless a higher ballot was promised. */
export class AcceptMessage extends message('slot-register/Accept', {
  phase,
  epoch,
  register,
  ballot,
  count,
  ...recordFields,
}) {}

/** The answer: the sender holds it, or a later record of the same ballot, which descends from it. */
export class AcceptedMessage extends message('slot-register/Accepted', { phase }) {}

/** The answer to A1 and A2 of who has promised this higher ballot. */
export class NackMessage extends message('slot-register/Nack', { phase, ballot }) {}

/** A3: what do you vote for? And with which record, if its tag is higher than this one? */
export class ReadMessage extends message('slot-register/Read', {
  phase,
  epoch,
  register,
  ballot,
  count,
}) {}

/** The answer; without a tag, if the sender cannot tell (NONE). */
export class ValueMessage extends message('slot-register/Value', {
  phase,
  tag: z.object({ ballot, count }).nullable(),
  record: PackedRecord.nullable(),
}) {}

/** R4: have a record of this register chosen, whichever it is. */
export class SettleMessage extends message('slot-register/Settle', { phase, epoch, register }) {}

/** The answer: one was. */
export class SettledMessage extends message('slot-register/Settled', { phase }) {}

export function packedValue({ value }: RegisterRecord): Uint8Array | null {
  return value === undefined ? null : bytesOf(value);
}

export function packed(record: RegisterRecord): PackedRecord {
  const { version, generationFloor, results } = record;
  return { value: packedValue(record), version, generationFloor, results };
}

/** The record in a message; its value is copied out of the frame. */
export function unpacked({
  value,
  version,
  generationFloor,
  results,
}: PackedRecord): RegisterRecord {
  return {
    value: value === null ? undefined : keep(value),
    version,
    generationFloor,
    results,
  };
}

export function packedVote(vote: Accepted | undefined): PromiseMessage['vote'] {
  if (!vote) return null;
  return { ballot: vote.ballot, count: vote.count, record: packed(vote.record) };
}

export function unpackedVote(vote: PromiseMessage['vote']): Accepted | undefined {
  return vote ? new Accepted(vote.ballot, vote.count, unpacked(vote.record)) : undefined;
}
