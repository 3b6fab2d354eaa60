import { Epoch } from '@jbstore/gms/port';
import { byteString, bytes, message } from '@jbstore/network/port';
import { bytesOf, keep } from '@jbstore/register/port';
import { z } from 'zod';

import { Accepted } from './accepted';
import { type FormerPart } from './former';
import { type HeldRecord } from './pages';
import { type RegisterRecord } from './record';
import { Results } from './results';
import { Generation } from './session';
import { type SyncChunk } from './sync-streams';

// Which phase of which process a message belongs to. No number is used for two, so a reply says no more.
const phase = z.int().nonnegative();
const epoch = Epoch;
/** Where records are kept, lengths of names have 16 bits. */
const register = byteString({ maxBytes: 65_535 });
const ballot = z.int().nonnegative();
const count = z.int().nonnegative();
/** See {@link Tag}. */
const tag = { ballot, count, epoch: epoch.optional() };

const recordFields = {
  value: bytes().nullable(),
  version: z.int().nonnegative(),
  generationFloor: Generation,
  results: Results.schema,
};
const floors = {
  generationFloor: Generation,
  versionFloor: z.int().nonnegative(),
};
const PackedRecord = z.object(recordFields);
type PackedRecord = z.infer<typeof PackedRecord>;
const PackedVote = z.object({ ...tag, record: PackedRecord });
type PackedVote = z.infer<typeof PackedVote>;

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
  vote: PackedVote.nullable(),
}) {}

/** Merge: what did you hold of this register when the epoch before ended? */
export class MergeMessage extends message('slot-register/Merge', { phase, epoch, register }) {}

/** The answer; without a part, if it is gone, as it is needed no longer. */
export class MergeStateMessage extends message('slot-register/MergeState', {
  phase,
  part: z.object({ accepted: PackedVote.nullable(), complete: z.boolean(), ...floors }).nullable(),
  /** What the sender has promised in this epoch. */
  ballot,
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

const slot = z.int().nonnegative();
const HeldRecords = z.array(z.object({ register, ...tag, record: PackedRecord })).readonly();
const question = {
  phase,
  slot,
  epoch,
  after: register,
  until: register.nullable(),
  held: z.array(z.object({ register, ...tag })).readonly(),
};

/** What did you hold of these registers when the epoch before ended? Only what has a higher tag is news. */
export class MergePageMessage extends message('slot-register/MergePage', question) {}

/** Promise this ballot for the whole slot. And what do you vote for there? */
export class SlotPrepareMessage extends message('slot-register/SlotPrepare', {
  ...question,
  ballot,
}) {}

/** The answer to both; without a page, if what was held is gone. */
export class PageMessage extends message('slot-register/Page', {
  phase,
  page: z
    .object({
      entries: HeldRecords,
      upTo: register.nullable(),
      /** What is in no page of the sender was not chosen in earlier epochs. */
      complete: z.boolean(),
      ...floors,
    })
    .nullable(),
  /** What the sender has heard of in this epoch. */
  ballot,
}) {}

/** The answer to a SlotPrepare, or a Sync, of who has promised this higher ballot. */
export class SlotNackMessage extends message('slot-register/SlotNack', { phase, ballot }) {}

/** A5: one chunk of a stream, which is the phase. */
export class SyncMessage extends message('slot-register/Sync', {
  phase,
  slot,
  epoch,
  ballot,
  chunk: z.int().nonnegative(),
  isLast: z.boolean(),
  ...floors,
  entries: z
    .array(
      z.object({
        register,
        count,
        record: PackedRecord.optional(),
        old: z.object({ epoch, ballot, count }).optional(),
      }),
    )
    .readonly(),
}) {}

/** The answer: these are not here under their old tags. */
export class SyncNeedMessage extends message('slot-register/SyncNeed', {
  phase,
  chunk: z.int().nonnegative(),
  registers: z.array(register).readonly(),
}) {}

/** The answer: the chunk is here; and all that the sender is to have, if it is synced. */
export class SyncAckMessage extends message('slot-register/SyncAck', {
  phase,
  chunk: z.int().nonnegative(),
  synced: z.boolean(),
}) {}

/** To the others, when all that are not suspected are synced: nobody else needs to see to it. */
export class SyncDoneMessage extends message('slot-register/SyncDone', { slot, epoch }) {}

export function packedValue({ value }: RegisterRecord): Uint8Array | null {
  return value === undefined ? null : bytesOf(value);
}

export function packed(record: RegisterRecord): PackedRecord {
  const { version, generationFloor, results } = record;
  return { value: packedValue(record), version, generationFloor, results };
}

export function packedRecords(entries: readonly HeldRecord[]): z.infer<typeof HeldRecords> {
  return entries.map((entry) => ({ ...entry, record: packed(entry.record) }));
}

export function unpackedRecords(entries: z.infer<typeof HeldRecords>): readonly HeldRecord[] {
  return entries.map((entry) => ({ ...entry, record: unpacked(entry.record) }));
}

export function unpackedChunk(message: SyncMessage): SyncChunk {
  const { phase, ballot, chunk, isLast, generationFloor, versionFloor } = message;
  const entries = message.entries.map((entry) => ({
    ...entry,
    record: entry.record && unpacked(entry.record),
  }));
  return { ballot, stream: phase, chunk, isLast, generationFloor, versionFloor, entries };
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

export function packedVote(vote: Accepted | undefined): PackedVote | null {
  if (!vote) return null;
  const { ballot, count, epoch, record } = vote;
  return { ballot, count, epoch, record: packed(record) };
}

export function unpackedVote(vote: PackedVote | null): Accepted | undefined {
  return vote
    ? new Accepted(vote.ballot, vote.count, unpacked(vote.record), vote.epoch)
    : undefined;
}

export function packedPart(part: FormerPart): NonNullable<MergeStateMessage['part']> {
  return { ...part, accepted: packedVote(part.accepted) };
}

export function unpackedPart(part: NonNullable<MergeStateMessage['part']>): FormerPart {
  return { ...part, accepted: unpackedVote(part.accepted) };
}
