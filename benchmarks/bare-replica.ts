import { Kind, type FrameReader } from './bare-frame';
import { type Link } from './bare-link';

interface Entry {
  tag: number;
  value: Buffer;
}

/** A request that this replica leads, until both others have answered. */
interface Led {
  client: Link;
  /** Of the request, at the client. */
  id: number;
  /** What another replica must hold, so that two of three do. */
  tag: number;
  reply: Kind;
  value: Buffer | undefined;
  answers: number;
}

/**
 * A third of the keys is led here, and all are kept here. A put has one round: the lead is the only one who
 * gives tags to its keys. A get asks for tags, and answers with what the lead has when one more has the same.
 *
 * Connections keep the order of what is sent, so a replica that is asked has what the lead had when it asked.
 */
export class BareReplica {
  /** The connections with both other replicas. */
  readonly others: Link[] = [];
  readonly #entries = new Map<string, Entry>();
  readonly #led: Led[] = [];
  readonly #free: number[] = [];

  receive(from: Link, message: FrameReader): void {
    switch (message.kind) {
      case Kind.put:
        this.#put(from, message);
        break;
      case Kind.get:
        this.#get(from, message);
        break;
      case Kind.keep:
        this.#keep(message.key, message.tag, message.value);
        from.send(Kind.holds, message.id, message.tag);
        break;
      case Kind.ask:
        from.send(Kind.holds, message.id, this.#entries.get(message.key)?.tag ?? 0);
        break;
      case Kind.holds:
        this.#count(message.id, message.tag);
        break;
      default:
        throw new Error(`no replica is sent a message of kind ${message.kind}`);
    }
  }

  #put(client: Link, { id, key, value }: FrameReader): void {
    const tag = (this.#entries.get(key)?.tag ?? 0) + 1;
    this.#keep(key, tag, value);
    const led = this.#lead({ client, id, tag, reply: Kind.done, value: undefined, answers: 0 });
    for (const other of this.others) other.send(Kind.keep, led, tag, key, value);
  }

  #get(client: Link, { id, key }: FrameReader): void {
    const entry = this.#entries.get(key);
    const { tag, value } = entry ?? { tag: 0, value: undefined };
    const reply = value ? Kind.found : Kind.missing;
    const led = this.#lead({ client, id, tag, reply, value, answers: 0 });
    for (const other of this.others) other.send(Kind.ask, led, 0, key);
  }

  #keep(key: string, tag: number, value: Buffer): void {
    const copy = Buffer.from(value);
    const entry = this.#entries.get(key);
    if (entry) {
      entry.tag = tag;
      entry.value = copy;
    } else {
      this.#entries.set(key, { tag, value: copy });
    }
  }

  /** The number under which the others answer. */
  #lead(led: Led): number {
    const number = this.#free.pop() ?? this.#led.length;
    this.#led[number] = led;
    return number;
  }

  #count(number: number, tag: number): void {
    const led = this.#led[number];
    if (led?.tag !== tag) throw new Error('a replica does not hold what it was sent');
    led.answers += 1;
    if (led.answers === 1) led.client.send(led.reply, led.id, 0, undefined, led.value);
    else this.#free.push(number);
  }
}
