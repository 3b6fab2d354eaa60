import type { Subject, Unsubscribable } from 'rxjs';

import { ForeignPortError, UnheldChannelError, UnpluggedChannelError } from './channel-errors';
import type { Hop } from './delivery';
import { DuplicateChannelError, invariant } from './errors';
import type { EventClass } from './event';
import type { Gate } from './fate';
import { Lane } from './lane';
import { wiring, type Link, type PortEnd, type ProvidedEnd, type RequiredEnd } from './port-end';
import type { IndicationOf, PortType, RequestOf } from './port-type';
import { KeySelector, type Selectors } from './selector';

/** How a channel is held. */
export interface HoldOptions {
  /** The most events that wait, in each direction. Default 65 536. */
  readonly capacity?: number;
}

/** How many events wait in a held channel. */
export interface HeldEvents {
  readonly requests: number;
  readonly indications: number;
}

const defaultCapacity = 65_536;

/**
 * Joins a provided and a required end of one port type: a pair of RxJS subjects, one per direction.
 * Subscribe to one to watch its events pass; `next` puts an event on the way. First in, first out;
 * each event once. The subjects are made when asked for: events that nobody watches do not pass
 * through them.
 *
 * A channel that is held keeps its events, so that either end can be unplugged and plugged into
 * another port meanwhile: nothing is lost, doubled or reordered.
 */
export class Channel<P extends PortType = PortType> implements Link, Unsubscribable {
  #provided: ProvidedEnd<P> | undefined;
  #required: RequiredEnd<P> | undefined;
  #requests: Lane<RequestOf<P>> | undefined;
  #indications: Lane<IndicationOf<P>> | undefined;
  #state: 'open' | 'held' | 'resuming' | 'closed' = 'open';

  /** @throws {@link DuplicateChannelError} if the two ends are connected already */
  constructor(provided: ProvidedEnd<P>, required: RequiredEnd<P>, selectors?: Selectors<P>) {
    refuseDuplicate(provided, required);
    this.#provided = provided;
    this.#required = required;
    if (selectors?.requests) {
      this.#requests = new Lane(this, required, provided, selectors.requests);
    }
    if (selectors?.indications) {
      this.#indications = new Lane(this, provided, required, selectors.indications);
    }
    wiring.attach(provided, this);
    wiring.attach(required, this);
  }

  /** The provided port; undefined while none is plugged in. */
  get provided(): ProvidedEnd<P> | undefined {
    return this.#provided;
  }

  /** The required port; undefined while none is plugged in. */
  get required(): RequiredEnd<P> | undefined {
    return this.#required;
  }

  /** What passes from the required end to the provided one. */
  get requests(): Subject<RequestOf<P>> {
    return this.#requestLane.tap;
  }

  /** What passes from the provided end to the required one. */
  get indications(): Subject<IndicationOf<P>> {
    return this.#indicationLane.tap;
  }

  /** The events that wait; undefined while the channel is not held. */
  get held(): HeldEvents | undefined {
    const requests = this.#requests?.heldEvents;
    const indications = this.#indications?.heldEvents;
    if (requests === undefined || indications === undefined) return undefined;
    return { requests, indications };
  }

