import {
  AckMessage,
  ReadMessage,
  ReadReturn,
  ValueMessage,
  WriteMessage,
  WriteReturn,
  type Read,
  type Write,
} from '@jbstore/register/port';
import type { Address, Message } from '@jbstore/network/port';

import type { Step } from './invariant';

/** What one register is known to have been, from what was said of it. */
interface Ghost {
  /** The value of each timestamp, one character for each byte. */
  readonly values: Map<number, string>;
  /** The highest timestamp that each process is known to have held. */
  readonly held: Map<Address, number>;
}

/**
 * What the replicas of all registers must hold, by what they said: who acknowledged a timestamp holds it
 * or a later one for good. It reads messages and answers alone, so that it is true of any register.
 */
export class Replicas {
  readonly #ghosts = new Map<string, Ghost>();

  /** What is wrong with what was said in `step`, if something is. */
  flawOf(step: Step): string | undefined {
    for (const message of step.sent) {
      const flaw = this.#flawOfMessage(step, message);
      if (flaw !== undefined) return flaw;
    }
    const { event, process } = step;
    if (event instanceof WriteReturn) {
      return this.#flawOfAnswer(process.self, event.write, event.write.value);
    }
    if (event instanceof ReadReturn && event.value) {
      return this.#flawOfAnswer(process.self, event.read, event.value);
    }
    return undefined;
  }

  #flawOfMessage({ process: { self }, cause }: Step, message: Message): string | undefined {
    if (message instanceof WriteMessage) {
      // Who imposes a value holds it first.
      const { register, timestamp, value } = message;
      this.#hold(register, self, timestamp);
      return this.#flawOfValue(register, timestamp, value);
    }
    if (message instanceof AckMessage && cause instanceof WriteMessage) {
      this.#hold(cause.register, self, cause.timestamp);
    }
    if (message instanceof ValueMessage && cause instanceof ReadMessage) {
      return this.#flawOfReport(self, cause, message);
    }
    return undefined;
  }

  /** I5: one timestamp has one value. */
  #flawOfValue(register: string, timestamp: number, value: Uint8Array): string | undefined {
    const { values } = this.#ghostOf(register);
    const text = textOf(value);
    const known = values.get(timestamp);
    if (known === undefined) values.set(timestamp, text);
    if (known === undefined || known === text) return undefined;
    return `I5: the timestamp ${String(timestamp)} has the values ${known} and ${text}`;
  }

  /** I6: the timestamps of a register never decrease at a replica. */
  #flawOfReport(
    self: Address,
    { register, above }: ReadMessage,
    { timestamp, value }: ValueMessage,
  ): string | undefined {
    const before = this.#ghostOf(register).held.get(self) ?? 0;
    if (timestamp < before) {
      return `I6: ${self} held the timestamp ${String(before)}, and now ${String(timestamp)}`;
    }
    this.#hold(register, self, timestamp);
    return timestamp > above ? this.#flawOfValue(register, timestamp, value) : undefined;
  }

  /**
   * I12, I20: a majority of the group, each counted once, holds what is answered, or something later. Who
   * answers is counted among them: it may have written to its own copy, which nobody sees.
   */
  #flawOfAnswer(
    self: Address,
    { register, group }: Read | Write,
    value: Uint8Array,
  ): string | undefined {
    const { values, held } = this.#ghostOf(register);
    const text = textOf(value);
    const timestamps = [...values].filter(([, other]) => other === text).map(([at]) => at);
    const least = Math.min(...timestamps);
    const holders = group.filter((member) => member === self || (held.get(member) ?? 0) >= least);
    if (2 * holders.length > group.length) return undefined;
    return `I12: ${text} is answered, and ${holders.join(', ') || 'nobody'} alone holds it`;
  }

  #hold(register: string, process: Address, timestamp: number): void {
    const { held } = this.#ghostOf(register);
    held.set(process, Math.max(held.get(process) ?? 0, timestamp));
  }

  #ghostOf(register: string): Ghost {
    let ghost = this.#ghosts.get(register);
    if (!ghost) this.#ghosts.set(register, (ghost = { values: new Map(), held: new Map() }));
    return ghost;
  }
}

function textOf(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
}
