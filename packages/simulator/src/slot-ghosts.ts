import { positionOf } from '@jbstore/gms/port';
import { Message } from '@jbstore/network/port';
import { Conduct, Lineages, Violation, keyOf } from '@jbstore/slot-register/ghosts';
import { Mutate, MutateReturn, Read, ReadReturn, Refused } from '@jbstore/slot-register/port';
import { MutateRequest } from '@jbstore/store/port';

import type { Invariant, Step } from './invariant';
import { KnownSlots } from './slot-facts';

/** What registers say to one another. */
const ofRegisters = 'slot-register/';

const answers: ReadonlySet<unknown> = new Set([MutateReturn, ReadReturn, Refused]);

/** Follows all registers that perform each request once, by what is said of them. */
class SlotGhosts {
  readonly #slots = new KnownSlots();
  readonly #lineages = new Lineages((epoch, register) => this.#slots.groupOf(epoch, register), {
    lineOf: (epoch, register) => this.#slots.lineOf(register, epoch),
    leftOf: (line, register) => this.#slots.leftOf(register, line),
  });
  readonly #conduct: Conduct;
  /** What was completed when a read began, and in which line. */
  readonly #reads = new Map<Read, { readonly line: number; readonly low: number }>();
  /** Answers that were looked at: several components hear each. */
  readonly #heard = new WeakSet<object>();

  constructor() {
    const slots = this.#slots;
    this.#conduct = new Conduct({
      slotOf: (register) => slots.slotOf(register),
      epochAt: (process, slot) => slots.epochAt(process, slot),
      seatOf: (process, slot, epoch) => slots.seatOf(process, slot, epoch),
      isSettled: (slot, epoch) => slots.isSettled(slot, epoch),
      hasValueBefore: (register, epoch) => this.#lineages.hasValueBefore(register, epoch),
    });
  }

  /** @throws {@link Violation} */
  step(step: Step): void {
    const { event, process } = step;
    this.#slots.step(step);
    if (event instanceof Message) {
      if (step.port.includes('/SlotRegister')) this.#conduct.handles(process.self, event);
    } else if (event instanceof Read) {
      const line = this.#slots.lineOf(event.register);
      this.#reads.set(event, { line, low: this.#lineages.of(event.register, line).low });
    }
    for (const message of step.sent) {
      if (message instanceof MutateRequest) this.#asked(message);
      if (!message.declaration.type.startsWith(ofRegisters)) continue;
      const sent = { source: process.self, destination: message.destination, message };
      this.#lineages.sent(sent);
      this.#conduct.sent(sent, step.cause);
    }
    if (!answers.has(event.constructor) || this.#heard.has(event)) return;
    this.#heard.add(event);
    this.#answered(step);
  }

  #asked({ key, request: id, operation }: MutateRequest): void {
    const register = positionOf(key) + Buffer.from(key).toString('latin1');
    const name = keyOf(id);
    for (const lineage of this.#lineages.all(register, this.#slots.lineOf(register))) {
      if (!lineage.asked.has(name)) lineage.asked.set(name, { id, operation, low: lineage.low });
    }
  }

  #answered({ event, process, cause }: Step): void {
    if (event instanceof MutateReturn) {
      const { register, id } = event.mutate;
      const lineage = this.#lineages.of(register, this.#slots.lineOfAnswer(register, cause));
      const asked = lineage.asked.get(keyOf(id));
      if (asked) lineage.answered(asked, event.outcome);
    } else if (event instanceof ReadReturn) {
      const { read, value, version } = event;
      const line = this.#slots.lineOfAnswer(read.register, cause);
      const begun = this.#reads.get(read);
      const low = begun?.line === line ? begun.low : this.#lineages.of(read.register, line).first;
      const found = value ? Buffer.from(value).toString('latin1') : null;
      this.#lineages.found(read.register, process.self, low, found, version, line);
    } else if (event instanceof Refused && event.request instanceof Mutate) {
      const { register, id } = event.request;
      const lineage = this.#lineages.of(register, this.#slots.lineOfAnswer(register, cause));
      if (event.reason === 'session expired') lineage.refused(id);
    }
  }
}

/** I1 to I7, I9 to I13, I19 and I20, of registers that perform each request once. */
export function soundLineages(): Invariant {
  const ghosts = new SlotGhosts();
  return {
    name: 'sound lineages',
    check(_world, step) {
      try {
        ghosts.step(step);
        return undefined;
      } catch (error) {
        if (error instanceof Violation) return error.message;
        throw error;
      }
    },
  };
}
