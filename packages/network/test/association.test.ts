import fc from 'fast-check';
import { z } from 'zod';

import { Address, message, type Message, ProcessId, type Lane, type SessionEnd } from '../src';
import { Association, type Agreement, type Proposal } from '../src/association';
import { BrokenFrame } from '../src/frame';
import { Session, type Receiver } from '../src/session';

class Item extends message('test/Item', { number: z.int(), filling: z.string() }) {}
class Other extends message('test/Other', { number: z.int() }) {}

const bounds = { queuedMessages: 1000, queuedBytes: 100_000, frameBytes: 200, messageBytes: 5000 };
const somewhere = Address.parse('p@');

/** One of two processes, without a socket: what it would say lies in a list. */
class Side {
  readonly delivered: Record<Lane, number[]> = { normal: [], priority: [] };
  readonly sent: Record<Lane, number> = { normal: 0, priority: 0 };
  readonly losses: { readonly dropped: number; readonly reason: SessionEnd }[] = [];
  readonly association: Association;
  dials = 0;
  /** The connection that this side believes in. */
  line: Line | undefined;
  /** Waits for a Welcome on it. */
  asking: Line | undefined;

  constructor(
    readonly id: string,
    peer: string,
    readonly incarnation = `${id}1`,
  ) {
    let sessions = 0;
    this.association = new Association(ProcessId.parse(peer), {
      self: ProcessId.parse(id),
      bounds,
      drawSession: () => `${incarnation}-${(sessions += 1)}`,
      lost: (_, dropped, reason) => this.losses.push({ dropped, reason }),
    });
  }

  send(lane: Lane, size = 10): void {
    this.sent[lane] += 1;
    const body = { number: this.sent[lane], filling: 'x'.repeat(size) };
    this.association.send(new Item(somewhere, body, { lane }));
  }

  readonly receiver: Receiver = {
    deliver: (received) => {
      if (received instanceof Item) this.delivered[received.lane].push(received.number);
    },
    reject: (_, text) => {
      throw new Error(text);
    },
  };
}

type Said =
  | { readonly hello: Proposal; readonly incarnation: string }
  | { readonly welcome: Agreement }
  | { readonly refused: string }
  | { readonly frame: Buffer };

/** A connection: what each side has said on it and the other has not read. */
class Line {
  readonly #said = new Map<Side, Said[]>();
  #cut = false;

  constructor(
    readonly dialler: Side,
    readonly accepter: Side,
  ) {}

  other(side: Side): Side {
    return side === this.dialler ? this.accepter : this.dialler;
  }

  say(side: Side, said: Said): void {
    if (!this.#cut) this.#said.set(side, [...(this.#said.get(side) ?? []), said]);
  }

  /** What `side` said is gone, and both notice. */
  cut(): void {
    this.#cut = true;
    this.#said.clear();
    for (const side of [this.dialler, this.accepter]) {
      if (side.line === this) side.line = undefined;
      if (side.asking === this) {
        side.asking = undefined;
        side.association.abandon();
      }
    }
  }

  /** The other side reads the next that `side` said. */
  read(side: Side): boolean {
    const [said, ...rest] = this.#said.get(side) ?? [];
    if (!said) return false;
    this.#said.set(side, rest);
    this.#handle(this.other(side), said);
    return true;
  }

  #handle(side: Side, said: Said): void {
    if ('hello' in said) this.#hello(side, said.hello, said.incarnation);
    else if ('welcome' in said) this.#welcome(side, said.welcome);
    else if ('refused' in said) this.cut();
    else if (side.line === this) {
      side.association.session?.receive(said.frame, somewhere, somewhere, side.receiver);
    }
  }

