import type { IndicationOf, Random } from '@jbstore/core';
import {
  Connected,
  Disconnected,
  SessionLost,
  Unreachable,
  type NetworkStatus,
} from '@jbstore/network/port';

import type { Lane } from './lane';
import type { Condition, Link } from './link';
import type { Station } from './station';

/** How long it takes to make another connection, at most. */
const redialledWithinMs = 300;
const shortestMs = 5;

/** A message that waits for a cut to be over. */
type Held = () => void;

/** One end: the process, and what goes out from it. */
export interface End {
  readonly station: Station;
  readonly out: Link;
  /** Messages that did not arrive, since its session was last reported as lost. */
  dropped: number;
}

/**
 * The connection between two processes: what its ends are told of it. As a real one it is made with the
 * first message, breaks when something is lost or cut, and comes again when both directions are open;
 * the session goes on if nothing was lost meanwhile.
 */
export class Pair {
  readonly #ends: readonly [End, End];
  readonly #world: Lane;
  readonly #random: Random;
  readonly #noticedMs: number;
  readonly #sessionLost: () => void;
  #state: 'unused' | 'connected' | 'breaking' | 'broken' = 'unused';
  #attempts = 0;
  #held: Held[] = [];

  /**
   * @param noticedMs - how soon an end notices that its connection is gone, at most
   * @param sessionLost - told when messages were lost
   */
  constructor(
    ends: readonly [End, End],
    world: Lane,
    random: Random,
    noticedMs: number,
    sessionLost: () => void,
  ) {
    this.#sessionLost = sessionLost;
    this.#ends = ends;
    this.#noticedMs = noticedMs;
    this.#world = world;
    this.#random = random;
  }

  /** Reports what was lost, if it was not: nothing is lost from now on. */
  heal(): void {
    this.release();
    if (this.#ends.some(({ dropped }) => dropped > 0)) this.break();
  }

  /** True if one of these lies on it. */
  isOn(conditions: ReadonlySet<Condition>): boolean {
    return this.#ends.some(({ out }) => conditions.has(out.condition));
  }

  /** The end at which `station` is. */
  endOf(station: Station): End {
    const [one, other] = this.#ends;
    return one.station === station ? one : other;
  }

  /** Something is sent. */
  use(): void {
    if (this.#state !== 'unused') return;
    this.#state = 'connected';
    this.#tell((peer) => new Connected(peer.self, false));
  }

  /** A message of `end` is lost: the connection was, and at last both ends hear it. */
  lose(end: End): void {
    end.dropped += 1;
    this.break();
  }

  /** `message` waits until nothing is cut. */
  hold(message: Held): void {
    this.#held.push(message);
  }

  /** The connection breaks; it is noticed somewhat later. */
  break(): void {
    if (this.#state !== 'connected') return;
    this.#state = 'breaking';
    this.#later(this.#noticedMs, () => {
      this.#state = 'broken';
      this.#attempts = 0;
      this.#tell((peer) => new Disconnected(peer.self, 'the connection was lost'));
      this.#later(redialledWithinMs, this.#redial);
    });
  }

  /** A cut may be over. */
  release(): void {
    if (this.#isCut) return;
    for (const message of this.#held.splice(0)) message();
  }

  /** A process is gone: the other end notices. */
  bury(dead: Station): void {
    this.#held = [];
    if (this.#state === 'unused') return;
    const known = this.#state === 'broken';
    this.#state = 'unused';
    const survivor = this.#ends.find(({ station }) => station !== dead)?.station;
    if (!survivor || known) return;
    this.#later(this.#noticedMs, () => {
      tell(survivor, new Disconnected(dead.self, 'the connection was reset'));
    });
  }

  get #isCut(): boolean {
    return this.#ends.some(({ out }) => out.condition.cut);
  }

  readonly #redial = (): void => {
    if (this.#state !== 'broken') return;
    if (this.#isCut) {
      this.#attempts += 1;
      this.#tell((peer) =>
        peer.endpoint === undefined
          ? undefined
          : new Unreachable(peer.self, this.#attempts, 'nothing came back'),
      );
      this.#later(redialledWithinMs * Math.min(8, this.#attempts), this.#redial);
      return;
    }
    const lost = this.#ends.some(({ dropped }) => dropped > 0);
    if (lost) {
      this.#sessionLost();
      for (const { station, dropped } of this.#ends) {
        const peer = this.#peerOf(station);
        tell(station, new SessionLost(peer.self, dropped, 'outage'));
      }
    }
    for (const end of this.#ends) end.dropped = 0;
    this.#state = 'connected';
    this.#tell((peer) => new Connected(peer.self, !lost));
  };

  #peerOf(station: Station): Station {
    const [one, other] = this.#ends;
    return one.station === station ? other.station : one.station;
  }

  #tell(indicationOf: (peer: Station) => IndicationOf<typeof NetworkStatus> | undefined): void {
    for (const { station } of this.#ends) {
      const indication = indicationOf(this.#peerOf(station));
      if (indication) tell(station, indication);
    }
  }

  #later(withinMs: number, task: () => void): void {
    const delayMs = shortestMs + this.#random.float() * withinMs;
    this.#world.after(delayMs, task);
  }
}

function tell(station: Station, indication: IndicationOf<typeof NetworkStatus>): void {
  station.lane.soon(() => {
    station.tell(indication);
  });
}
