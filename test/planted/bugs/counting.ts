import { either, type Bug } from '../bug';
import type { Edit } from '../edit';

// Whose answers make a majority, and which of them count.

const operation = 'register/src/operation.ts';
/** A process that comes back under the identity of a member is told the view again. */
const takesMembersBack: Edit = {
  file: 'gms/src/group-membership.ts',
  find: 'if (this.#epochs.get(address) === 0)',
  replace: 'if (this.#epochs.has(address))',
};

/** A process finds what the one before it with the same identity held, as if it were on a disk. */
const keepsItsMemory: readonly Edit[] = [
  {
    file: 'register/src/read-impose.ts',
    find: 'readonly #registers = new Registers();',
    replace: 'readonly #registers: Registers;',
  },
  {
    file: 'register/src/read-impose.ts',
    find: 'this.#self = self;',
    replace: `this.#self = self;
    if (context.host.now() === 0 || !disks.has(self)) disks.set(self, new Registers());
    this.#registers = disks.get(self) ?? new Registers();`,
  },
  {
    file: 'register/src/read-impose.ts',
    find: 'const noBytes = new Uint8Array(0);',
    replace: 'const noBytes = new Uint8Array(0);\nconst disks = new Map<string, Registers>();',
  },
];

export const countingBugs: readonly Bug[] = [
  {
    name: 'T07-acknowledgements-counted',
    about: 'Acknowledgements are counted, and not who sent them: one that comes twice is two.',
    edits: [
      {
        file: 'register/src/running-operations.ts',
        find: 'if (rank === undefined || operation.hasAnswerOf(rank)) return undefined;',
        replace: 'if (rank === undefined) return undefined;',
      },
      {
        file: operation,
        find: '  repetitions = 0;',
        replace: '  repetitions = 0;\n  surplus = 0;',
      },
      {
        file: operation,
        find: `acknowledgements are counted by the phase that imposes');`,
        replace: `acknowledgements are counted by the phase that imposes');
    if (this.hasAnswerOf(rank)) this.surplus += 1;`,
      },
      {
        file: operation,
        find: 'return this.group.isMajority(this.holders);',
        replace: 'return sizeOf(this.holders) + this.surplus >= this.group.majority;',
      },
    ],
    world: { members: 5 },
    schedule: (world, hand) => {
      hand.take('register *>*');
      world.put('a', '1');
      hand.deliver('Read a>b', 'Value b>a', 'Read a>c', 'Value c>a');
      hand.deliver('Write a>b');
      hand.double('Ack b>a');
      hand.deliver('Ack b>a', 'Ack b>a'); // Only a and b hold 1.
      world.get('c');
      hand.exchange('cde');
    },
    finding: 'not linearizable',
    sweep: { scenario: 'lagging five', seeds: 20, hint: 5, findings: ['not linearizable'] },
  },
  {
    name: 'T08-number-used-again',
    about:
      'Requests are numbered from 1 in each life of a process, which has its identity and its memory ' +
      'from the one before: an acknowledgement to that one counts.',
    given: [takesMembersBack, ...keepsItsMemory],
    edits: [
      {
        file: 'register/src/read-impose.ts',
        find: "new RunningOperations(context.random('boot').int(2 ** 32), {",
        replace: 'new RunningOperations(1, {',
      },
    ],
    schedule: (world, hand) => {
      hand.take('register *>*');
      world.put('b', '1');
      hand.deliver('Read b>a', 'Value a>b', 'Write b>a');
      for (const which of ['Read b>c', 'Write b>c'] as const) hand.lose(which);
      world.restart('b');
      world.advance(1_000);
      world.get('c');
      hand.exchange('ac');

      world.put('b', '2');
      hand.lose('Read b>c');
      const acknowledgement = hand.oldest('Ack a>b'); // That 1 is held.
      hand.deliver('Read b>a', 'Value a>b');
      hand.hand(acknowledgement);
      world.get('c');
      hand.exchange('ac');
    },
    finding: 'not linearizable',
    sweep: { scenario: 'reborn', seeds: 30, hint: 6, findings: either },
  },
  {
    name: 'T09-amnesia',
    about:
      'A process that was restarted, and holds nothing, is taken back as the member that it was.',
    edits: [takesMembersBack],
    schedule: (world, hand) => {
      hand.take('register *>*');
      world.put('a', '1');
      hand.exchange('ab');
      hand.lose();
      world.restart('b');
      world.advance(1_000);
      world.get('c');
      hand.exchange('bc');
    },
    finding: 'not linearizable',
    sweep: { scenario: 'reborn apart', seeds: 25, hint: 4, findings: ['not linearizable'] },
  },
  {
    name: 'T21-acknowledged-before',
    about:
      'A process that was restarted learns what a majority holds, and is taken back; what it has ' +
      'acknowledged before counts.',
    edits: [takesMembersBack],
    world: { members: 5 },
    schedule: (world, hand) => {
      hand.take('register *>*');
      world.put('a', '1');
      hand.exchange('abcde');
      world.put('a', '2');
      hand.deliver('Read a>b', 'Value b>a', 'Read a>d', 'Value d>a', 'Write a>b');
      world.restart('b');
      world.advance(1_000);
      world.get('b');
      hand.exchange('bcde'); // It holds 1 again.

      hand.deliver('Write a>d', 'Ack d>a', 'Ack b>a');
      world.get('c');
      hand.exchange('bce');
    },
    finding: 'not linearizable',
    sweep: { scenario: 'reborn apart', seeds: 25, hint: 4, findings: ['not linearizable'] },
  },
  {
    name: 'M09-half-is-a-majority',
    about: 'Half of a group is taken for a majority of it.',
    edits: [
      {
        file: 'register/src/group.ts',
        find: 'this.majority = Math.floor(members.length / 2) + 1;',
        replace: 'this.majority = Math.ceil(members.length / 2);',
      },
    ],
    world: { members: 4 },
    schedule: (world, hand) => {
      hand.take('register *>*');
      world.put('a', '1');
      hand.exchange('ab');
      world.get('c');
      hand.exchange('cd');
    },
    finding: 'not linearizable',
    sweep: { scenario: 'lagging four', seeds: 10, findings: ['not linearizable'] },
  },
  {
    name: 'M10-who-was-consulted-has-it',
    about: 'Who holds what was found counts as a holder of the newer value that is imposed.',
    edits: [
      {
        file: operation,
        find: '    if (timestamp > this.timestamp) this.holders = nobodyYet;\n',
        replace: '',
      },
    ],
    schedule: (world) => {
      world.put('a', '1');
      world.advance(10);
      world.get('c');
      world.advance(10);
    },
    finding: 'not linearizable',
    sweep: { scenario: 'lagging', seeds: 3, findings: ['not linearizable'] },
  },
  {
    name: 'M11-never-restored',
    about: 'The failure detector does not hear those whom it suspects.',
    edits: [
      {
        file: 'epfd/src/increasing-timeout.ts',
        find: 'if (sequence === followed.sequence || followed.suspected) followed.heard = true;',
        replace:
          'if (sequence === followed.sequence && !followed.suspected) followed.heard = true;',
      },
    ],
    schedule: (world) => {
      world.cut('a');
      world.advance(5_000);
      world.join('a');
      world.advance(5_000);
      world.get('a');
      world.advance(10);
      world.demandAnswers();
    },
    finding: 'a request was refused',
    sweep: { scenario: 'flickering', seeds: 3, findings: ['stuck'] },
  },
];
