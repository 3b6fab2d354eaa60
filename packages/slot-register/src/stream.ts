import { type Address, type Message } from '@jbstore/network/port';

import { type Floors } from './acceptor';
import { SyncMessage, packed } from './messages';
import { bytesOfRecord, pageBytes } from './pages';
import { type RegisterRecord } from './record';
import { type SyncEntry } from './sync-streams';
import { type Ballot } from './tag';

/** A register of a stream: its record, and the tags under which a member may hold it already. */
export interface StreamEntry extends SyncEntry {
  readonly record: RegisterRecord;
}

export interface StreamInit extends Floors {
  /** The number of the stream: the phase in which members answer it. */
  readonly phase: number;
  readonly slot: number;
  readonly epoch: number;
  readonly ballot: Ballot;
  readonly entries: readonly StreamEntry[];
  readonly members: readonly Address[];
  /** Who may hold most of it under old tags, and is sent what it asks for only. */
  readonly holders: readonly Address[];
  /** The most bytes that are on their way to one member. */
  readonly windowBytes: number;
}

interface Chunk {
  readonly entries: readonly StreamEntry[];
  readonly bytes: number;
}

/** How far a stream has come with one member. */
interface Passage {
  /** The first chunk that was not sent yet. */
  next: number;
  /** The chunks on their way: how many bytes, and the registers that were asked for. */
  readonly unacknowledged: Map<number, { bytes: number; needed: readonly string[] }>;
  isSynced: boolean;
}

/** All records of a slot, under one ballot, on their way to the members of its group (5.5). */
export class Stream {
  readonly #init: StreamInit;
  readonly #chunks: readonly Chunk[];
  readonly #passages: ReadonlyMap<Address, Passage>;

  constructor(init: StreamInit) {
    this.#init = init;
    this.#chunks = cut(init.entries);
    const begun = (): Passage => ({ next: 0, unacknowledged: new Map(), isSynced: false });
    this.#passages = new Map(init.members.map((member) => [member, begun()]));
  }

  get chunks(): number {
    return this.#chunks.length;
  }

  /** How many chunks `member` has acknowledged. */
  passed(member: Address): number {
    const passage = this.#passages.get(member);
    return passage ? passage.next - passage.unacknowledged.size : 0;
  }

  /** What may be sent to `member` now that was not sent before. */
  *fresh(member: Address): Generator<Message> {
    const passage = this.#passages.get(member);
    if (!passage || passage.isSynced) return;
    while (passage.next < this.#chunks.length && this.#hasRoom(passage)) {
      const place = passage.next;
      passage.next += 1;
      yield this.#chunk(member, passage, place, []);
    }
  }

  /** What `member` has not acknowledged, and may have to be sent again. */
  *again(member: Address): Generator<Message> {
    const passage = this.#passages.get(member);
    if (!passage || passage.isSynced) return;
    for (const [place, { needed }] of [...passage.unacknowledged]) {
      yield this.#chunk(member, passage, place, needed);
    }
  }

  /** `member` does not have these registers of a chunk under their old tags. */
  *needed(member: Address, place: number, registers: readonly string[]): Generator<Message> {
    const passage = this.#passages.get(member);
    if (passage?.unacknowledged.has(place)) yield this.#chunk(member, passage, place, registers);
  }

  /** `member` has a chunk. Returns false if that is no news. */
  acknowledged(member: Address, place: number, isSynced: boolean): boolean {
    const passage = this.#passages.get(member);
    if (!passage || passage.isSynced) return false;
    passage.isSynced = isSynced;
    return passage.unacknowledged.delete(place) || isSynced;
  }

  #hasRoom({ unacknowledged }: Passage): boolean {
    let bytes = 0;
    for (const chunk of unacknowledged.values()) bytes += chunk.bytes;
    return bytes === 0 || bytes < this.#init.windowBytes;
  }

  #chunk(member: Address, passage: Passage, place: number, needed: readonly string[]): SyncMessage {
    const { phase, slot, epoch, ballot, generationFloor, versionFloor, holders } = this.#init;
    const { entries, bytes } = this.#chunks[place] ?? { entries: [], bytes: 0 };
    passage.unacknowledged.set(place, { bytes, needed });
    const isWanted = (register: string): boolean =>
      !holders.includes(member) || needed.includes(register);
    return new SyncMessage(member, {
      ...{ phase, slot, epoch, ballot, generationFloor, versionFloor },
      chunk: place,
      isLast: place === this.#chunks.length - 1,
      entries: entries.map(({ register, count, record, old }) =>
        isWanted(register) ? { register, count, record: packed(record) } : { register, count, old },
      ),
    });
  }
}

/** In chunks of about a page; at least one, since the last says that it was all. */
function cut(entries: readonly StreamEntry[]): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let chunk: StreamEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const more = bytesOfRecord(entry.register, entry.record);
    if (bytes + more > pageBytes && chunk.length > 0) {
      chunks.push({ entries: chunk, bytes });
      chunk = [];
      bytes = 0;
    }
    chunk.push(entry);
    bytes += more;
  }
  return [...chunks, { entries: chunk, bytes }];
}
