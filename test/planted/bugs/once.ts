import type { Bug } from '../bug';
import type { Edit } from '../edit';
import { nameOf, type Hand } from '../hand';
import type { World } from '../world';
import { putAgainWhileTheFirstIsLate } from './retrying';

// What a client may repeat, where registers know requests again.

/** D3 is left out: a request is executed again that the record knows. */
const noResults: Edit = {
  file: 'slot-register/src/record.ts',
  find: 'if (before?.sequence === sequence) return before.outcome;',
  replace: '',
};

/** Who is told a record does not hear which requests are in it. */
const resultsStayWithTheProposer: Edit = {
  file: 'slot-register/src/imposition.ts',
  find: '      results,\n    });',
  replace: '      results: "\\0",\n    });',
};

/**
 * The lead a holds a put of 1, and so does b, when a is cut off: 1 is read, another puts 2, and then the client asks
 * for its put once more.
 */
function putTwoWhileTheLeadIsAway(world: World, hand: Hand): void {
  const client = world.client();
  hand.take('slot-register *>*', 'Mutate *>*');
  client.put('1');
  hand.deliver(`Mutate ${client.name}>a`, 'Accept a>b');
  world.cut('a');
  hand.lose('slot-register *>*');
  world.advance(5_000); // By now a is suspected.
  world.get('b');
  hand.exchange('bc');

  world.put('b', '2');
  for (const asked of hand.held('Mutate *>b')) {
    if (nameOf(asked.source) !== client.name) hand.hand(asked);
  }
  hand.exchange('bc');
  world.get('c');
  hand.exchange('bc');

  hand.drain('Mutate *>*');
  hand.exchange('bc');
  world.get('b');
  hand.exchange('bc');
}

export const onceBugs: readonly Bug[] = [
  {
    name: 'R10-late-first-try',
    about: 'As T10, where registers execute a request once: but the late copy is executed as well.',
    world: { register: 'exactly-once' },
    edits: [noResults],
    schedule: putAgainWhileTheFirstIsLate('Mutate'),
    finding: 'not linearizable',
    sweep: { scenario: 'impatient once', seeds: 10, findings: ['not linearizable'] },
  },
  {
    name: 'R11-performed-twice',
    about: 'As T11, where registers execute a request once: but each copy is executed.',
    world: { register: 'exactly-once' },
    edits: [noResults],
    schedule: putTwoWhileTheLeadIsAway,
    finding: 'not linearizable',
    sweep: { scenario: 'impatient once', seeds: 10, findings: ['not linearizable'] },
  },
  {
    name: 'R12-once-at-each-proposer',
    about:
      'As T12, where registers execute a request once: but who takes one over does not know of it.',
    world: { register: 'exactly-once' },
    edits: [resultsStayWithTheProposer],
    schedule: putTwoWhileTheLeadIsAway,
    finding: 'not linearizable',
    sweep: { scenario: 'impatient once', seeds: 10, findings: ['not linearizable'] },
  },
];
