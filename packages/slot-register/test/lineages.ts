import { type Address, type Message } from '@jbstore/network/port';
import { type Operation, type Outcome, type RequestId } from '@jbstore/slot-register/port';
import { type Envelope } from '@jbstore/testkit';

import {
  AcceptMessage,
  AcceptedMessage,
  PrepareMessage,
  PromiseMessage,
  ReadMessage,
  SyncMessage,
  ValueMessage,
} from '../src/messages';
import { noBallot, type Tag } from '../src/tag';

/** Something was seen that must never be. */
export class Violation extends Error {}

function demand(holds: boolean, text: string): asserts holds {
  if (!holds) throw new Violation(text);
}

/** A record as it was put on the wire, or answered. */
type Packed = Pick<AcceptMessage, 'value' | 'version' | 'generationFloor' | 'results'>;
type Seen = Omit<Packed, 'value'> & { readonly value: string | null };

/** One request, as its client knows it. */
export interface Asked {
  readonly id: RequestId;
  readonly operation: Operation;
  /** No completed operation had seen more when it was first asked. */
  readonly low: number;
}

/**
 * The ghosts of one register: its lineage, which is the chain of its versions, and the requests in it. Versions
 * count the changes, so a version is a place in the lineage, and one request made it.
 */
class Lineage {
  /** The value at a version; null if there was none. */
  readonly values = new Map<number, string | null>([[0, null]]);
  /** Which request made a version. */
  readonly changes = new Map<number, string>();
  readonly outcomes = new Map<string, { id: RequestId; outcome: Outcome; seenIn: number }>();
  /** Refused for good before they were executed. */
  readonly expired = new Set<string>();
  readonly asked = new Map<string, Asked>();
  /** A group of one says nothing to anybody: what it answers is what it has chosen. */
  isUnseen = false;
  /** The highest version that a completed operation depends on. */
  low = 0;

  /** I1, I2, I3, I11: every chosen record is a part of one chain, and has all that stands before it. */
  chosen(record: Seen): void {
    const { version, value, results, generationFloor } = record;
    const known = this.values.get(version);
    demand(known === undefined || known === value, `I1: two values of version ${String(version)}`);
    this.values.set(version, value);
    for (const { session, sequence, outcome } of results) {
      this.#executed({ session, sequence }, outcome, version);
    }
    for (const [key, { id, outcome, seenIn }] of this.outcomes) {
      const made = madeBy(outcome);
      const isBefore = made === undefined ? seenIn < version : made <= version;
      if (!isBefore || id.session.generation < generationFloor) continue;
      const result = results.find(
        ({ session }) =>
          session.chance === id.session.chance && session.generation === id.session.generation,
      );
      demand(
        result !== undefined && result.sequence >= id.sequence,
        `I3, I11: ${key} is missing in version ${String(version)}`,
      );
    }
  }

