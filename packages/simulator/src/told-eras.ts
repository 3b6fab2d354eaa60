import type { PortEvent } from '@jbstore/core';
import { NewView } from '@jbstore/gms/port';
import { MutateReturn, ReadReturn } from '@jbstore/slot-register/port';
import { MutatedReply, NotFoundReply, ValueReply } from '@jbstore/store/port';

import type { Invariant, Step } from './invariant';
import type { SimulatedProcess } from './simulated-process';

type Performed = MutatedReply | ValueReply | NotFoundReply;

function isPerformed(event: PortEvent): event is Performed {
  return (
    event instanceof MutatedReply || event instanceof ValueReply || event instanceof NotFoundReply
  );
}

/** In which eras registers have answered, and which ones nodes say. */
class Eras {
  /** That of the view which the registers of a process have, once it is not the first. */
  readonly #present = new Map<SimulatedProcess, number>();
  /** What was handled by registers, and what they answered: of which era. */
  readonly #eras = new WeakMap<PortEvent, number>();

  flawOf(step: Step): string | undefined {
    const { event, process, port, cause, sent } = step;
    if (port.includes('/SlotRegister')) this.#handled(step);
    if (this.#present.size === 0 || !cause) return undefined;
    if (event instanceof MutateReturn || event instanceof ReadReturn) {
      this.#eras.set(event, this.#eras.get(cause) ?? 0);
    }
    const known = isPerformed(cause) ? cause.era : this.#eras.get(cause);
    if (known === undefined) return undefined;
    const isTold = isPerformed(event) && sent.includes(event);
    if (!isTold || event.era === known) return undefined;
    return `${process.self} answers of era ${String(event.era)} what is of ${String(known)}`;
  }

  #handled({ process, event }: Step): void {
    if (event instanceof NewView && event.view.era > 0) this.#present.set(process, event.view.era);
    const era = this.#present.get(process);
    if (era !== undefined) this.#eras.set(event, era);
  }
}

/** Section 5.6: who is told of data is told the era in which its register has answered, by whichever node it comes. */
export function toldEras(): Invariant {
  const eras = new Eras();
  return { name: 'told eras', check: (_world, step) => eras.flawOf(step) };
}