  /** It carries only some of the events. */
  get selected(): boolean {
    return Boolean(this.#requests?.selector ?? this.#indications?.selector);
  }

  /**
   * From now on events wait in the channel, in either direction, in order. What arrives when `capacity`
   * of them wait is a dead letter: `overflow`. A second hold changes nothing but the capacity that it
   * names; where the channel is closed there is nothing to hold.
   */
  hold(options: HoldOptions = {}): void {
    if (this.#state === 'closed') return;
    const known = this.#state !== 'open';
    this.#state = 'held';
    if (known && options.capacity === undefined) return;
    const { capacity = defaultCapacity } = options;
    this.#requestLane.hold(capacity);
    this.#indicationLane.hold(capacity);
    this.#changed();
  }

  /**
   * What waits goes to the far ends, in order, before all that is triggered from now on; then events
   * pass directly again. If the component at one end was killed and nobody plugged in since, what it
   * had sent still arrives, and the channel is gone. Has no effect on a channel that is not held.
   * @throws {@link UnpluggedChannelError} if an end was unplugged and nothing plugged in since
   */
  resume(): void {
    if (this.#state !== 'held') return;
    const lanes = [this.#requestLane, this.#indicationLane] as const;
    if (lanes.some(({ to }) => to === 'unplugged')) throw new UnpluggedChannelError(this.#name);
    this.#state = 'resuming';
    // What observers of the channel do on the way may hold it again, or close it.
    while (this.#isResuming && lanes.some((lane) => lane.passOldest()));
    if (!this.#isResuming) return;
    if (lanes.some(({ to }) => to === 'killed')) {
      this.unsubscribe();
      return;
    }
    this.#state = 'open';
    for (const lane of lanes) lane.release();
    this.#changed();
  }

  /**
   * Takes the channel, which is held, off `port`.
   * @throws {@link UnheldChannelError} if it is not held
   * @throws {@link ForeignPortError} if it does not end at `port`
   */
  unplug(port: ProvidedEnd<P> | RequiredEnd<P>): void {
    if (this.#state !== 'held') throw new UnheldChannelError(this.#name);
    if (port !== this.#provided && port !== this.#required) {
      throw new ForeignPortError(this.#name, port.name, 'unplug the port at which it ends');
    }
    this.#takeOff(port);
    this.#laneTo(port).to = 'unplugged';
  }

  /**
   * Lets the free end of the channel, which is held, be at `port`.
   * @throws {@link UnheldChannelError} if it is not held
   * @throws {@link ForeignPortError} if no end of this type and role is free
   * @throws {@link DuplicateChannelError} if `port` is connected with the other end already
   */
  plug(port: ProvidedEnd<P> | RequiredEnd<P>): void {
    if (this.#state !== 'held') throw new UnheldChannelError(this.#name);
    const near = this.#laneTo(port);
    if (near.from.type !== port.type) {
      throw new ForeignPortError(this.#name, port.name, 'plug in a port of its own type');
    }
    if (typeof near.to !== 'string') {
      throw new ForeignPortError(this.#name, port.name, 'that end is not free: unplug it first');
    }
    const far = this.opposite(port);
    if (far && port.role === 'provided') refuseDuplicate(port, far);
    else if (far) refuseDuplicate(far, port);
    this.#put(port);
  }

  /** Disconnects the two ends. What arrived already is still handled, what waits is not. */
  unsubscribe(): void {
    this.#state = 'closed';
    for (const port of [this.#provided, this.#required]) if (port) wiring.detach(port, this);
    this.#requests?.close();
    this.#indications?.close();
  }

  /** What the killed component at `port` had sent still waits if the channel is held. */
  bereave(port: PortEnd): void {
    const held = this.#state === 'held' || this.#state === 'resuming';
    if (held) this.#laneTo(port).bereave();
    if (!held || this.#laneFrom(port).to === 'killed') this.unsubscribe();
    else this.#takeOff(port);
  }

  opposite(port: PortEnd): PortEnd | undefined {
    return port.role === 'provided' ? this.#required : this.#provided;
  }

  keyFrom(port: PortEnd): KeySelector | undefined {
    const lane = port.role === 'provided' ? this.#indications : this.#requests;
    return lane?.selector instanceof KeySelector ? lane.selector : undefined;
  }

  wayFrom(port: PortEnd, type: EventClass): Hop | Gate | undefined {
    const lane = port.role === 'provided' ? this.#indications : this.#requests;
    if (lane) return lane.wayOf(type);
    const far = this.opposite(port);
    return far && wiring.deliveryTo(far, type);
  }

  get #isResuming(): boolean {
    return this.#state === 'resuming';
  }

  /** `provided - required`, where it ends or ended last. */
  get #name(): string {
    const ends = [this.#indicationLane.from, this.#requestLane.from];
    return ends.map(({ name }) => name).join(' - ');
  }

  // Lanes are made while both ends are plugged in, as the first hold makes both.
  get #requestLane(): Lane<RequestOf<P>> {
    return (this.#requests ??= this.#lane<RequestOf<P>>(this.#required, this.#provided));
  }

  get #indicationLane(): Lane<IndicationOf<P>> {
    return (this.#indications ??= this.#lane<IndicationOf<P>>(this.#provided, this.#required));
  }

  #lane<E extends RequestOf<P> | IndicationOf<P>>(
    from: PortEnd | undefined,
    to: PortEnd | undefined,
  ): Lane<E> {
    invariant(from !== undefined && to !== undefined, 'only a channel that is held has a free end');
    const lane = new Lane<E>(this, from, to);
    if (this.#state === 'closed') lane.close();
    return lane;
  }

  /** By which events go that arrive at `port`. */
  #laneTo(port: PortEnd): Lane<RequestOf<P>> | Lane<IndicationOf<P>> {
    return port.role === 'provided' ? this.#requestLane : this.#indicationLane;
  }

  #laneFrom(port: PortEnd): Lane<RequestOf<P>> | Lane<IndicationOf<P>> {
    return port.role === 'provided' ? this.#indicationLane : this.#requestLane;
  }

  #takeOff(port: PortEnd): void {
    wiring.detach(port, this);
    if (port.role === 'provided') this.#provided = undefined;
    else this.#required = undefined;
  }

  #put(port: ProvidedEnd<P> | RequiredEnd<P>): void {
    if (port.role === 'provided') this.#provided = port;
    else this.#required = port;
    this.#laneTo(port).to = port;
    this.#laneFrom(port).from = port;
    wiring.attach(port, this);
  }

  #changed(): void {
    for (const port of [this.#provided, this.#required]) if (port) wiring.forget(port, this);
  }
}

/** Looks at the end with fewer channels: a provider may have thousands. */
function refuseDuplicate(provided: PortEnd, required: PortEnd): void {
  const [port, other] =
    wiring.linkCount(required) <= wiring.linkCount(provided)
      ? [required, provided]
      : [provided, required];
  for (const link of wiring.linksOf(port)) {
    if (link.opposite(port) === other) {
      throw new DuplicateChannelError(provided.name, required.name);
    }
  }
}
