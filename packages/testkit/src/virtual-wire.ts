import { invariant, type Host } from '@jbstore/core';
import {
  parseAddress,
  processOf,
  sendingUnit,
  unitAt,
  type Address,
  type Message,
  type ProcessId,
} from '@jbstore/network/port';

/** A message on its way. */
export interface Envelope {
  readonly source: Address;
  readonly destination: Address;
  readonly message: Message;
}

/**
 * What happens to a message: it arrives after so many milliseconds, it waits on the wire until the
 * test delivers or drops it, or it is lost.
 */
export type Fate = number | 'hold' | 'drop';

/** What a process shows to the wire. */
export interface Plug {
  readonly self: Address;
  readonly clusterId: string;
  deliver(message: Message): void;
  /** Another process, or one of another cluster, answers at `peer`. */
  refused(
    peer: Address,
    code: 'ERR_WRONG_PROCESS' | 'ERR_FOREIGN_CLUSTER',
    expected: string,
    found: string,
  ): void;
}

/**
 * The wire between processes in one virtual time. By default every message arrives, after
 * `latencyMs`, in order. A test rules otherwise by {@link rule}, or takes messages in hand: those
 * that are held lie in {@link held} until they are delivered, dropped or doubled.
 */
export class VirtualWire {
  readonly #host: Host;
  readonly #plugs = new Map<ProcessId, Plug>();
  readonly #held: Envelope[] = [];
  #rule: (envelope: Envelope) => Fate;

  constructor(host: Host, latencyMs = 1) {
    this.#host = host;
    this.#rule = ({ source, destination }) =>
      processOf(source) === processOf(destination) ? 0 : latencyMs;
  }

  /** Messages that wait for the test, oldest first. */
  get held(): readonly Envelope[] {
    return this.#held;
  }

  /**
   * Decides the fate of messages sent from now on. `otherwise` is the rule that was in force.
   *
   * @example
   * ```ts
   * import { message } from '@jbstore/network/port';
   * import { Processes } from '@jbstore/testkit';
   *
   * class Ack extends message('hall/Ack', {}) {}
   *
   * const { wire } = new Processes();
   * wire.rule((envelope, otherwise) => (envelope.message instanceof Ack ? 'hold' : otherwise));
   * ```
   */
  rule(decide: (envelope: Envelope, otherwise: Fate) => Fate): void {
    const before = this.#rule;
    this.#rule = (envelope) => decide(envelope, before(envelope));
  }

  /**
   * Joins a process to the wire. One that listened at the same place before is gone. Returns what takes
   * this one off again, and never a later one of the same name.
   */
  plug(plug: Plug): () => void {
    const { id, host, port } = parseAddress(plug.self);
    invariant(id !== undefined, `a process on the wire has an id, and ${plug.self} has none`);
    const former = this.#at(host, port);
    if (former) this.unplug(former.self);
    this.#plugs.set(id, plug);
    return () => {
      if (this.#plugs.get(id) === plug) this.#plugs.delete(id);
    };
  }

  /** The process sends and gets nothing any more: it crashed. */
  unplug(process: Address): void {
    const { id } = parseAddress(process);
    if (id !== undefined) this.#plugs.delete(id);
  }

  send(source: Address, message: Message): void {
    const { id } = parseAddress(source);
    if (id === undefined || !this.#plugs.has(id)) return;
    const { destination } = message;
    const envelope: Envelope = {
      source: unitAt(source, sendingUnit(message)),
      destination,
      message,
    };
    const fate = this.#rule(envelope);
    if (fate === 'hold') this.#held.push(envelope);
    else if (fate !== 'drop') this.#arriveAfter(fate, envelope);
  }

  /** Hands `envelope`, held or seen before, to its destination now. */
  deliver(envelope: Envelope): void {
    this.drop(envelope);
    this.#arriveAfter(0, envelope);
  }

  /** Hands over every held message that `which` names, in order; all of them by default. */
  deliverAll(which: (envelope: Envelope) => boolean = () => true): void {
    for (const envelope of this.#held.filter(which)) this.deliver(envelope);
  }

  /** Takes `envelope` off the wire. */
  drop(envelope: Envelope): void {
    const index = this.#held.indexOf(envelope);
    if (index >= 0) this.#held.splice(index, 1);
  }

  /** Puts a second copy of `envelope` on the wire, held. */
  duplicate(envelope: Envelope): void {
    this.#held.push({ ...envelope });
  }

  #arriveAfter(delayMs: number, envelope: Envelope): void {
    if (delayMs > 0) {
      this.#host.after(delayMs, () => {
        this.#arrive(envelope);
      });
    } else {
      this.#arrive(envelope);
    }
  }

  #arrive({ source, destination, message }: Envelope): void {
    const { id, host, port, unit } = parseAddress(destination);
    const sender = this.#plugs.get(parseAddress(source).id ?? ('' as ProcessId));
    const receiver = (id && this.#plugs.get(id)) ?? this.#at(host, port);
    if (!receiver) return;
    if (sender && sender.clusterId !== receiver.clusterId) {
      sender.refused(destination, 'ERR_FOREIGN_CLUSTER', sender.clusterId, receiver.clusterId);
    } else if (id !== undefined && parseAddress(receiver.self).id !== id) {
      sender?.refused(destination, 'ERR_WRONG_PROCESS', id, parseAddress(receiver.self).id ?? '');
    } else {
      receiver.deliver(message.declaration.received(message, source, unitAt(receiver.self, unit)));
    }
  }

  #at(host: string | undefined, port: number | undefined): Plug | undefined {
    if (host === undefined) return undefined;
    return [...this.#plugs.values()].find((plug) => {
      const parts = parseAddress(plug.self);
      return parts.host === host && parts.port === port;
    });
  }
}
