import { Deadlines, type Deadline } from '@jbstore/timer/port';
import fc from 'fast-check';

type Step =
  | { readonly add: string; readonly delayMs: number }
  | { readonly remove: string }
  | { readonly passMs: number };

const items = fc.constantFrom('a', 'b', 'c', 'd', 'e');

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({
      add: items,
      delayMs: fc.oneof(
        fc.integer({ min: 0, max: 100 }),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
      ),
    }),
    fc.record({ remove: items }),
    fc.record({ passMs: fc.integer({ min: 0, max: 60 }) }),
  ),
  { maxLength: 60 },
);

/** When each item is due, looked up one by one. */
class Model {
  readonly #dueMs = new Map<string, number>();
  nowMs = 0;

  get size(): number {
    return this.#dueMs.size;
  }

  items(): string[] {
    return [...this.#dueMs.keys()];
  }

  add(item: string, delayMs: number): void {
    this.delete(item);
    this.#dueMs.set(item, this.nowMs + delayMs);
  }

  delete(item: string): boolean {
    return this.#dueMs.delete(item);
  }

  dueMs(item: string): number {
    return this.#dueMs.get(item) ?? NaN;
  }
}

test('an item is due once, never too early, at most a slot too late, and earliest first', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 20 }), (all, slotMs) => {
      const deadlines = new Deadlines<string>(slotMs);
      const running = new Map<string, Deadline<string>>();
      const model = new Model();

      for (const step of all) {
        if ('add' in step) {
          const former = running.get(step.add);
          running.set(step.add, deadlines.add(step.add, step.delayMs, former));
          model.add(step.add, step.delayMs);
        } else if ('remove' in step) {
          const deadline = running.get(step.remove);
          expect(deadlines.delete(deadline)).toBe(model.delete(step.remove));
        } else {
          model.nowMs += step.passMs;
          const due = deadlines.pass(step.passMs);
          const times = due.map((item) => model.dueMs(item));
          for (const item of due) expect(model.delete(item)).toBe(true);

          expect(Math.max(...times)).toBeLessThanOrEqual(model.nowMs);
          const slots = times.map((dueMs) => Math.floor(dueMs / slotMs));
          expect(slots).toStrictEqual([...slots].sort((one, other) => one - other));
          const late = model.items().filter((item) => model.dueMs(item) + slotMs <= model.nowMs);
          expect(late).toStrictEqual([]);
        }
        expect(deadlines.items()).toStrictEqual(model.items());
        expect([deadlines.size, deadlines.nowMs]).toStrictEqual([model.size, model.nowMs]);
      }
    }),
  );
});

test('an item that is added again is due anew, and only then', () => {
  const deadlines = new Deadlines<string>(1);
  const deadline = deadlines.add('a', 10);
  deadlines.pass(5);

  deadlines.add('a', 10, deadline);

  expect(deadlines.pass(9)).toStrictEqual([]);
  expect(deadlines.pass(2)).toStrictEqual(['a']);
});
