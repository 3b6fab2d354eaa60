import fc from 'fast-check';

import { cutToMessage, mergeListings, type Listing } from '../src/merging';

/** Three members, each of which holds some of the names, list what they hold, each up to a limit. */
const held = fc.array(fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 })), {
  minLength: 1,
  maxLength: 3,
});

function list(names: readonly string[], after: string, limit: number): Listing {
  const rest = names.filter((name) => name > after).sort((one, other) => (one < other ? -1 : 1));
  return { names: rest.slice(0, limit), more: rest.length > limit };
}

describe('a merged listing', () => {
  test('page by page, lists every name that some member lists, once and in order', () => {
    fc.assert(
      fc.property(held, fc.integer({ min: 1, max: 5 }), (members, limit) => {
        const listed: string[] = [];
        let after = '';
        for (let page = 0; page < 1_000; page += 1) {
          const listings = members.map((names) => list(names, after, limit));
          const { names, more } = mergeListings(listings, limit);
          expect(names.length).toBeLessThanOrEqual(limit);
          listed.push(...names);
          if (!more) break;
          after = names.at(-1) ?? after;
        }
        const all = [...new Set(members.flat())].sort((one, other) => (one < other ? -1 : 1));
        expect(listed).toStrictEqual(all);
      }),
    );
  });

  test('says nothing of names behind the end of a listing that has more', () => {
    const listings = [
      { names: ['a', 'b'], more: true },
      { names: ['z'], more: false },
    ];

    expect(mergeListings(listings, 10)).toStrictEqual({ names: ['a', 'b'], more: true });
  });

  test('is cut to what fits a message, and never to nothing', () => {
    const names = Array.from({ length: 400 }, (_, index) => String(index).padStart(1_000, '0'));

    const cut = cutToMessage({ names, more: false });

    expect(cut.more).toBe(true);
    expect(cut.names.length).toBeGreaterThan(0);
    expect(cut.names).toStrictEqual(names.slice(0, cut.names.length));
    expect(cutToMessage({ names: ['x'.repeat(300_000)], more: false }).names).toHaveLength(1);
  });
});
