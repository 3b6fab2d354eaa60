import type { Bug } from '../bug';
import type { Edit } from '../edit';
import { nameOf, type Hand } from '../hand';
import type { World } from '../world';

// What a client may conclude from an answer, or from none.

const frontEnd = 'client/src/front-end.ts';
const consultMajority = 'register/src/read-impose-write-consult-majority.ts';
const readImpose = 'register/src/read-impose.ts';

/** A put that is not answered goes to another member as well. */
const putsAreRepeated: Edit = {
  file: frontEnd,
  find: 'if (call.repeatable) this.#dispatch(call);',
  replace: 'this.#dispatch(call);',
};

/** Writes bear the request that they are for, and a replica executes each request once. */
const replicasExecuteOnce: readonly Edit[] = [
  {
    // What the own replica does not execute does not stand in its copy.
    file: consultMajority,
    find: `const highest = Math.max(operation.timestamp, this.timestampOf(register));
    this.impose(operation, timestampAfter(highest, rank), value);`,
    replace: `const own = Math.max(this.#chosen, this.timestampOf(register));
    this.#chosen = timestampAfter(Math.max(operation.timestamp, own), rank);
    this.impose(operation, this.#chosen, value);`,
  },
  {
    file: consultMajority,
    find: '  constructor(context',
    replace: '  #chosen = 0;\n\n  constructor(context',
  },
  {
    file: 'register/src/messages.ts',
    find: '  timestamp: z.int().positive(),\n',
    replace: '  timestamp: z.int().positive(),\n  origin: z.string(),\n',
  },
  {
    file: readImpose,
    find: '({ source, boot, phase, register, timestamp, value }) => {',
    replace: '({ source, boot, phase, register, timestamp, value, origin }) => {',
  },
  {
    file: readImpose,
    find: 'this.#hold(register, timestamp, value);',
    replace: 'this.#hold(register, timestamp, value, origin);',
  },
  {
    file: readImpose,
    find: 'this.#hold(operation.request.register, timestamp, bytesOf(value));',
    replace:
      'this.#hold(operation.request.register, timestamp, bytesOf(value), originOf(operation));',
  },
  {
    file: readImpose,
    find: `  #hold(register: string, timestamp: number, value: Uint8Array): void {
`,
    replace: `  readonly #executed = new Set<string>();

  #hold(register: string, timestamp: number, value: Uint8Array, origin: string): void {
    if (this.#executed.has(origin)) return;
    if (origin !== '') this.#executed.add(origin);
`,
  },
  {
    file: readImpose,
    find: '{ boot, phase, register, timestamp, value: imposed })',
    replace: '{ boot, phase, register, timestamp, value: imposed, origin: originOf(operation) })',
  },
  {
    file: readImpose,
    find: '/** What follows when a majority was consulted. */',
    replace: `function originOf({ request }: Operation): string {
  const put = (request as { request?: { source: string; id: number } }).request;
  return request instanceof Write && put ? put.source + put.id : '';
}

/** What follows when a majority was consulted. */`,
  },
];

/**
 * A put of 1 holds at the member that it was sent to, which can tell nobody, and is read; then another
 * puts 2. Returns the members but the first.
 */
function putTwoWhileOneHangs(world: World, hand: Hand, timeoutMs?: number): string {
  const client = world.client();
  hand.take('register *>*', 'Put *>*');
  client.put('1', timeoutMs);
  const first = hand.receiver(`Put ${client.name}>*`);
  const others = world.members(first);
  const [second = '', third = ''] = others;
  hand.deliver(`Put *>${first}`);
  hand.deliver(`Read ${first}>${second}`, `Value ${second}>${first}`);
  hand.lose();
  world.get(second);
  hand.exchange(first + second);
  hand.lose();

  world.put(third, '2');
  hand.deliver(`Put *>${third}`);
  hand.exchange(others);
  world.get(second);
  hand.exchange(others);
  return others;
}

/** A client asks another member as well when the first is silent; another puts 2; then the first try arrives. */
export function putAgainWhileTheFirstIsLate(put: 'Put' | 'Mutate'): Bug['schedule'] {
  return (world, hand) => {
    const client = world.client();
    hand.take(`${put} *>*`);
    client.put('1');
    const late = hand.oldest(`${put} ${client.name}>*`);
    world.advance(600);
    hand.drain(`${put} *>*`, late);
    world.advance(10);

    world.put('a', '2');
    hand.drain(`${put} *>*`, late);
    world.advance(10);
    hand.hand(late);
    world.advance(10);
    world.get('b');
    world.advance(10);
  };
}

