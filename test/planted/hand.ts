import { processOf, type Address } from '@jbstore/network/port';
import type { Envelope, VirtualWire } from '@jbstore/testkit';

/**
 * Which messages: their kind, from whom, to whom, as in `Write a>b`. A kind is the last part of the name
 * of a message, or the first, which is its package: `register`. A star is anything.
 */
export type Which = `${string} ${string}>${string}`;

/** The messages of some kinds, which travel only as a schedule says. */
export class Hand {
  readonly #wire: VirtualWire;
  readonly #settle: () => void;

  /** @param settle - lets everything happen that follows at once from what was delivered */
  constructor(wire: VirtualWire, settle: () => void) {
    this.#wire = wire;
    this.#settle = settle;
  }

  /** From now on these wait on the wire. */
  take(...which: readonly Which[]): void {
    const isMeant = which.map(chooser);
    this.#wire.rule((envelope, otherwise) =>
      isMeant.some((isIn) => isIn(envelope)) ? 'hold' : otherwise,
    );
  }

  /** Those that wait, oldest first. */
  held(which: Which): readonly Envelope[] {
    return this.#wire.held.filter(chooser(which));
  }

  /** The oldest of them, which must be there. */
  oldest(which: Which): Envelope {
    const [envelope] = this.held(which);
    if (!envelope) throw new Error(`there is no ${which} on its way`);
    return envelope;
  }

  /** To whom the oldest goes. */
  receiver(which: Which): string {
    return nameOf(this.oldest(which).destination);
  }

  /** The oldest of each kind, one after the other, with what follows from it. */
  deliver(...which: readonly Which[]): void {
    for (const kind of which) this.hand(this.oldest(kind));
  }

  /** Hands over `envelope`, held or not. */
  hand(envelope: Envelope): void {
    this.#wire.deliver(envelope);
    this.#settle();
  }

  /** Puts another copy of the oldest on the wire. */
  double(which: Which): void {
    this.#wire.duplicate(this.oldest(which));
  }

  /** Takes off the wire what waits there; all of it by default. */
  lose(which: Which = '* *>*'): void {
    for (const envelope of this.held(which)) this.#wire.drop(envelope);
  }

  /** Delivers what waits between those whose names are letters of `among`, and what follows from it. */
  exchange(among: string): void {
    const isAmong = (process: Address): boolean => among.includes(nameOf(process));
    this.#drain(({ source, destination }) => isAmong(source) && isAmong(destination));
  }

  /** Delivers what waits, but for one, and what of that kind follows from it. */
  drain(which: Which, but?: Envelope): void {
    const isMeant = chooser(which);
    this.#drain((envelope) => isMeant(envelope) && envelope !== but);
  }

  #drain(isMeant: (envelope: Envelope) => boolean): void {
    for (;;) {
      const [next] = this.#wire.held.filter(isMeant);
      if (!next) return;
      this.hand(next);
    }
  }
}

/** The id of a process, which is its name in a schedule. */
export function nameOf(process: Address): string {
  return processOf(process).split('@')[0] ?? '';
}

function chooser(which: Which): (envelope: Envelope) => boolean {
  const [kind = '', from = '', to = ''] = which.split(/[ >]/);
  const fits = (wanted: string, found: string): boolean => wanted === '*' || wanted === found;
  return ({ message, source, destination }) => {
    const kinds = message.declaration.type.split('/');
    return (
      kinds.some((found) => fits(kind, found)) &&
      fits(from, nameOf(source)) &&
      fits(to, nameOf(destination))
    );
  };
}
