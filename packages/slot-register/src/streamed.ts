import { type Address } from '@jbstore/network/port';

import { type Packed, type Seen, type Sent } from './lineage';
import {
  MergePageMessage,
  PageMessage,
  PrepareMessage,
  SyncAckMessage,
  SyncMessage,
} from './messages';
import { type Proposals } from './proposals';
import { noBallot, roundOf, type Ballot, type Tag } from './tag';

/** Who keeps what was proposed, and who voted for it. */
interface Keeper {
  about(epoch: number, register: string, ballot: Ballot): Proposals;
  proposed(about: Proposals, count: number, packed: Packed): void;
  held(about: Proposals, count: number, record: Seen): void;
  voted(about: Proposals, member: Address, count: number): void;
}

/** What streams say of the records with which an epoch begins, and who holds them. */
export class Streamed {
  readonly #keeper: Keeper;
  /** Who asked for pages, and in which epoch; what they were told was held before, by its tag. */
  readonly #pageQuestions = new Map<string, number>();
  readonly #paged = new Map<string, Packed>();
  /** The chunks, by who sent them to whom. */
  readonly #chunks = new Map<string, SyncMessage>();
  /** The highest ballot with which a member may hold something, of each register in each epoch. */
  readonly #highest = new Map<string, Ballot>();

  constructor(keeper: Keeper) {
    this.#keeper = keeper;
  }

  sent({ source, destination, message }: Sent): void {
    if (message instanceof SyncMessage) {
      this.#chunks.set(`${source} ${destination} ${chunkOf(message)}`, message);
      this.#streamed(message);
      // What the lead lists under its first ballot it holds under that.
      if (roundOf(message.ballot) === 0) this.#holds(source, message);
    } else if (message instanceof SyncAckMessage) {
      const chunk = this.#chunks.get(`${destination} ${source} ${chunkOf(message)}`);
      if (chunk) this.#holds(source, chunk);
    } else if (message instanceof PrepareMessage) {
      // Who has prepared a ballot fixes its base before it says anything of that.
      this.#heeds(source, message);
    } else if (message instanceof MergePageMessage) {
      this.#pageQuestions.set(`${source} ${String(message.phase)}`, message.epoch);
    } else if (message instanceof PageMessage) this.#told(destination, message);
  }

  /** `member` holds something of this ballot. */
  votes(about: Proposals, member: Address): void {
    this.#heeds(member, about);
  }

  #heeds(member: Address, { epoch, register, ballot }: Proposals | PrepareMessage): void {
    const key = voteKey(member, epoch, register);
    this.#highest.set(key, Math.max(ballot, this.#highest.get(key) ?? noBallot));
  }

  /** What a stream says of a record, or of the tag that it had before, is its content under the new one. */
  #streamed({ epoch, ballot, entries }: SyncMessage): void {
    const keeper = this.#keeper;
    for (const { register, count, record, old } of entries) {
      const about = keeper.about(epoch, register, ballot);
      const before = old && keeper.about(old.epoch, register, old.ballot);
      const known = before?.all.get(old?.count ?? 0);
      const told = old && this.#paged.get(pagedKey(epoch, register, old));
      if (record) keeper.proposed(about, count, record);
      else if (known) keeper.held(about, count, known);
      else if (told) keeper.proposed(about, count, told);
    }
  }

  /** A5: who acknowledges a chunk holds all that is in it, with these tags or with higher ones. */
  #holds(member: Address, { epoch, ballot, entries }: SyncMessage): void {
    for (const { register, count } of entries) {
      const highest = this.#highest.get(voteKey(member, epoch, register)) ?? noBallot;
      if (highest > ballot) continue;
      this.#keeper.voted(this.#keeper.about(epoch, register, ballot), member, count);
    }
  }

  /** A base that was never proposed is known to nobody but who held it, and whom it told so. */
  #told(asker: Address, { phase, page }: PageMessage): void {
    const epoch = this.#pageQuestions.get(`${asker} ${String(phase)}`);
    if (epoch === undefined) return;
    for (const { register, ballot, count, record } of page?.entries ?? []) {
      this.#paged.set(pagedKey(epoch, register, { ballot, count }), record);
    }
  }
}

function chunkOf({ phase, chunk }: SyncMessage | SyncAckMessage): string {
  return `${String(phase)} ${String(chunk)}`;
}

function voteKey(member: Address, epoch: number, register: string): string {
  return `${member} ${String(epoch)} ${register}`;
}

/** @param epoch - in which it was asked for; it was held in the one before */
function pagedKey(epoch: number, register: string, { ballot, count }: Tag): string {
  return `${String(epoch)} ${String(ballot)} ${String(count)} ${register}`;
}