  #hello(side: Side, hello: Proposal, incarnation: string): void {
    const verdict = side.association.met(incarnation)
      ? side.association.consider(hello, side.dials)
      : ({ accepted: false, code: 'ERR_STALE' } as const);
    if (!verdict.accepted) {
      this.say(side, { refused: verdict.code });
      return;
    }
    const former = [side.asking, side.line];
    side.asking = undefined;
    side.line = this;
    for (const line of former) if (line !== this) line?.cut();
    this.say(side, { welcome: verdict.agreement });
  }

  #welcome(side: Side, welcome: Agreement): void {
    if (side.asking !== this) return;
    side.asking = undefined;
    const former = side.line;
    if (!side.association.agree(welcome)) {
      this.cut();
      return;
    }
    side.line = this;
    if (former !== this) former?.cut();
  }
}

class Pair {
  readonly lines: Line[] = [];
  constructor(
    readonly ann: Side,
    readonly bob: Side,
  ) {}

  dial(side: Side): void {
    if (side.line || side.asking || !side.association.session) return;
    const other = side === this.ann ? this.bob : this.ann;
    const line = new Line(side, other);
    this.lines.push(line);
    if (!side.association.met(other.incarnation)) return;
    side.asking = line;
    side.dials += 1;
    const hello = side.association.propose(side.dials);
    line.say(side, { hello, incarnation: side.incarnation });
  }

  flush(side: Side): void {
    const frame = side.association.session?.nextFrame();
    if (side.line && frame) side.line.say(side, { frame });
  }

  acknowledge(side: Side): void {
    const frame = side.line && side.association.session?.acknowledgement();
    if (frame) side.line?.say(side, { frame });
  }

  /** Lets everything happen that is under way, with new dials where a line was cut. */
  settle(): void {
    for (let round = 0; round < 100; round += 1) {
      for (const side of [this.ann, this.bob]) {
        this.dial(side);
        while (side.line && side.association.session?.waiting) this.flush(side);
        if (round % 3 === 2) this.acknowledge(side);
      }
      for (const line of this.lines) {
        while (line.read(line.dialler) || line.read(line.accepter));
      }
    }
  }
}

const sides = fc.constantFrom('ann' as const, 'bob' as const);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      who: sides,
      lane: fc.constantFrom<Lane>('normal', 'priority'),
      size: fc.nat(400),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('flush' as const, 'dial' as const, 'acknowledge' as const),
      who: sides,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('read' as const), who: sides, line: fc.nat() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('cut' as const), who: sides, line: fc.nat() }),
  },
);

test('every message is delivered once and in order, whatever is cut, crossed, or read late', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150, size: 'max' }), (steps) => {
      const pair = new Pair(new Side('ann', 'bob'), new Side('bob', 'ann'));
      for (const { do: action, who, ...rest } of steps) {
        const side = pair[who];
        const line = 'line' in rest ? pair.lines.at(-1 - (rest.line % 3)) : undefined;
        if ('lane' in rest) side.send(rest.lane, rest.size);
        else if (action === 'flush') pair.flush(side);
        else if (action === 'dial') pair.dial(side);
        else if (action === 'acknowledge') pair.acknowledge(side);
        else if (action === 'read') line?.read(side);
        else line?.cut();
      }
      pair.settle();

      for (const side of [pair.ann, pair.bob]) {
        const other = side === pair.ann ? pair.bob : pair.ann;
        expect(side.losses).toEqual([]);
        for (const lane of ['normal', 'priority'] as const) {
          const all = Array.from({ length: other.sent[lane] }, (_, index) => index + 1);
          expect(side.delivered[lane]).toEqual(all);
        }
        expect(side.association.session?.queuedMessages ?? 0).toBe(0);
      }
    }),
    { numRuns: 400 },
  );
});

test('a process that was started again is a stranger: the session ends at both, and the count is right', () => {
  const pair = new Pair(new Side('ann', 'bob'), new Side('bob', 'ann'));
  pair.ann.send('normal');
  pair.settle();
  pair.lines.at(-1)?.cut();
  pair.ann.send('normal');
  pair.ann.send('priority');

  const again = new Pair(pair.ann, new Side('bob', 'ann', 'bob2'));
  again.settle();

  expect(pair.ann.losses).toEqual([{ dropped: 2, reason: 'other process' }]);
  expect(again.bob.delivered).toEqual({ normal: [], priority: [] });
  pair.ann.send('normal');
  again.settle();
  expect(again.bob.delivered.normal).toEqual([2 + 1].map(() => pair.ann.sent.normal));
});

