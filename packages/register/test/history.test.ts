import { isAtomic, type Call } from '@jbstore/register/compliance';

/** `w1 0-3`: writes 1 from moment 0 to 3. `r1 4-5`: reads 1. `r- 4-5`: finds nothing. No end: no answer. */
function calls(...lines: readonly string[]): readonly Call[] {
  return lines.map((line) => {
    const [, kind, value, from, to] = /^([rw])(\S+) (\d+)-(\d*)$/.exec(line) ?? [];
    const text = value === '-' ? undefined : value;
    return {
      written: kind === 'w' ? text : undefined,
      found: kind === 'r' ? text : undefined,
      invokedAt: Number(from),
      returnedAt: to ? Number(to) : Infinity,
    };
  });
}

test.each([
  ['nothing at all'],
  ['a read of nothing', 'r- 0-1', 'w1 2-3', 'r1 4-5'],
  ['a read during a write, of either value', 'w1 0-1', 'w2 2-9', 'r1 3-4', 'r2 5-6', 'r2 7-8'],
  ['two writes at once, in either order', 'w1 0-5', 'w2 1-6', 'r2 7-8', 'w3 9-10'],
  ['a write without answer that took effect late', 'w1 0-1', 'w2 2-', 'r1 3-4', 'r2 5-6'],
  ['a write without answer that never took effect', 'w1 0-', 'r- 1-2', 'r- 3-4'],
  ['a read without answer', 'w1 0-1', 'r- 2-', 'r1 3-4'],
  ['reads at once that found both', 'w1 0-1', 'w2 2-9', 'r2 3-8', 'r1 4-7'],
])('atomic: %s', (_name, ...lines) => {
  expect(isAtomic(calls(...lines))).toBe(true);
});

test.each([
  ['a lost write', 'w1 0-1', 'r- 2-3'],
  ['an old value after a new one', 'w1 0-1', 'w2 2-9', 'r2 3-4', 'r1 5-6'],
  ['a value nobody wrote', 'w1 0-1', 'r2 2-3'],
  ['a value before its write began', 'r1 0-1', 'w1 2-3'],
  ['an overwritten value', 'w1 0-1', 'w2 2-3', 'r1 4-5'],
  ['a value that came back', 'w1 0-', 'r1 1-2', 'w2 3-4', 'r2 5-6', 'r1 7-8'],
  ['nothing after something', 'w1 0-', 'r1 1-2', 'r- 3-4'],
  ['two orders at once', 'w1 0-9', 'w2 0-9', 'r1 1-2', 'r2 3-4', 'r1 5-6'],
])('not atomic: %s', (_name, ...lines) => {
  expect(isAtomic(calls(...lines))).toBe(false);
});
