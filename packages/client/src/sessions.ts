import { TurnoverMap } from '@jbstore/core';
import { generationMs, type RequestId, type SessionId } from '@jbstore/store/port';

/** A generation has 32 bits. */
const lastGeneration = 2 ** 32 - 1;

/** More requests on one key at a time than this wait: each takes room in the record of the key. */
const mostLanes = 64;

/** So many keys of requests without an answer a lane remembers. */
const mostUnanswered = 4_096;

/** One request on its way, in a lane. */
export interface Ticket {
  readonly id: RequestId;
  readonly key: string;
  /** Until its end. */
  lane: Lane | undefined;
}

/** A session, and on which keys it has requests. */
export interface Lane {
  readonly session: SessionId;
  sequence: number;
  /** Keys of requests of which somebody awaits the answer. */
  readonly running: TurnoverMap<string, true>;
  /** Keys of requests that were given up: copies of them may be on their way yet. */
  readonly unanswered: Set<string>;
}

/** What is known of the clock that is furthest ahead among those of the nodes. */
interface Clock {
  readonly generation: number;
  readonly atMs: number;
}

/**
 * The sessions of one client (protocol 4.4, "Sessions"), as lanes: in a lane at most one request on a key
 * is on its way, so what a register remembers of a session is the answer to its newest request. Several
 * requests on one key take as many lanes.
 *
 * A request on a key of which an earlier one was given up takes the lane of that one. Once it is
 * answered, a late copy of the earlier one has no effect any more, as its sequence number is lower.
 *
 * Nodes forget sessions that are older than a lifetime, by their own clocks. So new lanes are opened when
 * half of it is over, and after three quarters nothing is begun in an old one. All times are the client's own.
 */
export class Sessions {
  readonly #chance: () => string;
  readonly #lanes = new Set<Lane>();
  #clock: Clock | undefined;
  #lifetimeMs = Infinity;

  /** @param chance - draws the chance of a session */
  constructor(chance: () => string) {
    this.#chance = chance;
  }

  /** How many sessions are kept here. */
  get size(): number {
    return this.#lanes.size;
  }

  /** A node has opened sessions of this generation, for this long. */
  open(generation: number, lifetimeMs: number, nowMs: number): void {
    this.#lifetimeMs = Math.min(this.#lifetimeMs, lifetimeMs);
    this.#hear(generation, nowMs);
  }

  /**
   * Takes a request on `key` into a lane. Where there is none, a node must be asked to open sessions, or
   * others of the requests on this key must come to their end.
   */
  take(key: string, nowMs: number): Ticket | 'no session' | 'busy' {
    if (!this.#clock) return 'no session';
    this.#forget(nowMs);
    const lane = this.#freeLane(key, nowMs) ?? this.#openLane(nowMs);
    if (!lane) return 'busy';
    lane.running.set(key, true);
    return { id: { session: lane.session, sequence: (lane.sequence += 1) }, key, lane };
  }

  /** A register has answered it: what was given up before it has had its effect, or never will. */
  answered(ticket: Ticket): void {
    this.#end(ticket)?.unanswered.delete(ticket.key);
  }

  /** It surely came to no register, and never will. */
  unused(ticket: Ticket): void {
    this.#end(ticket);
  }

  /** Nobody awaits its answer any more. */
  giveUp(ticket: Ticket): void {
    const lane = this.#end(ticket);
    if (!lane) return;
    const { unanswered } = lane;
    unanswered.add(ticket.key);
    if (unanswered.size <= mostUnanswered) return;
    const [oldest] = unanswered;
    if (oldest !== undefined) unanswered.delete(oldest);
  }

  /**
   * The register of its key knows nothing of generations below `floor`, and performs nothing of them. Nodes
   * forget what is older than a lifetime, so by the clock of some node it is a lifetime later than that.
   */
  expire(ticket: Ticket, floor: number, nowMs: number): void {
    this.giveUp(ticket);
    const present = floor + Math.ceil(this.#lifetimeMs / generationMs);
    this.#hear(Math.min(present, lastGeneration), nowMs);
    this.#forget(nowMs);
  }

  #end(ticket: Ticket): Lane | undefined {
    const { lane } = ticket;
    ticket.lane = undefined;
    lane?.running.delete(ticket.key);
    return lane;
  }

  #hear(generation: number, atMs: number): void {
    if (!this.#clock || generation > this.#present(atMs)) this.#clock = { generation, atMs };
  }

  /** The generation that is opened at the node whose clock is furthest ahead. */
  #present(nowMs: number): number {
    const { generation, atMs } = this.#clock ?? { generation: 0, atMs: nowMs };
    return Math.min(generation + Math.floor((nowMs - atMs) / generationMs), lastGeneration);
  }

  /** How much of its lifetime has passed, at most. */
  #share({ session }: Lane, nowMs: number): number {
    return ((this.#present(nowMs) - session.generation) * generationMs) / this.#lifetimeMs;
  }

  #freeLane(key: string, nowMs: number): Lane | undefined {
    let young: Lane | undefined;
    for (const lane of this.#lanes) {
      if (lane.running.has(key)) continue;
      const share = this.#share(lane, nowMs);
      if (share < 0.75 && lane.unanswered.has(key)) return lane;
      if (share < 0.5) young ??= lane;
    }
    return young;
  }

  #openLane(nowMs: number): Lane | undefined {
    const young = [...this.#lanes].filter((lane) => this.#share(lane, nowMs) < 0.5);
    if (young.length >= mostLanes) return undefined;
    const lane: Lane = {
      session: { generation: this.#present(nowMs), chance: this.#chance() },
      sequence: 0,
      running: new TurnoverMap(),
      unanswered: new Set(),
    };
    this.#lanes.add(lane);
    return lane;
  }

  /** Lets go of lanes in which nothing runs, and nothing will be begun. */
  #forget(nowMs: number): void {
    for (const lane of this.#lanes) {
      if (lane.running.size > 0) continue;
      const share = this.#share(lane, nowMs);
      if (share >= 0.75 || (share >= 0.5 && lane.unanswered.size === 0)) this.#lanes.delete(lane);
    }
  }
}
