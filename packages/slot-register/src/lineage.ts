import { type Address, type Message } from '@jbstore/network/port';

import { type AcceptMessage } from './messages';
import { type Operation, type Outcome } from './operations';
import { Results } from './results';
import { type RequestId } from './session';

/** Something was seen that must never be. */
export class Violation extends Error {}

export function demand(holds: boolean, text: string): asserts holds {
  if (!holds) throw new Violation(text);
}

/** A message that is put on the wire. */
export interface Sent {
  readonly source: Address;
  readonly destination: Address;
  readonly message: Message;
}

/** A record as it was put on the wire, or answered. */
export type Packed = Pick<AcceptMessage, 'value' | 'version' | 'generationFloor' | 'results'>;
export type Seen = Omit<Packed, 'value'> & { readonly value: string | null };

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
export class Lineage {
  /** The value at a version; null if there was none. */
  readonly values = new Map<number, string | null>([[0, null]]);
  /** Which request made a version. */
  readonly changes = new Map<number, string>();
  readonly outcomes = new Map<string, { id: RequestId; outcome: Outcome; seenIn: number }>();
  /** Refused for good, and not known to have been executed: and the newest version that was chosen by then. */
  readonly expired = new Map<string, number>();
  readonly asked = new Map<string, Asked>();
  /** A group of one says nothing to anybody: what it answers is what it has chosen. */
  isUnseen = false;
  /** The highest version that a completed operation depends on. */
  low: number;

  /** @param first - the version of what was left when it began: it has that, or something newer */
  constructor(readonly first = 0) {
    this.low = first;
  }

  /** What was asked for when there was another chain may be performed in this one, or was, in what is left. */
  inherit(former: Lineage): void {
    for (const [key, asked] of former.asked) this.asked.set(key, { ...asked, low: 0 });
  }

  /** I1, I2, I3, I11: every chosen record is a part of one chain, and has all that stands before it. */
  chosen(record: Seen): void {
    const { version, value, generationFloor } = record;
    const results = Results.unpack(record.results);
    const known = this.values.get(version);
    demand(known === undefined || known === value, `I1: two values of version ${String(version)}`);
    this.values.set(version, value);
    for (const { session, sequence, outcome } of results) {
      const isRemembered = session.generation >= generationFloor;
      demand(isRemembered, `I19: ${keyOf({ session, sequence })} is below the floor of its record`);
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
    // It may have been executed before that, in a record which nobody but its proposer was seen to hold.
    const until = this.expired.get(key) ?? Infinity;
    demand(
      (madeBy(outcome) ?? version) <= until,
      `I19: ${key} was executed after its session had expired`,
    );
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

  /** I19: nobody executes it from now on. */
  refused(id: RequestId): void {
    const key = keyOf(id);
    if (!this.outcomes.has(key)) this.expired.set(key, Math.max(...this.values.keys()));
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

export function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
