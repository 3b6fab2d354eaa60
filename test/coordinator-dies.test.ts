import { courseOf, endingOf, type Errand } from './dying-coordinator';

const once = { failure: undefined, answered: 3, value: '2', version: 2 };

/** Who coordinates, who is asked then, and how many messages of a request the first handles and sends. */
const cases: readonly (readonly [role: string, first: string, then: string[], messages: number])[] =
  [
    ['the lead', 'n0', ['n1', 'n2', 'n3'], 6],
    ['another of the group', 'n1', ['n0', 'n2', 'n3'], 6],
    ['one that does not hold it', 'n3', ['n0', 'n1', 'n2'], 4],
  ];

const operations = ['put', 'increment'] as const;

describe('a request has one effect, wherever its coordinator dies, and whoever is asked then', () => {
  for (const [role, first, others, messages] of cases) {
    for (const operation of operations) {
      test.each(others)(`${operation}: ${role}, ${first}, then %s`, (then) => {
        const errand = { operation, first, then };
        const course = courseOf(errand);
        const endings = allEndings(errand, course.boundaries);

        expect(course.messages).toHaveLength(messages);
        expect(endings.length).toBeGreaterThan(messages);
        // All but those who die when they have answered.
        expect(endings.filter(({ wasRepeated }) => wasRepeated).length).toBeGreaterThanOrEqual(
          endings.length - 2,
        );
        for (const ending of endings) expect(ending).toMatchObject(once);
      });
    }
  }

  test('also if all that it has said comes when the other, and a later request, are answered', () => {
    const errand: Errand = { operation: 'increment', first: 'n0', then: 'n2', isLate: true };
    const endings = allEndings(errand, courseOf(errand).boundaries);

    expect(endings.length).toBeGreaterThan(20);
    for (const ending of endings) expect(ending).toMatchObject({ ...once, wasRepeated: true });
  });
});

function allEndings(errand: Errand, boundaries: readonly number[]): ReturnType<typeof endingOf>[] {
  return boundaries.map((events) => endingOf(errand, events));
}
