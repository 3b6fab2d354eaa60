import type { Subject, Unsubscribable } from 'rxjs';

import type { Hop } from './delivery';
import { DuplicateChannelError } from './errors';
import type { EventClass } from './event';
import { Lane } from './lane';
import { wiring, type Link, type PortEnd, type ProvidedEnd, type RequiredEnd } from './port-end';
import type { IndicationOf, PortType, RequestOf } from './port-type';

/**
 * Joins a provided and a required end of one port type: a pair of RxJS subjects, one per direction.
 * Subscribe to one to watch its events pass; `next` puts an event on the way. First in, first out;
 * each event once. The subjects are made when asked for: events that nobody watches do not pass
 * through them.
 */
export class Channel<P extends PortType = PortType> implements Link, Unsubscribable {
  #requests: Lane<RequestOf<P>> | undefined;
  #indications: Lane<IndicationOf<P>> | undefined;
  #open = true;

  /** @throws {@link DuplicateChannelError} if the two ends are connected already */
  constructor(
    readonly provided: ProvidedEnd<P>,
    readonly required: RequiredEnd<P>,
  ) {
    refuseDuplicate(provided, required);
    wiring.attach(provided, this);
    wiring.attach(required, this);
  }

  /** What passes from the required end to the provided one. */
  get requests(): Subject<RequestOf<P>> {
    return (this.#requests ??= this.#lane<RequestOf<P>>(this.required, this.provided));
  }

  /** What passes from the provided end to the required one. */
  get indications(): Subject<IndicationOf<P>> {
    return (this.#indications ??= this.#lane<IndicationOf<P>>(this.provided, this.required));
  }

  /** Disconnects the two ends. What arrived already is still handled. */
  unsubscribe(): void {
    this.#open = false;
    wiring.detach(this.provided, this);
    wiring.detach(this.required, this);
    this.#requests?.close();
    this.#indications?.close();
  }

  opposite(port: PortEnd): PortEnd {
    return port === this.provided ? this.required : this.provided;
  }

  hopsFrom(port: PortEnd, type: EventClass): readonly Hop[] {
    const lane = port === this.provided ? this.#indications : this.#requests;
    if (lane?.observed) return [lane];
    const delivery = wiring.deliveryTo(this.opposite(port), type);
    return delivery ? [delivery] : [];
  }

  #lane<E extends RequestOf<P> | IndicationOf<P>>(from: PortEnd, to: PortEnd): Lane<E> {
    const lane = new Lane<E>(from, to);
    if (!this.#open) lane.close();
    return lane;
  }
}

/** Looks at the end with fewer channels: a provider may have thousands. */
function refuseDuplicate(provided: PortEnd, required: PortEnd): void {
  const there = wiring.linksOf(provided);
  const here = wiring.linksOf(required);
  const joined =
    here.length <= there.length
      ? here.some((link) => link.opposite(required) === provided)
      : there.some((link) => link.opposite(provided) === required);
  if (joined) throw new DuplicateChannelError(provided.name, required.name);
}
