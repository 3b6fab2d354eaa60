import { type Operation, type Call, Recorder } from '@jbstore/linearizability';

export interface HistoryParameters {
  readonly operations: number;
  readonly clients: number;
  readonly keys: number;
}

/** An operation on its way: called, then done or lost, then answered. */
interface Running {
  readonly call: Call;
  readonly key: string;
  /** What it puts; undefined for a get. */
  readonly puts: string | undefined;
  isDone: boolean;
  found: string | null;
}

const lostShare = 0.01;
const seed = 64;

/**
 * A history as a correct store gives it: every value is put once, half of the operations are puts, and of one in a
 * hundred nobody learns the outcome; half of those took effect. In each turn one client takes its next step.
 */
export function historyOf({ operations, clients, keys }: HistoryParameters): Operation[] {
  const chance = chanceOf(seed);
  const history: Operation[] = [];
  const values = new Map<string, string>();
  let now = 0;
  const recorder = new Recorder({ now: () => now++, record: (done) => history.push(done) });
  const running: (Running | undefined)[] = Array.from({ length: clients });
  while (history.length < operations) {
    const client = Math.floor(chance() * clients);
    const step = running[client];
    if (!step) {
      const key = `key-${Math.floor(chance() * keys)}`;
      const puts = chance() < 0.5 ? `value-${now}` : undefined;
      const call = recorder.call(
        puts === undefined ? { op: 'get', key } : { op: 'put', key, value: puts },
      );
      running[client] = { call, key, puts, isDone: false, found: null };
    } else if (!step.isDone) {
      const isLost = chance() < lostShare;
      if (!isLost || chance() < 0.5) {
        if (step.puts === undefined) step.found = values.get(step.key) ?? null;
        else values.set(step.key, step.puts);
      }
      step.isDone = true;
      if (!isLost) continue;
      step.call.unknown();
      running[client] = undefined;
    } else {
      if (step.puts === undefined) step.call.ok(step.found);
      else step.call.ok();
      running[client] = undefined;
    }
  }
  recorder.end();
  return history;
}

/** Numbers from 0 to 1 from a seed (mulberry32). */
function chanceOf(first: number): () => number {
  let state = first;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
