import { type Address, type Message } from '@jbstore/network/port';

import { Lineage, demand, text, type Packed, type Seen, type Sent } from './lineage';
import {
  AcceptMessage,
  AcceptedMessage,
  PrepareMessage,
  PromiseMessage,
  ReadMessage,
  ValueMessage,
} from './messages';
import { Proposals } from './proposals';
import { Streamed } from './streamed';
import { noBallot, type Tag } from './tag';

type Question = AcceptMessage | PrepareMessage | ReadMessage;

function isQuestion(message: Message): message is Question {
  return (
    message instanceof AcceptMessage ||
    message instanceof PrepareMessage ||
    message instanceof ReadMessage
  );
}

interface Vote {
  readonly tag: Tag;
  readonly record: Packed | null;
}

/** What the sender of a reply says it holds. */
function voteIn(reply: Message, question: Question): Vote | undefined {
  if (reply instanceof AcceptedMessage && question instanceof AcceptMessage) {
    return { tag: question, record: null };
  }
  if (reply instanceof PromiseMessage && reply.vote) {
    return { tag: reply.vote, record: reply.vote.record };
  }
  if (reply instanceof ValueMessage && reply.tag) return { tag: reply.tag, record: reply.record };
  return undefined;
}

function isSame(one: Seen, other: Seen): boolean {
  return (
    one.value === other.value &&
    one.version === other.version &&
    one.generationFloor === other.generationFloor &&
    one.results === other.results
  );
}

/** The chains of registers: another begins each time that an operator forces their slot. */
export interface Lines {
  /** The epoch with which that chain began to which an epoch belongs. */
  lineOf(epoch: number, register: string): number;
  /** Who had something when the chain began, and in which epoch they had been. */
  leftOf(
    line: number,
    register: string,
  ): { readonly epoch: number; readonly survivors: readonly Address[] } | undefined;
}

const oneLine: Lines = { lineOf: () => 1, leftOf: () => undefined };

/** What all processes say, and what clients see: held to the invariants of the protocol. */
export class Lineages {
  /** By register, and by the epoch in which its chain began. */
  readonly #registers = new Map<string, Map<number, Lineage>>();
  readonly #proposals = new Map<string, Proposals>();
  /** What a phase of a process asked. */
  readonly #questions = new Map<string, Question>();
  readonly #streamed: Streamed;
  /** The newest record of each register that was chosen in an epoch. */
  readonly #newest = new Map<string, Map<number, Seen>>();
  chosen = 0;