test('what waits for the first connection goes to whichever incarnation answers', () => {
  const { ann, bob } = new Pair(new Side('ann', 'bob'), new Side('bob', 'ann', 'bob2'));
  ann.send('normal');
  ann.association.met('bob1');

  new Pair(ann, bob).settle();

  expect(bob.delivered.normal).toEqual([1]);
  expect(ann.losses).toEqual([]);
});

test('a session that one side has ended ends at the other, too', () => {
  const pair = new Pair(new Side('ann', 'bob'), new Side('bob', 'ann'));
  pair.ann.send('normal');
  pair.settle();
  pair.lines.at(-1)?.cut();
  pair.ann.association.end('outage');
  pair.bob.send('normal');

  pair.settle();

  expect(pair.ann.losses).toEqual([{ dropped: 0, reason: 'outage' }]);
  expect(pair.bob.losses).toEqual([{ dropped: 1, reason: 'ended by peer' }]);
});

test('a session with too much in it ends, and all of it is counted', () => {
  const ann = new Side('ann', 'bob');

  for (let count = 0; count <= bounds.queuedMessages; count += 1) ann.send('normal');

  expect(ann.losses).toEqual([{ dropped: bounds.queuedMessages + 1, reason: 'overflow' }]);
  expect(ann.association.session).toBeUndefined();
});

test('of two dials that cross, the one of the smaller id wins, and the session is the same', () => {
  const [ann, bob] = [new Side('ann', 'bob'), new Side('bob', 'ann')];
  const [fromAnn, fromBob] = [ann.association.propose(1), bob.association.propose(1)];

  const byAnn = ann.association.consider(fromBob, 1);
  const byBob = bob.association.consider(fromAnn, 1);

  expect(byAnn).toEqual({ accepted: false, code: 'ERR_CROSSED' });
  expect(byBob).toMatchObject({ accepted: true, agreement: { session: fromAnn.session } });
  expect(bob.association.session?.id).toBe(ann.association.session?.id);
});

test('a Hello that was overtaken, by a later one or by a Welcome, is late', () => {
  const [ann, bob] = [new Side('ann', 'bob'), new Side('bob', 'ann')];
  const early = ann.association.propose(1);
  ann.association.abandon();
  const later = ann.association.propose(2);

  expect(bob.association.consider(later, 0).accepted).toBe(true);
  expect(bob.association.consider(early, 0)).toEqual({ accepted: false, code: 'ERR_STALE' });

  const asked = bob.association.propose(1);
  ann.association.abandon();
  const verdict = ann.association.consider(asked, 3);
  if (verdict.accepted) bob.association.agree(verdict.agreement);
  const third = { ...later, dial: 3 };
  expect(bob.association.consider(third, 1)).toEqual({ accepted: false, code: 'ERR_STALE' });
});