  #executed(id: RequestId, outcome: Outcome, version: number): void {
    const key = keyOf(id);
    const known = this.outcomes.get(key);
    if (known) {
      demand(
        same(known.outcome, outcome),
        `I2: ${key} had ${JSON.stringify(known.outcome)}, then ${JSON.stringify(outcome)}`,
      );
      known.seenIn = Math.min(known.seenIn, version);
      return;
    }
    demand(!this.expired.has(key), `I19: ${key} was executed after its session had expired`);
    demand(this.asked.has(key), `I2: ${key} was executed, and nobody asked for it`);
    this.outcomes.set(key, { id, outcome, seenIn: version });
    const made = madeBy(outcome);
    if (made === undefined) return;
    demand(
      !this.changes.has(made),
      `I1: ${key} and ${String(this.changes.get(made))} made version ${String(made)}`,
    );
    demand(
      made <= version,
      `I1: version ${String(version)} has a result of version ${String(made)}`,
    );
    this.changes.set(made, key);
  }

  /** I3, I12: what is answered was chosen, and comes after all that was completed before it was asked. */
  answered(asked: Asked, outcome: Outcome): void {
    const key = keyOf(asked.id);
    const later = this.#laterOf(asked.id);
    // In one record with a later request of its session, its own result was seen by nobody.
    if (later && !this.outcomes.has(key)) this.#executed(asked.id, outcome, later.seenIn);
    if (this.isUnseen) this.#executed(asked.id, outcome, outcome.version ?? 0);
    const known = this.outcomes.get(key);
    demand(known !== undefined, `I12: ${key} was answered, and is not chosen`);
    demand(same(known.outcome, outcome), `I3: ${key} was answered otherwise than it went`);
    const { version = 0 } = outcome;
    if (madeBy(outcome) !== undefined) {
      demand(version > asked.low, `I3: ${key} came before it was asked`);
    }
    this.low = Math.max(this.low, version);
  }

  #laterOf({ session, sequence }: RequestId): { seenIn: number } | undefined {
    return [...this.outcomes.values()].find(
      ({ id }) => sessionOf(id) === sessionOf({ session, sequence }) && id.sequence > sequence,
    );
  }

  /** A record with this value was chosen, and is not older than what was completed before. */
  isChosen(low: number, value: string | null, version?: number): boolean {
    if (this.isUnseen && version !== undefined && !this.values.has(version)) {
      this.values.set(version, value);
    }
    if (this.isUnseen && version === undefined) return value === null;
    if (version !== undefined) return version >= low && this.values.get(version) === value;
    return value === null && [...this.values].some(([at, was]) => at >= low && was === null);
  }

  /** I2, I4: the values are what the requests make of one another, one after the other. */
  replay(): void {
    let value: string | null | undefined = null;
    const newest = Math.max(...this.values.keys());
    for (let version = 1; version <= newest; version += 1) {
      const key = this.changes.get(version);
      const asked = key === undefined ? undefined : this.asked.get(key);
      const outcome = key === undefined ? undefined : this.outcomes.get(key)?.outcome;
      // The result of a request may have been forgotten in the record that it made.
      value =
        asked && outcome && value !== undefined
          ? made(value, version, asked.operation, outcome)
          : undefined;
      const known = this.values.get(version);
      if (known === undefined) continue;
      demand(
        value === undefined || value === known,
        `I4: version ${String(version)} is not what ${String(key)} makes`,
      );
      value = known;
    }
  }
}

/** The version that an operation made. */
function madeBy({ succeeded, version }: Outcome): number | undefined {
  return succeeded ? version : undefined;
}

/** What `operation`, which succeeded, makes of `before`. */
function made(
  before: string | null,
  version: number,
  operation: Operation,
  outcome: Outcome,
): string | null {
  switch (operation.kind) {
    case 'put':
      return text(operation.value);
    case 'delete':
      return null;
    case 'increment': {
      const sum = Number(before ?? 0) + operation.by;
      demand(outcome.value === sum, `increment of ${String(before)} to ${String(outcome.value)}`);
      return String(sum);
    }
    case 'cas': {
      const { expected } = operation;
      const holds =
        expected.kind === 'absent'
          ? before === null
          : expected.kind === 'value'
            ? before === text(expected.value)
            : before !== null && expected.version === version - 1;
      demand(holds, `cas of ${JSON.stringify(expected)} at version ${String(version - 1)}`);
      return text(operation.value);
    }
  }
}

type Question = AcceptMessage | PrepareMessage | ReadMessage;