  /** @param groupOf - who holds a register in an epoch */
  constructor(
    readonly groupOf: (epoch: number, register: string) => readonly Address[],
    readonly lines: Lines = oneLine,
  ) {
    this.#streamed = new Streamed({
      about: (epoch, register, ballot) => this.#about(epoch, register, ballot),
      proposed: (about, count, packed) => {
        this.#proposed(about, count, packed);
      },
      held: (about, count, record) => {
        this.#held(about, count, record);
      },
      voted: (about, member, count) => {
        // Who is alone chooses without a word: what was executed between two streams is known from answers at best.
        const { length } = this.groupOf(about.epoch, about.register);
        if (length > 1) this.#voted(about, member, count);
      },
    });
  }

  of(register: string, line = 1): Lineage {
    const lines = this.#registers.get(register) ?? new Map<number, Lineage>();
    this.#registers.set(register, lines);
    let lineage = lines.get(line);
    if (!lineage) {
      lineage = new Lineage(this.#survived(register, line));
      lineage.isUnseen = this.groupOf(line, register).length === 1;
      for (const former of lines.values()) lineage.inherit(former);
      lines.set(line, lineage);
    }
    return lineage;
  }

  /** Its chains, that which begins with the epoch `line` among them. */
  all(register: string, line: number): Iterable<Lineage> {
    this.of(register, line);
    return this.#registers.get(register)?.values() ?? [];
  }

  /**
   * The newest version that was chosen, and is held by one who was asked what is left: whatever it accepted there
   * later has that in its lineage, so no answer comes before it.
   */
  #survived(register: string, line: number): number {
    const left = this.lines.leftOf(line, register);
    let version = 0;
    for (const about of left ? this.#proposals.values() : []) {
      if (about.register !== register || about.epoch !== left?.epoch) continue;
      const held = Math.max(-1, ...left.survivors.map((member) => about.votes.get(member) ?? -1));
      for (const [count, record] of about.all) {
        const isChosen = !about.open.has(count);
        if (isChosen && count <= held) version = Math.max(version, record.version);
      }
    }
    return version;
  }

  /** What was chosen last in the epochs before is a value. */
  hasValueBefore(register: string, epoch: number): boolean {
    let last: Seen | undefined;
    for (const [chosenIn, record] of this.#newest.get(register) ?? []) {
      if (this.lines.lineOf(chosenIn, register) !== this.lines.lineOf(epoch, register)) continue;
      if (chosenIn < epoch && record.version >= (last?.version ?? 0)) last = record;
    }
    return last !== undefined && last.value !== null;
  }

  replay(): void {
    for (const lines of this.#registers.values()) {
      for (const lineage of lines.values()) lineage.replay();
    }
  }

  /** A message is put on the wire: whoever sends it has done what it says, and holds what it votes for. */
  sent(sent: Sent): void {
    const { source, destination, message } = sent;
    this.#streamed.sent(sent);
    if (message instanceof AcceptMessage) {
      const { epoch, register, ballot, count } = message;
      const about = this.#about(epoch, register, ballot);
      this.#proposed(about, count, message);
      this.#voted(about, source, count);
    }
    if (!('phase' in message) || typeof message.phase !== 'number') return;
    if (isQuestion(message)) {
      this.#questions.set(`${source} ${String(message.phase)}`, message);
      return;
    }
    const question = this.#questions.get(`${destination} ${String(message.phase)}`);
    const vote = question && voteIn(message, question);
    // Who has nothing votes with a ballot that nobody has.
    if (!vote || vote.tag.ballot === noBallot) return;
    const about = this.#about(question.epoch, question.register, vote.tag.ballot);
    if (vote.record) this.#proposed(about, vote.tag.count, vote.record);
    this.#voted(about, source, vote.tag.count);
  }

  /**
   * I4, I12: `member` has read this. It was chosen; or else the others that are needed hold it, as a read that imposes
   * what it found accepts it first, which no message tells where the others have it already.
   */
  found(
    register: string,
    member: Address,
    low: number,
    value: string | null,
    version?: number,
    line = 1,
  ): void {
    const lineage = this.of(register, line);
    if (!lineage.isChosen(low, value, version)) {
      const isHeld = this.#isHeldWith(member, register, low, value, version, line);
      demand(
        isHeld,
        `I4: ${String(value)} @${String(version)} was read after ${String(low)}, and is not chosen`,
      );
    }
    lineage.low = Math.max(lineage.low, version ?? 0);
  }

  #isHeldWith(
    member: Address,
    register: string,
    low: number,
    value: string | null,
    version: number | undefined,
    line: number,
  ): boolean {
    return [...this.#proposals.values()].some((about) => {
      if (about.register !== register) return false;
      if (this.lines.lineOf(about.epoch, register) !== line) return false;
      const majority = Math.floor(this.groupOf(about.epoch, register).length / 2) + 1;
      return [...about.all].some(([count, record]) => {
        const isSame = record.value === value && (version ?? record.version) === record.version;
        if (!isSame || record.version < low) return false;
        const holders = [...about.votes].filter(([, held]) => held >= count);
        return new Set([...holders.map(([holder]) => holder), member]).size >= majority;
      });
    });
  }

  #about(epoch: number, register: string, ballot: number): Proposals {
    const key = `${String(epoch)} ${String(ballot)} ${register}`;
    let about = this.#proposals.get(key);
    if (!about) this.#proposals.set(key, (about = new Proposals(epoch, register, ballot)));
    return about;
  }

  /** I5: one tag has one content. */
  #proposed(about: Proposals, count: number, packed: Packed): void {
    const { version, generationFloor, results } = packed;
    const value = packed.value && text(packed.value);
    this.#held(about, count, { value, version, generationFloor, results });
  }

  #held(about: Proposals, count: number, record: Seen): void {
    const known = about.all.get(count);
    demand(
      known === undefined || isSame(known, record),
      `I5: two contents of ${about.register} in ${String(about.epoch)}: ${String(about.ballot)}.${String(count)}`,
    );
    if (known) return;
    about.all.set(count, record);
    about.open.add(count);
  }

  #chosen(register: string, epoch: number, record: Seen): void {
    const newest = this.#newest.get(register) ?? new Map<number, Seen>();
    this.#newest.set(register, newest);
    if (record.version >= (newest.get(epoch)?.version ?? 0)) newest.set(epoch, record);
  }

  /** I20: a record is chosen by a majority of the members, each counted once. */
  #voted(about: Proposals, member: Address, count: number): void {
    const { epoch, register, votes, open } = about;
    const group = this.groupOf(epoch, register);
    if (!group.includes(member)) return;
    votes.set(member, Math.max(count, votes.get(member) ?? 0));
    this.#streamed.votes(about, member);
    if (open.size === 0) return;
    const counts = [...votes.values()].sort((one, other) => other - one);
    const chosen = counts[Math.floor(group.length / 2)] ?? -1;
    for (const number of [...open].sort((one, other) => one - other)) {
      const record = about.all.get(number);
      if (number > chosen || !record) continue;
      open.delete(number);
      this.chosen += 1;
      this.of(register, this.lines.lineOf(epoch, register)).chosen(record);
      this.#chosen(register, epoch, record);
    }
  }
}
