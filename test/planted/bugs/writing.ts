import { either, type Bug } from '../bug';
import type { Edit } from '../edit';

// Which timestamp a write gets, and what a replica makes of it.

const consultMajority = 'register/src/read-impose-write-consult-majority.ts';
const consults = `this.consultTimestamps(operation, ownRank, (consulted) => {
        this.#decideWrite(consulted, write, ownRank);
      });`;

/** Two values with one timestamp are no fault any more: so the history alone tells. */
const oneTimestampAnyValue: Edit = {
  file: 'register/src/registers.ts',
  find: "invariant(isSame(copy.value, value), 'one timestamp has one value');",
  replace: 'isSame(copy.value, value);',
};

export const writingBugs: readonly Bug[] = [
  {
    name: 'T01-one-writer-at-two-members',
    about: 'Every member writes as the only writer does: it counts on, and asks nobody.',
    edits: [
      { file: consultMajority, find: consults, replace: 'this.#decideWrite(operation, write, 0);' },
      oneTimestampAnyValue,
    ],
    schedule: (world, hand) => {
      hand.take('register *>*');
      world.put('a', '1');
      hand.exchange('ac');
      world.put('b', '2');
      hand.exchange('bc'); // To c, this is the timestamp of 1.
      world.get('c');
      hand.exchange('ac');
    },
    finding: 'not linearizable',
    sweep: { scenario: 'lagging', seeds: 10, findings: ['not linearizable'] },
  },
  {
    name: 'T02-own-count',
    about: 'As T01, but the rank of the writer is in the timestamp: who wrote less often is older.',
    edits: [
      {
        file: consultMajority,
        find: consults,
        replace: 'this.#decideWrite(operation, write, ownRank);',
      },
    ],
    schedule: (world, hand) => {
      hand.take('register *>*');
      for (const value of ['1', '2']) {
        world.put('a', value);
        hand.exchange('ac');
      }
      world.put('b', '3');
      hand.exchange('bc'); // c keeps 2, and acknowledges 3.
      world.get('c');
      hand.exchange('ac');
    },
    finding: 'not linearizable',
    sweep: { scenario: 'lagging', seeds: 20, hint: 5, findings: ['not linearizable'] },
  },
  {
    name: 'T03-clock',
    about: 'Timestamps are read off clocks: what a member writes whose clock is behind is lost.',
    edits: [
      {
        file: consultMajority,
        find: consults,
        replace:
          'this.impose(operation, timestampAfter(32 * Math.floor(context.host.now()), ownRank), write.value);',
      },
    ],
    schedule: (world) => {
      world.put('a', '1');
      world.advance(10);
      world.put('b', '2');
      world.advance(10);
      world.get('c');
      world.advance(10);
    },
    finding: 'not linearizable',
    sweep: { scenario: 'lagging', seeds: 10, hint: 6, findings: either },
  },
  {
    name: 'M01-no-rank',
    about: 'The rank of the writer is left out of the timestamp: two writers make the same one.',
    edits: [
      {
        file: 'register/src/timestamp.ts',
        find: '(Math.floor(timestamp / ranks) + 1) * ranks + rank;',
        replace: '(Math.floor(timestamp / ranks) + 1) * ranks;',
      },
    ],
    schedule: (world, hand) => {
      hand.take('register *>*');
      world.put('a', '1');
      world.put('b', '2');
      hand.deliver('Read a>c', 'Value c>a', 'Read b>c', 'Value c>b');
      hand.deliver('Write a>b');
    },
    finding: 'one timestamp has one value',
    sweep: { scenario: 'lagging', seeds: 3, findings: ['one timestamp has one value'] },
  },
  {
    name: 'M02-own-copy-not-looked-up-again',
    about:
      'A member that writes twice at once takes what the majority said for the newest there is.',
    edits: [
      {
        file: consultMajority,
        find: 'Math.max(operation.timestamp, this.timestampOf(register))',
        replace: 'operation.timestamp',
      },
    ],
    schedule: (world, hand) => {
      hand.take('register *>*');
      world.put('a', '1');
      world.put('a', '2');
      hand.exchange('ab');
      world.get('c');
      hand.exchange('bc');
    },
    finding: 'one timestamp has one value',
    sweep: { scenario: 'lagging', seeds: 3, findings: ['one timestamp has one value'] },
  },
  {
    name: 'M03-last-message-wins',
    about: 'A replica keeps what comes last, be it older than what it has.',
    edits: [
      {
        file: 'register/src/registers.ts',
        find: '} else if (timestamp > copy.timestamp) {',
        replace: '} else if (timestamp !== copy.timestamp) {',
      },
      {
        file: 'register/src/registers.ts',
        find: "invariant(timestamp > this.timestamp, 'the timestamp of a copy never decreases');",
        replace: '',
      },
    ],
    schedule: (world, hand) => {
      hand.take('register *>*');
      world.put('a', '1');
      hand.exchange('ab');
      world.put('b', '2');
      hand.exchange('bc');
      hand.deliver('Read a>c', 'Write a>c'); // It comes late.
      hand.lose();
      world.get('a');
      hand.exchange('ac');
    },
    finding: 'not linearizable',
    sweep: { scenario: 'lagging', seeds: 10, findings: either },
  },
  {
    name: 'M04-any-writer',
    about: 'Where each key has one writer, any member of its group is asked to write, and does.',
    edits: [
      {
        file: 'store/src/admission.ts',
        find: "if ('code' in admitted || this.#view?.register !== 'single-writer') return admitted;",
        replace: "if ('code' in admitted || this.#view !== undefined) return admitted;",
      },
      {
        file: 'client/src/call.ts',
        find: "if (view.register === 'single-writer' && this.mutation) return [leadOf(view, this.position)];",
        replace: '',
      },
    ],
    world: { register: 'single-writer' },
    schedule: (world) => {
      world.put('a', '1');
      world.advance(10);
      world.put('b', '2');
      world.advance(10);
      world.get('c');
      world.advance(10);
    },
    finding: 'the first of a group is its only writer',
    sweep: {
      scenario: 'one writer',
      seeds: 2,
      findings: ['the first of a group is its only writer'],
    },
  },
];
