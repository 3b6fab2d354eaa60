import type { RegisterKind } from '@jbstore/gms/port';
import {
  ConnectionRefused,
  Unreachable,
  decode,
  encode,
  parseAddress,
  type Address,
  type Message,
  type ProcessId,
} from '@jbstore/network/port';

import type { Calendar } from './calendar';
import { streamOf } from './chance';
import { Condition, Link, type Copy } from './link';
import { Pair, type End } from './pair';
import type { Direction, Latency, MessageRates } from './plan';
import type { Sending } from './observer';
import type { ProbeName } from './probes';
import type { Station } from './station';

/**
 * Messages that may come only once where the store counts on the links for it: a put without a number in a session
 * that is done twice would bring a former value back, and a refusal that comes twice lets it be done twice.
 */
const once: ReadonlySet<string> = new Set(['store/Put', 'store/Refused']);

/** What is kept back by a wrong suspicion. */
const heartbeats = 'epfd/';

/** So often a process that sends to nobody is told so, as one that dials again. */
const redialMs = 500;

/** What happened to messages, for whoever watches. */
export interface Witness {
  sent(sending: Sending, bytes: Uint8Array, copies: readonly Copy[]): void;
  arrived(sending: Sending, kind: Copy['kind']): void;
  sometimes(probe: ProbeName): void;
}

export interface WireOptions {
  readonly seed: string;
  readonly latency: Latency;
  readonly rates: MessageRates;
  readonly register: RegisterKind;
}

/**
 * The links between all processes. Until it is healed it loses, doubles, reorders and replays what is
 * sent, as the rates of the plan say, and a cut direction carries nothing; from then on it keeps what
 * the port `Network` promises. Every message crosses it as bytes.
 */
export class Wire {
  readonly #calendar: Calendar;
  readonly #options: WireOptions;
  readonly #witness: Witness;
  readonly #stations = new Map<string, Station>();
  readonly #listeners = new Map<string, Station>();
  readonly #pairs = new Map<Station, Map<Station, Pair>>();
  readonly #conditions = new Map<string, Condition>();
  readonly #routes = new Map<Address, Route>();
  /** When a process was last told that it does not reach another one. */
  readonly #toldMs = new Map<string, number>();
  #healed = false;

  constructor(calendar: Calendar, options: WireOptions, witness: Witness) {
    this.#calendar = calendar;
    this.#options = options;
    this.#witness = witness;
  }

  plug(station: Station): void {
    this.#stations.set(station.id, station);
    if (station.endpoint !== undefined) this.#listeners.set(station.endpoint, station);
  }

  /** The process is dead. What it has sent is still on its way. */
  unplug(station: Station): void {
    const { id, endpoint } = station;
    if (this.#stations.get(id) === station) this.#stations.delete(id);
    if (endpoint !== undefined && this.#listeners.get(endpoint) === station) {
      this.#listeners.delete(endpoint);
    }
    for (const [other, pair] of this.#pairs.get(station) ?? []) {
      pair.bury(station);
      this.#pairs.get(other)?.delete(station);
    }
    this.#pairs.delete(station);
  }

  /** @throws {@link MalformedMessageError} if `message` does not fit its own schema */
  send(from: Station, message: Message): void {
    const bytes = encode(message);
    const route = this.#routeTo(message.destination);
    if (route.id === from.id) {
      this.#arriveAt(from, from, message, bytes, [
        { atMs: this.#calendar.nowMs, kind: 'in order' },
      ]);
      return;
    }
    const to = this.#receiverOf(route);
    if (to?.clusterId !== from.clusterId) {
      const { nowMs: atMs } = this.#calendar;
      this.#witness.sent({ from, to: undefined, message, atMs }, bytes, []);
      this.#refuse(from, message.destination, route);
      return;
    }
    const pair = this.#pairOf(from, to);
    pair.use();
    this.#carry({ from, to, message, bytes, pair });
  }

