import type { Release } from './belongings';
import type { Context } from './context';
import type { Counter, Gauge } from './counter';
import type { Host } from './host';
import type { Logger } from './logger';
import type { Random } from './random';

/** A cell, with what an instance in it may ask for by its number. */
export interface Place extends Context {
  randomOf(purpose: string, incarnation: number): Random;
  edgeOf<Arguments extends readonly unknown[]>(
    callback: (...given: Arguments) => void,
    incarnation: number,
  ): (...given: Arguments) => void;
  onReleaseOf(release: Release, incarnation: number): void;
  faultOf(cause: unknown, incarnation: number): void;
}

/**
 * The context of an instance that took the place of a former one; the first has the cell itself.
 * What a former instance still does through its own does not reach those that came after it.
 */
export class Incarnation implements Context {
  /** @param number - how many instances there were before it */
  constructor(
    readonly cell: Place,
    readonly number: number,
  ) {}

  get path(): string {
    return this.cell.path;
  }

  get host(): Host {
    return this.cell.host;
  }

  get log(): Logger {
    return this.cell.log;
  }

  random(purpose: string): Random {
    return this.cell.randomOf(purpose, this.number);
  }

  counter(name: string, labels?: Readonly<Record<string, string>>): Counter {
    return this.cell.counter(name, labels);
  }

  gauge(name: string, labels?: Readonly<Record<string, string>>): Gauge {
    return this.cell.gauge(name, labels);
  }

  edge<Arguments extends readonly unknown[]>(
    callback: (...given: Arguments) => void,
  ): (...given: Arguments) => void {
    return this.cell.edgeOf(callback, this.number);
  }

  onRelease(release: Release): void {
    this.cell.onReleaseOf(release, this.number);
  }

  fault(cause: unknown): void {
    this.cell.faultOf(cause, this.number);
  }
}
