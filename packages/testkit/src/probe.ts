import { PortRequest, type Port, type PortEvent, type PortType, type System } from '@jbstore/core';

import { Observed, type Target } from './observed';
import type { Tape } from './tape';

/** What a probe needs of the test that it is part of. */
export interface ProbeInit {
  readonly system: System;
  readonly tape: Tape;
  readonly settle: () => void;
}

/** The other end of a port under test: says what `Out` allows, and keeps what it is told. */
export class Probe<In extends PortEvent, Out extends PortEvent>
  extends Observed<In>
  implements Target<Out>
{
  readonly #port: Port<PortType, In, Out>;
  readonly #settle: () => void;

  /**
   * @param name - of the port under test
   * @param port - the other end of it
   */
  constructor(name: string, port: Port<PortType, In, Out>, { system, tape, settle }: ProbeInit) {
    super(name, tape);
    this.#port = port;
    this.#settle = settle;
    this.listen(system, port);
  }

  /** Triggers `event`, and lets everything happen that follows from it at once. */
  trigger(event: Out): void {
    this.next(event);
    this.#settle();
  }

  next(event: Out): void {
    this.#port.next(event);
  }

  /** Says `response` to who asked, if `request` is one that is answered to its asker alone. */
  answer(request: PortEvent, response: Out): void {
    if (request instanceof PortRequest) this.#port.answer(request as PortRequest<Out>, response);
    else this.next(response);
  }
}