describe('a session', () => {
  const item = (number: number, lane: Lane = 'normal'): Item =>
    new Item(somewhere, { number, filling: '' }, { lane });

  test('sends the priority lane first', () => {
    const session = new Session('s', bounds);
    for (let number = 0; number < 50; number += 1) session.send(item(number));
    session.nextFrame();
    session.send(item(99, 'priority'));

    expect(session.nextFrame()?.[0]).toBe(1);
    expect(session.nextFrame()?.[0]).toBe(0);
  });

  test('hands out what comes before a message of an unknown type, and what comes behind', () => {
    const sender = new Session('s', bounds);
    const receiver = new Session('s', bounds);
    sender.send(item(1));
    sender.send(new Other(somewhere, { number: 2 }));
    sender.send(item(3));
    const frame = sender.nextFrame() ?? Buffer.alloc(0);
    frame.writeUInt32LE(12345, frame.indexOf(wireIdOf(Other)));
    const seen: unknown[] = [];

    receiver.receive(frame, somewhere, somewhere, {
      deliver: (received) => seen.push(received.type),
      reject: (reason) => seen.push(reason),
    });

    expect(seen).toEqual(['test/Item', 'unknown type', 'test/Item']);
    expect(receiver.received).toEqual({ normal: 3, priority: 0 });
  });

  test('breaks on random bytes, cut frames and sequence gaps, and on nothing else', () => {
    const sender = new Session('s', bounds);
    for (let number = 0; number < 3; number += 1) sender.send(item(number));
    const good = Buffer.from(sender.nextFrame() ?? []);
    const damaged = fc.tuple(fc.nat(), fc.nat(255), fc.nat(20)).map(([where, byte, cut]) => {
      const frame = Buffer.from(good);
      frame[where % frame.length] = byte;
      return frame.subarray(0, frame.length - cut);
    });
    fc.assert(
      fc.property(
        fc.oneof(
          damaged,
          fc.uint8Array().map((value) => Buffer.from(value)),
        ),
        (frame) => {
          const receiver = new Session('s', bounds);
          const ignore = (): void => undefined;
          try {
            receiver.receive(frame, somewhere, somewhere, { deliver: ignore, reject: ignore });
          } catch (error) {
            expect(error).toBeInstanceOf(BrokenFrame);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('hands out a frame that came twice once, and none behind a gap', () => {
    const [sender, receiver] = [new Session('s', bounds), new Session('s', bounds)];
    const seen: Message[] = [];
    const note = {
      deliver: (received: Message) => void seen.push(received),
      reject: () => undefined,
    };
    const frames = [1, 2, 3].map((number) => {
      sender.send(item(number));
      return Buffer.from(sender.nextFrame() ?? []);
    });
    const [first = Buffer.alloc(0), , third = Buffer.alloc(0)] = frames;

    receiver.receive(first, somewhere, somewhere, note);
    receiver.receive(first, somewhere, somewhere, note);
    expect(() => {
      receiver.receive(third, somewhere, somewhere, note);
    }).toThrow('message 3 where 2 comes next');

    expect(seen.length).toBe(1);
  });

  test('does not believe in acknowledgements of what was never sent', () => {
    const [one, other] = [new Session('s', bounds), new Session('s', bounds)];
    other.send(item(1));
    one.receive(other.nextFrame() ?? Buffer.alloc(0), somewhere, somewhere, {
      deliver: () => undefined,
      reject: () => undefined,
    });
    const acknowledgement = one.acknowledgement() ?? Buffer.alloc(0);

    expect(() => {
      new Session('s', bounds).receive(acknowledgement, somewhere, somewhere, {
        deliver: () => undefined,
        reject: () => undefined,
      });
    }).toThrow(BrokenFrame);
  });

  test('refuses a message that does not fit, and sends those around it', () => {
    const sender = new Session('s', bounds);
    const receiver = new Session('s', bounds);
    const seen: number[] = [];
    sender.send(item(1));
    expect(() => {
      sender.send(new Item(somewhere, { number: 2, filling: 'x'.repeat(6000) }));
    }).toThrow('malformed test/Item: has');
    expect(() => {
      sender.send(new Item(somewhere, { number: 1.5, filling: '' }));
    }).toThrow('malformed test/Item: number');
    sender.send(item(3));

    for (let frame = sender.nextFrame(); frame; frame = sender.nextFrame()) {
      receiver.receive(frame, somewhere, somewhere, {
        deliver: (received) => seen.push((received as Item).number),
        reject: () => undefined,
      });
    }

    expect(seen).toEqual([1, 3]);
  });
});

function wireIdOf(type: typeof Other): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(type.declaration.wireId);
  return bytes;
}
