import type { Bug } from '../bug';

// What a read has to do before it may return, and what it returns then.

const readImpose = 'register/src/read-impose.ts';
const operation = 'register/src/operation.ts';

export const readingBugs: readonly Bug[] = [
  {
    name: 'T04-no-impose',
    about:
      'A read returns the newest value that it finds, and does not see that a majority holds it.',
    edits: [
      { file: readImpose, find: 'if (operation.isHeld) {', replace: 'if (operation.isAnswered) {' },
      {
        file: readImpose,
        find: "invariant(operation.isHeld, 'what is answered is held by a majority');",
        replace: '',
      },
    ],
    schedule: (world, hand) => {
      hand.take('register *>*');
      world.put('a', '1');
      hand.deliver('Read a>b', 'Value b>a'); // Now a holds 1,
      hand.lose(); // and nobody else.
      world.get('a');
      hand.exchange('ab');
      world.get('c');
      hand.exchange('bc');
    },
    finding: 'not linearizable',
    sweep: { scenario: 'stammering', seeds: 10, findings: ['not linearizable'] },
  },
  {
    name: 'T05-own-copy-older',
    about: 'A read returns the own copy, which gets what it imposes last of all.',
    edits: [
      {
        file: readImpose,
        find: 'this.#hold(operation.request.register, timestamp, bytesOf(value));',
        replace: `if (operation.request instanceof Write) {
        this.#hold(operation.request.register, timestamp, bytesOf(value));
      }`,
      },
      {
        file: readImpose,
        find: `const { request, value } = operation;
    this.#remove(operation);`,
        replace: `const { request } = operation;
    const { value } = this.#registers.find(request.register) ?? {};
    if (operation.value !== undefined) {
      this.#hold(request.register, operation.timestamp, bytesOf(operation.value));
    }
    this.#remove(operation);`,
      },
    ],
    schedule: (world, hand) => {
      hand.take('register *>*');
      world.put('a', '1');
      hand.exchange('ab');
      hand.lose();
      world.get('c');
      hand.exchange('ac');
    },
    finding: 'not linearizable',
    sweep: { scenario: 'lagging', seeds: 10, hint: 3, findings: ['not linearizable'] },
  },
  {
    name: 'T06-own-copy-newer',
    about: 'A read returns the own copy, which is newer than what it has imposed on a majority.',
    edits: [
      {
        file: readImpose,
        find: 'const { request, value } = operation;',
        replace: `const { request } = operation;
    const { value } = this.#registers.find(request.register) ?? {};`,
      },
    ],
    world: { members: 5 },
    schedule: (world, hand) => {
      hand.take('register *>*');
      world.put('a', '1');
      hand.exchange('abe');
      hand.lose();
      world.get('a');
      hand.deliver('Read a>c', 'Value c>a', 'Read a>d', 'Value d>a'); // The read imposes 1.

      world.put('e', '2');
      hand.deliver('Read e>b', 'Value b>e', 'Read e>c', 'Value c>e');
      hand.deliver('Write e>a'); // Now e and a hold 2, which is no majority.
      hand.exchange('acd');

      world.get('b');
      hand.exchange('bcd');
    },
    finding: 'not linearizable',
    sweep: { scenario: 'lagging five', seeds: 10, findings: ['not linearizable'] },
  },
  {
    name: 'T19-best-effort',
    about: 'A read that has no time left to impose what it found returns it all the same.',
    edits: [
      {
        file: readImpose,
        find: '      this.#remove(operation);\n      const mayTakeEffect',
        replace: `      this.#remove(operation);
      if (request instanceof Read && operation.phase === 'impose' && operation.value !== undefined) {
        this.register.next(new ReadReturn(request, bytesOf(operation.value)));
        return;
      }
      const mayTakeEffect`,
      },
    ],
    schedule: (world, hand) => {
      hand.take('register *>*');
      world.put('a', '1');
      hand.deliver('Read a>b', 'Value b>a');
      hand.lose();
      world.get('a', 200);
      hand.deliver('Read a>b', 'Value b>a');
      world.advance(300);
      world.get('c');
      hand.exchange('bc');
    },
    finding: 'not linearizable',
    sweep: { scenario: 'hurried', seeds: 30, hint: 5, findings: ['not linearizable'] },
  },
  {
    name: 'M05-holders-of-the-old',
    about: 'Who holds the old value still counts as a holder when a newer one is found.',
    edits: [
      {
        file: operation,
        find: `      this.value = value;
      this.holders = nobodyYet;
`,
        replace: '      this.value = value;\n',
      },
    ],
    schedule: (world, hand) => {
      hand.take('register *>*');
      world.put('a', '1');
      hand.deliver('Read a>b', 'Value b>a');
      hand.lose();
      world.get('c');
      hand.exchange('ac');
      world.get('b');
      hand.exchange('bc');
    },
    finding: 'not linearizable',
    sweep: { scenario: 'stammering', seeds: 10, findings: ['not linearizable'] },
  },
  {
    name: 'M06-value-not-asked-for',
    about:
      'A read asks for timestamps alone, as a write does, and takes the empty value that comes.',
    edits: [
      {
        file: readImpose,
        find: 'operation.above = operation.timestamp;',
        replace: 'operation.above = highestTimestamp;',
      },
    ],
    schedule: (world, hand) => {
      hand.take('register *>*');
      world.put('a', '1');
      hand.exchange('ab');
      world.get('c');
      hand.exchange('bc');
    },
    finding: 'not linearizable',
    sweep: { scenario: 'lagging', seeds: 3, findings: ['one timestamp has one value'] },
  },
  {
    name: 'M07-text',
    about: 'Values at rest are text in UTF-8: bytes that are none come back as others.',
    edits: [
      {
        file: 'register/src/kept.ts',
        find: "return bufferOf(value).toString('latin1');",
        replace: "return bufferOf(value).toString('utf8');",
      },
      {
        file: 'register/src/kept.ts',
        find: "Buffer.from(kept, 'latin1')",
        replace: "Buffer.from(kept, 'utf8')",
      },
    ],
    schedule: (world) => {
      world.put('a', '\xff');
      world.advance(10);
      world.get('b');
      world.advance(10);
    },
    finding: 'not linearizable',
    sweep: { scenario: 'odd values', seeds: 3, findings: ['not linearizable'] },
  },
  {
    name: 'M08-empty-is-nothing',
    about: 'A node takes an empty value for none.',
    edits: [
      {
        file: 'store/src/key-value-store.ts',
        find: 'if (value) this.network.next(new ValueReply',
        replace: 'if (value?.length) this.network.next(new ValueReply',
      },
    ],
    schedule: (world) => {
      world.put('a', '');
      world.advance(10);
      world.get('b');
      world.advance(10);
    },
    finding: 'not linearizable',
    sweep: { scenario: 'odd values', seeds: 3, findings: ['not linearizable'] },
  },
];