  /** Changes what lies in `directions`, for processes that are there now and for those to come. */
  change(directions: readonly Direction[], how: (condition: Condition) => void): void {
    for (const [from, to] of directions) how(this.#conditionOf(from, to));
    for (const pair of this.#allPairs()) pair.release();
  }

  /** The connections in `directions` break, as those on a way that was cut. */
  break(directions: readonly Direction[]): void {
    const conditions = new Set(directions.map(([from, to]) => this.#conditionOf(from, to)));
    for (const pair of this.#allPairs()) if (pair.isOn(conditions)) pair.break();
  }

  /** From now on the links keep what they promise; what was lost before is reported. */
  heal(): void {
    this.#healed = true;
    for (const condition of this.#conditions.values()) Object.assign(condition, new Condition());
    for (const pair of this.#allPairs()) pair.heal();
  }

  #carry(letter: Letter): void {
    const { from, to, message, bytes, pair } = letter;
    const end = pair.endOf(from);
    const { condition } = end.out;
    if (condition.keeping > 0) {
      pair.hold(() => {
        this.#carry(letter);
      });
      return;
    }
    const silenced = condition.silencing > 0 && message.declaration.type.startsWith(heartbeats);
    const copies = condition.losing > 0 || silenced ? [] : this.#fateOf(end.out, message);
    this.#arriveAt(from, to, message, bytes, copies);
    if (copies.length === 0 && !silenced) pair.lose(end);
  }

  #fateOf(link: Link, { lane, declaration }: Message): readonly Copy[] {
    const { nowMs } = this.#calendar;
    if (this.#healed) return [{ atMs: link.arrivalMs(nowMs, lane), kind: 'in order' }];
    const repeatable = this.#options.register === 'exactly-once' || !once.has(declaration.type);
    return link.next(nowMs, lane, this.#options.rates, repeatable);
  }

  #arriveAt(
    from: Station,
    to: Station,
    message: Message,
    bytes: Buffer,
    copies: readonly Copy[],
  ): void {
    const sending = { from, to, message, atMs: this.#calendar.nowMs };
    this.#witness.sent(sending, bytes, copies);
    const passage = { source: from.self, destination: to.self, lane: message.lane };
    for (const { atMs, kind } of copies) {
      to.lane.at(atMs, () => {
        // What comes again, against the promise of the port, comes before the healing or never.
        if (this.#healed && (kind === 'doubled' || kind === 'replayed')) return;
        this.#witness.arrived(sending, kind);
        to.deliver(decode(bytes, passage));
      });
    }
  }

  /** Nobody is there, or not whom `from` looks for: it hears so, as often as it would dial. */
  #refuse(from: Station, destination: Address, { id, endpoint }: Route): void {
    if (endpoint === undefined) return;
    const key = `${from.id} ${destination}`;
    const { nowMs } = this.#calendar;
    if (nowMs < (this.#toldMs.get(key) ?? -Infinity) + redialMs) return;
    this.#toldMs.set(key, nowMs);
    const found = this.#listeners.get(endpoint);
    if (found && found.clusterId !== from.clusterId) {
      this.#witness.sometimes('a process of another cluster was refused');
    }
    from.lane.soon(() => {
      if (found && !this.#isCutBetween(from.place, found.place)) {
        from.tell(refusalOf(from, found, destination, id));
      } else {
        from.tell(new Unreachable(destination, 1, 'nobody answers there'));
      }
    });
  }

  #isCutBetween(one: string, other: string): boolean {
    return this.#conditionOf(one, other).cut || this.#conditionOf(other, one).cut;
  }

  #receiverOf({ id, endpoint }: Route): Station | undefined {
    if (id !== undefined) return this.#stations.get(id);
    return endpoint === undefined ? undefined : this.#listeners.get(endpoint);
  }

  #routeTo(destination: Address): Route {
    let route = this.#routes.get(destination);
    if (!route) {
      const { id, host, port } = parseAddress(destination);
      const endpoint = host === undefined ? undefined : `${host}:${String(port)}`;
      this.#routes.set(destination, (route = { id, endpoint }));
    }
    return route;
  }

  #pairOf(one: Station, other: Station): Pair {
    const known = this.#pairs.get(one)?.get(other);
    if (known) return known;
    const ends = [this.#endOf(one, other), this.#endOf(other, one)] as const;
    const random = streamOf(this.#options.seed, 'pair', one.id, other.id);
    const { noticedMs } = this.#options.rates;
    const pair = new Pair(ends, this.#calendar.world, random, noticedMs, () => {
      this.#witness.sometimes('a session was lost');
    });
    this.#remember(one, other, pair);
    this.#remember(other, one, pair);
    return pair;
  }

  #remember(one: Station, other: Station, pair: Pair): void {
    const pairs = this.#pairs.get(one);
    if (pairs) pairs.set(other, pair);
    else this.#pairs.set(one, new Map([[other, pair]]));
  }

  #endOf(station: Station, peer: Station): End {
    const { seed, latency } = this.#options;
    const name = `${station.self} to ${peer.self}`;
    const condition = this.#conditionOf(station.place, peer.place);
    return { station, out: new Link(seed, name, latency, condition), dropped: 0 };
  }

  #conditionOf(from: string, to: string): Condition {
    const key = `${from} ${to}`;
    let condition = this.#conditions.get(key);
    if (!condition) this.#conditions.set(key, (condition = new Condition()));
    return condition;
  }

  #allPairs(): ReadonlySet<Pair> {
    return new Set([...this.#pairs.values()].flatMap((pairs) => [...pairs.values()]));
  }
}

/** Where an address leads. */
interface Route {
  readonly id: ProcessId | undefined;
  readonly endpoint: string | undefined;
}

/** A message that is to go from one process to another. */
interface Letter {
  readonly from: Station;
  readonly to: Station;
  readonly message: Message;
  readonly bytes: Buffer;
  readonly pair: Pair;
}

function refusalOf(
  from: Station,
  found: Station,
  destination: Address,
  id: ProcessId | undefined,
): ConnectionRefused {
  if (found.clusterId !== from.clusterId) {
    const text = `it is of the cluster ${found.clusterId}`;
    const { clusterId } = found;
    return new ConnectionRefused(
      destination,
      'ERR_FOREIGN_CLUSTER',
      text,
      from.clusterId,
      clusterId,
    );
  }
  const text = `another process answers there: ${found.id}`;
  return new ConnectionRefused(destination, 'ERR_WRONG_PROCESS', text, id, found.id);
}
