import { Channel } from './channel';
import { Port } from './port-end';
import type { IndicationOf, PortType, RequestOf } from './port-type';

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
}

/** The client's end: indications arrive, requests leave. */
export class RequiredPort<P extends PortType> extends Port<P, IndicationOf<P>, RequestOf<P>> {
  override get role(): 'required' {
    return 'required';
  }
}
