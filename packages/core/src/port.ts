import { Channel } from './channel';
import { Port } from './port-end';
import type { IndicationOf, PortType, RequestOf } from './port-type';
import type { Selectors } from './selector';

/** The provider's end: requests arrive, indications leave. */
export class ProvidedPort<P extends PortType> extends Port<P, RequestOf<P>, IndicationOf<P>> {
  override get role(): 'provided' {
    return 'provided';
  }

  /**
   * Connects this port with each of `required`; an indication reaches all that handle it.
   * @throws {@link DuplicateChannelError} if one of them is connected with it already
   */
  connect(...required: readonly RequiredPort<P>[]): readonly Channel<P>[] {
    return required.map((port) => new Channel<P>(this, port));
  }

  /**
   * Connects this port with `required` for the events that `selectors` let through; a direction
   * without a selector carries all. The table of a {@link Key} is looked up once for an event. What a
   * selector throws is a fault of the component that holds the port which the event left; the event
   * does not pass there, and goes its other ways.
   * @throws {@link DuplicateChannelError} if it is connected with this port already
   */
  connectBy(required: RequiredPort<P>, selectors: Selectors<P>): Channel<P> {
    return new Channel<P>(this, required, selectors);
  }
}

/** The client's end: indications arrive, requests leave. */
export class RequiredPort<P extends PortType> extends Port<P, IndicationOf<P>, RequestOf<P>> {
  override get role(): 'required' {
    return 'required';
  }
}
