import {
  System,
  VirtualHost,
  type DeadLetter,
  type LifeState,
  type SystemOptions,
} from '@jbstore/core';

/** A system named `p` in virtual time, and what a test sees of it. */
export class VirtualSystem {
  readonly host = new VirtualHost();
  readonly system: System;
  readonly letters: DeadLetter[] = [];

  constructor(options: SystemOptions = {}) {
    this.system = new System('p', { seed: 'test', host: this.host, ...options });
    this.system.deadLetters.subscribe((letter) => this.letters.push(letter));
  }

  /** Handles all that waits, and lets `ms` milliseconds pass. */
  readonly settle = (ms = 0): void => {
    this.host.advance(ms);
  };

  /** The states of all components, by path. */
  readonly states = (): Record<string, LifeState> =>
    Object.fromEntries(this.system.graph().components.map(({ path, state }) => [path, state]));
}

/** What `call` throws; undefined if it does not. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}