function isQuestion(message: Message): message is Question {
  return [AcceptMessage, PrepareMessage, ReadMessage].some((kind) => message instanceof kind);
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

/** What all processes say, and what clients see: held to the invariants of the protocol. */
export class Lineages {
  readonly #registers = new Map<string, Lineage>();
  /** What was proposed, by epoch, register and ballot, and then by count. */
  readonly #proposals = new Map<
    string,
    Map<number, { record: Seen; content: string; isChosen: boolean }>
  >();
  /** The highest count that each member accepted of it. */
  readonly #votes = new Map<string, Map<Address, number>>();
  /** What a phase of a process asked. */
  readonly #questions = new Map<string, Question>();
  chosen = 0;

  /** @param groupOf - the group of an epoch */
  constructor(readonly groupOf: (epoch: number) => readonly Address[]) {}

  of(register: string): Lineage {
    let lineage = this.#registers.get(register);
    if (!lineage) {
      lineage = new Lineage();
      lineage.isUnseen = this.groupOf(1).length === 1;
      this.#registers.set(register, lineage);
    }
    return lineage;
  }

  replay(): void {
    for (const lineage of this.#registers.values()) lineage.replay();
  }

  /** A message is put on the wire: whoever sends it has done what it says, and holds what it votes for. */
  sent({ source, destination, message }: Envelope): void {
    if (message instanceof AcceptMessage) {
      const { epoch, register, ballot, count } = message;
      const about = JSON.stringify([epoch, register, ballot]);
      this.#proposed(about, count, message);
      this.#voted(about, source, count);
    }
    if (message instanceof SyncMessage) this.#streamed(message);
    if (isQuestion(message)) this.#questions.set(`${source} ${String(message.phase)}`, message);
    if (!('phase' in message) || typeof message.phase !== 'number') return;
    const question = this.#questions.get(`${destination} ${String(message.phase)}`);
    const vote = question && voteIn(message, question);
    // Who has nothing votes with a ballot that nobody has.
    if (!vote || vote.tag.ballot === noBallot) return;
    const about = JSON.stringify([question.epoch, question.register, vote.tag.ballot]);
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
  ): void {
    const lineage = this.of(register);
    if (!lineage.isChosen(low, value, version)) {
      const isHeld = this.#isHeldWith(member, register, low, value, version);
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
    version?: number,
  ): boolean {
    return [...this.#proposals].some(([about, proposals]) => {
      const [epoch, of] = JSON.parse(about) as [number, string];
      if (of !== register) return false;
      const majority = Math.floor(this.groupOf(epoch).length / 2) + 1;
      return [...proposals].some(([count, { record }]) => {
        const isSame = record.value === value && (version ?? record.version) === record.version;
        if (!isSame || record.version < low) return false;
        const holders = [...(this.#votes.get(about) ?? [])].filter(([, held]) => held >= count);
        return new Set([...holders.map(([holder]) => holder), member]).size >= majority;
      });
    });
  }

  /** What a stream says of a record, or of the tag that it had before, is its content under the new one. */
  #streamed({ epoch, ballot, entries }: SyncMessage): void {
    for (const { register, count, record, old } of entries) {
      const about = JSON.stringify([epoch, register, ballot]);
      const before = old && JSON.stringify([old.epoch, register, old.ballot]);
      const known = before && this.#proposals.get(before)?.get(old.count);
      if (record) this.#proposed(about, count, record);
      else if (known) this.#held(about, count, known.record);
    }
  }

  /** I5: one tag has one content. */
  #proposed(about: string, count: number, packed: Packed): void {
    const { version, generationFloor, results } = packed;
    const value = packed.value && text(packed.value);
    this.#held(about, count, { value, version, generationFloor, results });
  }

  #held(about: string, count: number, record: Seen): void {
    const proposals =
      this.#proposals.get(about) ??
      new Map<number, { record: Seen; content: string; isChosen: boolean }>();
    this.#proposals.set(about, proposals);
    const content = JSON.stringify(record);
    const known = proposals.get(count);
    demand(
      known === undefined || known.content === content,
      `I5: two contents of ${about} ${String(count)}`,
    );
    if (!known) proposals.set(count, { record, content, isChosen: false });
  }

  /** I20: a record is chosen by a majority of the members, each counted once. */
  #voted(about: string, member: Address, count: number): void {
    const [epoch, register] = JSON.parse(about) as [number, string];
    const group = this.groupOf(epoch);
    if (!group.includes(member)) return;
    const votes = this.#votes.get(about) ?? new Map<Address, number>();
    this.#votes.set(about, votes);
    votes.set(member, Math.max(count, votes.get(member) ?? 0));
    const counts = [...votes.values()].sort((one, other) => other - one);
    const chosen = counts[Math.floor(group.length / 2)] ?? -1;
    for (const [number, proposal] of [...(this.#proposals.get(about) ?? [])].sort(
      ([one], [other]) => one - other,
    )) {
      if (number > chosen || proposal.isChosen) continue;
      proposal.isChosen = true;
      this.chosen += 1;
      this.of(register).chosen(proposal.record);
    }
  }
}

export function keyOf(id: RequestId): string {
  return `${sessionOf(id)}#${String(id.sequence)}`;
}

function sessionOf({ session: { chance, generation } }: RequestId): string {
  return `${chance.trim()}/${String(generation)}`;
}

function same(one: Outcome, other: Outcome): boolean {
  return (
    one.succeeded === other.succeeded && one.version === other.version && one.value === other.value
  );
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
