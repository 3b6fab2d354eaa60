import { type RegisterRecord } from './record';
import { newestGenerationIn } from './results';

/** By the clock of this process, sessions of generations below `before` are over. */
export interface Pruning {
  readonly before: number;
  /** Nothing is forgotten that is less than so many generations older than the newest that was seen. */
  readonly lifetime: number;
}

/** What generations below this may be forgotten, where `newest` is the newest that was seen. */
export function forgettable({ before, lifetime }: Pruning, newest: number): number {
  return Math.max(0, Math.min(before, newest - lifetime));
}

/** True if nothing but results of generations below `generation` is in `record`: it may go, if the floors rise. */
export function isCollectable({ value, results }: RegisterRecord, generation: number): boolean {
  return value === undefined && isForgotten(results, generation);
}

/** True if none of `results`, packed, is of `generation` or a later one. */
export function isForgotten(results: string, generation: number): boolean {
  return newestGenerationIn(results) < generation;
}