export const retryingBugs: readonly Bug[] = [
  {
    name: 'T10-late-first-try',
    about: 'A client puts once more through another member, and then the first request arrives.',
    edits: [putsAreRepeated],
    schedule: putAgainWhileTheFirstIsLate('Put'),
    finding: 'not linearizable',
    sweep: { scenario: 'impatient', seeds: 10, findings: ['not linearizable'] },
  },
  {
    name: 'T11-performed-twice',
    about: 'A put that a client repeats takes effect before another put, and once more behind it.',
    edits: [putsAreRepeated],
    schedule: (world, hand) => {
      const others = putTwoWhileOneHangs(world, hand);

      world.advance(600);
      hand.drain('Put *>*');
      hand.exchange(others);
      world.get(others.charAt(0));
      hand.exchange(others);
    },
    finding: 'not linearizable',
    sweep: { scenario: 'impatient', seeds: 10, findings: ['not linearizable'] },
  },
  {
    name: 'T12-once-at-each-replica',
    about: 'As T11, and replicas execute no put twice; but one of them has not seen the first try.',
    edits: [putsAreRepeated, ...replicasExecuteOnce],
    world: { members: 5 },
    schedule: (world, hand) => {
      const client = world.client();
      hand.take('register *>*', 'Put *>*');
      client.put('1');
      const firstTry = hand.oldest(`Put ${client.name}>*`);
      world.advance(600);
      const [, secondTry] = hand.held(`Put ${client.name}>*`);
      const first = hand.receiver(`Put ${client.name}>*`);
      const second = secondTry ? nameOf(secondTry.destination) : world.members(first).charAt(0);
      const [behind = '', x = '', y = ''] = world.members(first + second);

      for (const value of ['91', '92']) {
        world.put(behind, value);
        hand.drain(`Put *>${behind}`);
        for (const other of [x, y]) {
          hand.deliver(`Read ${behind}>${other}`, `Value ${other}>${behind}`);
        }
        hand.lose(`Write ${behind}>*`);
        hand.lose(`Read ${behind}>*`);
      } // Its copy is two writes ahead.

      hand.hand(firstTry);
      for (const other of [behind, x]) {
        hand.deliver(`Read ${first}>${other}`, `Value ${other}>${first}`);
      } // The timestamp of the first try is the third.
      if (secondTry) hand.hand(secondTry);
      hand.exchange(second + x + y); // That of the second is the first.
      world.put(second, '2');
      hand.drain(`Put *>${second}`);
      hand.exchange(second + x + y);
      world.get(second);
      hand.exchange(second + x + y);

      hand.exchange(first + behind + x);
      world.get(first);
      hand.exchange(first + behind + x);
    },
    finding: 'not linearizable',
    sweep: { scenario: 'impatient', seeds: 10, hint: 5, findings: ['not linearizable'] },
  },
  {
    name: 'T18-answer-by-key',
    about: 'A client takes any answer about a key for that to its newest request about it.',
    edits: [
      {
        file: 'client/src/calls.ts',
        find: 'new Call((this.#lastId += 1), request,',
        replace:
          "new Call('cursor' in request ? ++this.#lastId : Buffer.from(request.key).reduce((sum, byte) => sum + byte, 0), request,",
      },
    ],
    schedule: (world, hand) => {
      const client = world.client();
      hand.take(`NotFound *>${client.name}`);
      client.get(400);
      world.advance(500); // It gives up.
      world.put('a', '1');
      world.advance(10);

      hand.take(`Get ${client.name}>*`);
      client.get();
      hand.deliver(`NotFound *>${client.name}`); // To the first get.
      hand.drain(`Get ${client.name}>*`);
      world.advance(10);
    },
    finding: 'not linearizable',
    sweep: { scenario: 'impatient', seeds: 10, hint: 3, findings: ['not linearizable'] },
  },
  {
    name: 'M12-unknown-is-tried-again',
    about: 'A client tries a put again of which a node says that its outcome is unknown.',
    edits: [
      {
        file: frontEnd,
        find: "if (isFinal || (code === 'outcome unknown' && !call.repeatable)) {",
        replace: 'if (isFinal) {',
      },
    ],
    schedule: (world, hand) => {
      const others = putTwoWhileOneHangs(world, hand, 2_000);

      world.advance(1_800);
      hand.drain('Put *>*');
      hand.exchange(others);
      world.get(others.charAt(0));
      hand.exchange(others);
    },
    finding: 'not linearizable',
    sweep: { scenario: 'flickering', seeds: 5, findings: ['not linearizable'] },
  },
  {
    name: 'M13-imposed-and-not-executed',
    about:
      'A register says of a write that it abandons while imposing it that it was not executed.',
    edits: [
      {
        file: readImpose,
        find: "request instanceof Write && operation.phase === 'impose';",
        replace: "request instanceof Write && operation.phase !== 'impose';",
      },
    ],
    schedule: (world, hand) => {
      hand.take('register *>*');
      world.put('a', '1', 200);
      hand.deliver('Read a>b', 'Value b>a');
      hand.lose();
      world.advance(300);
      world.get('b');
      hand.exchange('ab');
    },
    finding: 'not linearizable',
    sweep: { scenario: 'flickering', seeds: 5, findings: ['not linearizable'] },
  },
  {
    name: 'M14-unanswered-is-not-performed',
    about: 'A client says of a put which got no answer that it was not performed.',
    edits: [
      {
        file: frontEnd,
        find: '(ticket ? wasSent : askedMember !== undefined)',
        replace: '(ticket ? wasSent : askedMember === undefined)',
      },
    ],
    schedule: (world, hand) => {
      const client = world.client();
      hand.take(`Ok *>${client.name}`);
      client.put('1', 400);
      world.advance(500);
      world.get('b');
      world.advance(10);
    },
    finding: 'not linearizable',
    sweep: { scenario: 'impatient', seeds: 10, findings: ['not linearizable'] },
  },
];
