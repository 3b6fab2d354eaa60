import { type Acceptor, type Floors } from './acceptor';
import { type Former } from './former';
import { type RegisterRecord } from './record';
import { isHigher, isSameTag, noBallot, type Ballot, type Tag } from './tag';

/** What a Sync says of one register: hold this record, under its ballot and this count. */
export interface SyncEntry {
  readonly register: string;
  readonly count: number;
  /** Left out where the receiver may hold the same record under its old tag. */
  readonly record?: RegisterRecord | undefined;
  /** The tag that the record had where it comes from, and the epoch of that tag. */
  readonly old?: (Tag & { readonly epoch: number }) | undefined;
}

/** One chunk of a stream: all that the sender, with its ballot, found in the slot. */
export interface SyncChunk extends Floors {
  readonly ballot: Ballot;
  /** Which stream of that ballot. */
  readonly stream: number;
  /** Chunks are counted from 0. */
  readonly chunk: number;
  readonly isLast: boolean;
  readonly entries: readonly SyncEntry[];
}

/** What the sender of a chunk is answered. */
export type SyncAnswer =
  | { readonly kind: 'need'; readonly registers: readonly string[] }
  | { readonly kind: 'ack'; readonly synced: boolean }
  | { readonly kind: 'nack'; readonly ballot: Ballot };

interface Stream {
  readonly complete: Set<number>;
  chunks: number | undefined;
}

/** Rule A5: takes what the member that synchronises a slot sends, and says when this acceptor is synced. */
export class SyncStreams {
  readonly #acceptor: Acceptor;
  readonly #epoch: number;
  /** The streams of the ballot that is the floor. A higher floor voids those before it. */
  #streams = new Map<number, Stream>();
  #ballot = noBallot;
  #completed = noBallot;

  constructor(acceptor: Acceptor, epoch: number) {
    this.#acceptor = acceptor;
    this.#epoch = epoch;
  }

  /** The highest ballot of which a whole stream has made this acceptor synced: what it did not list is absent. */
  get completed(): Ballot {
    return this.#completed;
  }

  /** @param former - what this process held in the epoch before, if it is known yet */
  receive(chunk: SyncChunk, former: Former | undefined): SyncAnswer {
    const acceptor = this.#acceptor;
    if (chunk.ballot < acceptor.floor) return { kind: 'nack', ballot: acceptor.floor };
    acceptor.heedFloor(chunk.ballot);

    const needed: string[] = [];
    let refusedFor = noBallot;
    for (const entry of chunk.entries) {
      const { register, count } = entry;
      if (this.#holds(register, chunk.ballot, count)) continue;
      const promised = acceptor.promised(register);
      const record = entry.record ?? this.#recordOf(entry, former);
      if (chunk.ballot < promised) refusedFor = Math.max(refusedFor, promised);
      else if (record) acceptor.accept(register, chunk.ballot, count, record);
      else needed.push(register);
    }
    if (needed.length > 0) return { kind: 'need', registers: needed };

    const blockedBy = Math.max(refusedFor, acceptor.highestOpenPromise);
    const stream = this.#streamOf(chunk);
    // All that it lists is held from now on, as what was accepted is only replaced by what is higher.
    if (refusedFor === noBallot) stream.complete.add(chunk.chunk);
    if (stream.complete.size === stream.chunks && blockedBy === noBallot) {
      acceptor.becomeSynced(chunk);
      this.#completed = chunk.ballot;
    }
    if (!acceptor.synced && blockedBy !== noBallot) return { kind: 'nack', ballot: blockedBy };
    return { kind: 'ack', synced: acceptor.synced };
  }

  #streamOf({ ballot, stream, chunk, isLast }: SyncChunk): Stream {
    if (ballot > this.#ballot) this.#streams = new Map();
    this.#ballot = ballot;
    let received = this.#streams.get(stream);
    if (!received) {
      received = { complete: new Set(), chunks: undefined };
      this.#streams.set(stream, received);
    }
    if (isLast) received.chunks = chunk + 1;
    return received;
  }

  #holds(register: string, ballot: Ballot, count: number): boolean {
    const held = this.#acceptor.accepted.tagOf(register);
    return held !== undefined && !isHigher({ ballot, count }, held);
  }

  /** The record that `entry` means, if it is here already under its old tag. */
  #recordOf({ register, old }: SyncEntry, former: Former | undefined): RegisterRecord | undefined {
    if (!old) return undefined;
    const isPresent = old.epoch === this.#epoch;
    const held = (isPresent ? this.#acceptor : former?.holdings)?.accepted.get(register);
    if (!held) return undefined;
    const { ballot, count, record, epoch = isPresent ? this.#epoch : former?.epoch } = held;
    return isSameTag({ ballot, count, epoch }, old) ? record : undefined;
  }
}
