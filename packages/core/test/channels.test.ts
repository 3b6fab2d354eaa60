import {
  Component,
  DuplicateChannelError,
  ForeignPortError,
  Key,
  Kill,
  type System,
  UnconnectedPortError,
  UnheldChannelError,
  UnpluggedChannelError,
  event,
  portType,
  type Channel,
  type ComponentFault,
  type Context,
  type DeadLetter,
  type RequiredPort,
  type Selectors,
} from '@jbstore/core';
import fc from 'fast-check';
import { take } from 'rxjs';

import { VirtualSystem } from './virtual-system';

class Say extends event('Say') {
  constructor(
    readonly number: number,
    readonly room = 0,
  ) {
    super();
  }
}
class Heard extends event('Heard') {
  constructor(
    readonly number: number,
    readonly room = 0,
  ) {
    super();
  }
}
/** Has no room. */
class Closing extends event('Closing') {}
const Talk = portType('Talk', { requests: [Say], indications: [Heard, Closing] });
const Chat = portType('Chat', { requests: [Say], indications: [Heard, Closing] });

/** Notes the numbers that it is told. */
class Hall extends Component {
  readonly talk = this.provides(Talk);
  readonly chat = this.provides(Chat);
  readonly told: number[] = [];

  constructor(context: Context, deaf = false) {
    super(context);
    if (deaf) return;
    this.talk.upon(Say, ({ number }) => void this.told.push(number));
  }
}

/** Notes the numbers that it hears; a deaf one takes nothing. */
class Guest extends Component {
  readonly talk = this.requires(Talk);
  readonly heard: number[] = [];
  readonly closings: Closing[] = [];

  constructor(context: Context, deaf = false) {
    super(context);
    if (deaf) return;
    this.talk.upon(Heard, ({ number }) => void this.heard.push(number));
    this.talk.upon(Closing, (closing) => void this.closings.push(closing));
  }
}

interface Setting {
  system: System;
  settle: () => void;
  /** `event number reason` of each dead letter. */
  letters: string[];
  faults: ComponentFault[];
  hall: Hall;
  guest: (selectors?: Selectors<typeof Talk>, deaf?: boolean) => Guest & { channel: TalkChannel };
  kill: (component: Component) => void;
}
type TalkChannel = Channel<typeof Talk>;

function nameOf({ event: lost, reason }: DeadLetter): string {
  const number = lost instanceof Say || lost instanceof Heard ? ` ${String(lost.number)}` : '';
  return `${lost.type}${number} ${reason}`;
}

/** A started system with a hall; `guest` connects one more. */
function setUp(): Setting {
  const faults: ComponentFault[] = [];
  const onFault = (fault: ComponentFault): void => void faults.push(fault);
  const { system, settle } = new VirtualSystem({ onFault });
  const letters: string[] = [];
  system.deadLetters.subscribe((letter) => letters.push(nameOf(letter)));
  const hall = system.create(Hall);
  void system.start().catch(() => undefined);
  settle();
  return {
    ...{ system, settle, letters, faults, hall },
    guest: (selectors = {}, deaf = false) => {
      const guest = system.create(Guest, deaf);
      const channel = hall.talk.connectBy(guest.talk, selectors);
      settle();
      return Object.assign(guest, { channel });
    },
    kill: (component) => {
      system.clientOf(component.control).next(new Kill());
    },
  };
}

function say(port: RequiredPort<typeof Talk>, ...numbers: number[]): void {
  for (const number of numbers) port.next(new Say(number));
}

function tell(hall: Hall, ...numbers: number[]): void {
  for (const number of numbers) hall.talk.next(new Heard(number));
}

const isEven = ({ number }: Say | Heard): boolean => number % 2 === 0;
const isEvenHeard = (one: Heard | Closing): boolean => one instanceof Heard && isEven(one);

describe('2.5 Channel selectors', () => {
  test('a predicate per direction: a channel carries only what it lets through, tapped or not', () => {
    const { hall, guest, settle, letters } = setUp();
    const all = guest();
    const some = guest({ requests: isEven, indications: isEvenHeard });
    const passed: number[] = [];

    say(some.talk, 1, 2);
    tell(hall, 3, 4);
    settle();
    some.channel.indications.subscribe((one) => one instanceof Heard && passed.push(one.number));
    tell(hall, 5, 6);
    settle();

    expect(hall.told).toStrictEqual([2]);
    expect(all.heard).toStrictEqual([3, 4, 5, 6]);
    expect(some.heard).toStrictEqual([4, 6]);
    expect(passed).toStrictEqual([6]);
    expect(letters).toStrictEqual(['Say 1 unselected']);
  });

  test('an event that no selector let through, and nobody else takes, is a dead letter', () => {
    const { hall, guest, settle, letters } = setUp();
    guest({ indications: isEvenHeard });
    guest({ indications: isEvenHeard });
    const byKey = new Key(Heard, ({ room }) => room);
    guest({ indications: byKey.is(1) });
    guest({}, true);

    tell(hall, 1, 2);
    settle();

    expect(letters).toStrictEqual(['Heard 1 unselected']);
  });

  test('by key: each gets what has its value; events which the key does not concern pass to all', () => {
    const { hall, guest, settle, letters } = setUp();
    const byRoom = new Key(Heard, ({ room }) => room);
    const guests = [1, 2, 2].map((room) => guest({ indications: byRoom.is(room) }));

    hall.talk.next(new Heard(10, 1));
    hall.talk.next(new Heard(20, 2));
    hall.talk.next(new Heard(30, 3));
    hall.talk.next(new Closing());
    settle();

    expect(guests.map(({ heard }) => heard)).toStrictEqual([[10], [20], [20]]);
    expect(guests.map(({ closings }) => closings.length)).toStrictEqual([1, 1, 1]);
    expect(letters).toStrictEqual(['Heard 30 unselected']);
  });

  test('with 1000 channels, an event costs one reading of its key, and one channel more no look at the others', () => {
    const { hall, guest, settle } = setUp();
    let readings = 0;
    let looks = 0;
    const byRoom = new Key(Heard, ({ room }) => {
      readings += 1;
      return room;
    });
    const guests = Array.from({ length: 1_000 }, (_, room) =>
      guest({ indications: byRoom.is(room) }),
    );
    for (const [room] of guests.entries()) hall.talk.next(new Heard(room, room));
    settle();
    for (const { channel } of guests.slice(0, 999)) {
      const far = channel.opposite.bind(channel);
      channel.opposite = (port) => ((looks += 1), far(port));
      const way = channel.wayFrom.bind(channel);
      channel.wayFrom = (port, type) => ((looks += 1), way(port, type));
    }
    readings = 0;

    guests[999]?.channel.unsubscribe();
    const late = guest({ indications: byRoom.is(1_000) });
    for (const room of [0, 1, 1_000]) hall.talk.next(new Heard(-1, room));
    late.channel.hold();
    hall.talk.next(new Heard(-2, 1_000));
    late.channel.resume();
    late.channel.unsubscribe();
    hall.talk.next(new Heard(-3, 2));
    settle();

    expect(readings).toBe(5);
    expect(looks).toBe(0);
    expect(late.heard).toStrictEqual([-1, -2]);
    expect(guests.map(({ heard }) => heard.length)).toStrictEqual([
      ...[2, 2, 2],
      ...Array.from({ length: 997 }, () => 1),
    ]);
  });

  test('keyed channels follow handlers, taps, and channels that come and go', () => {
    const { hall, guest, settle, letters } = setUp();
    const byRoom = new Key(Heard, ({ room }) => room);
    const one = guest({ indications: byRoom.is(0) }, true);
    const seen: number[] = [];

    tell(hall, 1);
    const handler = one.talk.upon(Heard, ({ number }) => void one.heard.push(number));
    tell(hall, 2);
    const tap = one.channel.indications.subscribe((tapped) => seen.push((tapped as Heard).number));
    tell(hall, 3);
    settle();
    handler.unsubscribe();
    tell(hall, 4);
    tap.unsubscribe();
    const other = guest({ indications: byRoom.is(0) });
    hall.talk.next(new Closing());
    tell(hall, 5);
    other.channel.unsubscribe();
    hall.talk.next(new Closing());
    one.channel.unsubscribe();
    tell(hall, 6);
    settle();

    expect(one.heard).toStrictEqual([2, 3]);
    expect(other.heard).toStrictEqual([5]);
    expect(other.closings).toHaveLength(1);
    expect(seen).toStrictEqual([3, 4]);
    expect(letters).toStrictEqual([
      ...['Heard 1 unhandled', 'Heard 4 unhandled', 'Closing unhandled', 'Heard 6 unconnected'],
    ]);
  });

  test('an event put by hand on a channel passes its selector too', () => {
    const { hall, guest, settle, letters } = setUp();
    const byRoom = new Key(Heard, ({ room }) => room);
    const one = guest({ requests: isEven, indications: byRoom.is(0) });

    one.channel.requests.next(new Say(1));
    one.channel.requests.next(new Say(2));
    one.channel.indications.next(new Heard(3, 1));
    one.channel.indications.next(new Heard(4, 0));
    one.channel.indications.next(new Closing());
    settle();

    expect(hall.told).toStrictEqual([2]);
    expect(one.heard).toStrictEqual([4]);
    expect(one.closings).toHaveLength(1);
    expect(letters).toStrictEqual(['Say 1 unselected', 'Heard 3 unselected']);
  });

  test('what a selector throws is a fault of the component that sent; the event goes its other ways', () => {
    const broken = (): never => {
      throw new Error('broken');
    };
    for (const indications of [broken, new Key(Heard, broken).is(0 as never)]) {
      const { hall, guest, settle, faults } = setUp();
      guest({ indications });
      const other = guest();
      const seen: number[] = [];
      other.channel.indications.subscribe((passed) => seen.push((passed as Heard).number));

      tell(hall, 1);
      settle();

      expect(faults).toMatchObject([{ component: 'p/Hall', cause: new Error('broken') }]);
      expect(seen).toStrictEqual([1]);
    }
  });

  test('a trace that is observed later shows what passes by key, too', () => {
    const { system, hall, guest, settle } = setUp();
    const byRoom = new Key(Heard, ({ room }) => room);
    guest({ indications: byRoom.is(0) });
    tell(hall, 1);
    settle();
    const traced: string[] = [];
    system.trace.subscribe(({ event: handled, port }) => traced.push(`${handled.type} ${port}`));

    tell(hall, 2);
    settle();

    expect(traced).toStrictEqual(['Heard p/Guest.talk']);
  });

  test('the graph says which channels are selected', () => {
    const { system, guest } = setUp();
    guest();
    guest({ requests: isEven });

    expect(system.graph().channels.map(({ selected }) => selected)).toStrictEqual([
      undefined,
      true,
    ]);
  });
});

describe('2.6 Hold, resume, plug, unplug', () => {
  test('what comes while a channel is held waits, both ways, counted, and arrives in order on resume', () => {
    const { system, hall, guest, settle, letters } = setUp();
    const one = guest();
    const { channel } = one;
    const seen: number[] = [];
    channel.requests.subscribe(({ number }) => seen.push(number));

    say(one.talk, 1);
    channel.hold();
    channel.hold();
    say(one.talk, 2, 3);
    tell(hall, 4);
    settle();
    const whileHeld = [...hall.told, ...one.heard, ...seen];
    const { channels } = system.graph();
    const waiting = channel.held;
    channel.resume();
    channel.resume();
    say(one.talk, 5);
    settle();

    expect(whileHeld).toStrictEqual([1, 1]);
    expect(waiting).toStrictEqual({ requests: 2, indications: 1 });
    expect(channels).toMatchObject([{ held: waiting }]);
    expect(channel.held).toBeUndefined();
    expect(hall.told).toStrictEqual([1, 2, 3, 5]);
    expect(seen).toStrictEqual(hall.told);
    expect(one.heard).toStrictEqual([4]);
    expect(letters).toStrictEqual([]);
  });

  test('beyond its capacity in a direction, what comes is a dead letter', () => {
    const { hall, guest, settle, letters } = setUp();
    const { talk, channel } = guest();

    channel.hold({ capacity: 2 });
    tell(hall, 1);
    say(talk, 1, 2, 3);
    channel.hold();
    say(talk, 4);
    channel.hold({ capacity: 3 });
    say(talk, 5, 6);
    channel.resume();
    settle();

    expect(hall.told).toStrictEqual([1, 2, 5]);
    expect(letters).toStrictEqual(['Say 3 overflow', 'Say 4 overflow', 'Say 6 overflow']);
  });

  test('unplugged from one provider and plugged into another, nothing is lost, doubled or reordered', () => {
    const { system, hall, guest, settle, letters } = setUp();
    const one = guest({ requests: isEven });
    const other = system.create(Hall);

    say(one.talk, 2);
    one.channel.hold();
    tell(hall, 100);
    say(one.talk, 4);
    one.channel.unplug(hall.talk);
    say(one.talk, 5, 6);
    tell(hall, 101);
    one.channel.plug(other.talk);
    tell(other, 102);
    say(one.talk, 8);
    one.channel.resume();
    say(one.talk, 9, 10);
    tell(other, 103);
    settle();

    expect(hall.told).toStrictEqual([2]);
    expect(other.told).toStrictEqual([4, 6, 8, 10]);
    expect(one.heard).toStrictEqual([100, 102, 103]);
    expect(one.channel.provided).toBe(other.talk);
    expect(letters).toStrictEqual([
      ...['Say 5 unselected', 'Heard 101 unconnected', 'Say 9 unselected'],
    ]);
  });

  test('the required end moves too, and the table of a key with it', () => {
    const { system, hall, guest, settle, letters } = setUp();
    const byRoom = new Key(Heard, ({ room }) => room);
    const one = guest({ indications: byRoom.is(0) });
    const other = system.create(Guest);
    const seen: number[] = [];

    one.channel.hold();
    tell(hall, 1);
    one.channel.unplug(one.talk);
    one.channel.plug(other.talk);
    one.channel.unplug(hall.talk);
    one.channel.plug(hall.talk);
    tell(hall, 2);
    one.channel.resume();
    tell(hall, 3);
    say(one.talk, 4);
    say(other.talk, 5);
    one.channel.requests.subscribe(({ number }) => seen.push(number));
    say(other.talk, 6);
    settle();

    expect([hall.told, seen]).toStrictEqual([[5, 6], [6]]);
    expect([one.heard, other.heard]).toStrictEqual([[], [1, 2, 3]]);
    expect(letters).toStrictEqual(['Say 4 unconnected']);
  });

  test('an end changes only while the channel is held, to a port of its type and role that is free for it', () => {
    const { system, hall, guest } = setUp();
    const { channel, talk } = guest();
    const other = guest();
    const stranger = system.create(Hall);

    expect(() => channel.unplug(talk)).toThrow(UnheldChannelError);
    expect(() => channel.plug(stranger.talk)).toThrow(UnheldChannelError);
    channel.hold();
    expect(() => channel.unplug(other.talk)).toThrow(ForeignPortError);
    expect(() => channel.plug(stranger.talk)).toThrow(ForeignPortError);
    channel.unplug(talk);
    expect(() => channel.unplug(talk)).toThrow(ForeignPortError);
    expect(() => channel.plug(other.talk)).toThrow(DuplicateChannelError);
    channel.plug(talk);
    channel.unplug(hall.talk);
    expect(() => channel.plug(stranger.chat as unknown as typeof stranger.talk)).toThrow(
      ForeignPortError,
    );
    expect(() => channel.resume()).toThrow(UnpluggedChannelError);
    expect(() => channel.plug(hall.talk)).not.toThrow();
    channel.unsubscribe();
    channel.hold();
    expect(channel.held).toBeUndefined();
    expect(() => channel.plug(hall.talk)).toThrow(UnheldChannelError);
  });

  test('a required port whose channel is unplugged, at either end, is open', () => {
    const { system, hall, guest } = setUp();
    const { channel, talk } = guest();

    channel.hold();
    channel.unplug(hall.talk);
    expect(talk.connected).toBe(false);
    expect(() => void system.start()).toThrow(UnconnectedPortError);
    channel.plug(hall.talk);
    channel.unplug(talk);
    expect(talk.connected).toBe(false);
    expect(system.graph().channels).toMatchObject([{ provided: 'p/Hall.talk', required: '' }]);
    channel.plug(talk);
    expect(() => void system.start()).not.toThrow();
  });

  test('a killed end: what it had sent arrives on resume, what waits for it does not; then the channel is gone', () => {
    const { hall, guest, settle, letters, kill } = setUp();
    const one = guest();

    one.channel.hold();
    say(one.talk, 1);
    tell(hall, 2);
    kill(one);
    tell(hall, 3);
    expect(one.channel.held).toStrictEqual({ requests: 1, indications: 1 });
    one.channel.resume();
    tell(hall, 4);
    settle();

    expect(hall.told).toStrictEqual([1]);
    expect(letters).toStrictEqual([
      ...['Heard 2 killed', 'Heard 3 unconnected', 'Heard 4 unconnected'],
    ]);
  });

  test('a killed end can be replaced: what was sent to it since arrives at the new one', () => {
    const { system, hall, guest, settle, letters, kill } = setUp();
    const one = guest();
    const other = system.create(Hall);

    one.channel.hold();
    tell(hall, 1);
    say(one.talk, 2);
    kill(hall);
    say(one.talk, 3);
    one.channel.plug(other.talk);
    one.channel.resume();
    tell(other, 4);
    settle();

    expect(one.heard).toStrictEqual([1, 4]);
    expect(other.told).toStrictEqual([3]);
    expect(letters).toStrictEqual(['Say 2 killed']);
  });

  test('what waits in a channel that is unsubscribed, or whose ends are both killed, is a dead letter', () => {
    const { hall, guest, settle, letters, kill } = setUp();
    const [one, two] = [guest(), guest()];

    for (const { channel } of [one, two]) channel.hold();
    say(one.talk, 1);
    say(two.talk, 2);
    tell(hall, 3);
    one.channel.unsubscribe();
    one.channel.resume();
    kill(two);
    tell(hall, 4);
    kill(hall);
    settle();

    expect(two.channel.held).toBeUndefined();
    expect(letters).toStrictEqual([
      ...['Say 1 unconnected', 'Heard 3 unconnected', 'Heard 3 killed'],
      ...['Say 2 killed', 'Heard 4 unconnected'],
    ]);
  });

  test('a held event that its far end does not take is a dead letter only if no other channel led it on', () => {
    const { hall, guest, settle, letters } = setUp();
    const deaf = [guest({}, true), guest({}, true)];

    for (const { channel } of deaf) channel.hold();
    tell(hall, 1);
    for (const { channel } of deaf) channel.resume();
    const late = guest();
    for (const { channel } of [...deaf, late]) channel.hold();
    tell(hall, 2);
    for (const { channel } of [...deaf, late]) channel.resume();
    settle();

    expect(late.heard).toStrictEqual([2]);
    expect(letters).toStrictEqual(['Heard 1 unhandled']);
  });

  test('observers of a channel may trigger, hold, resume and unsubscribe while it is resumed', () => {
    const { hall, guest, settle, letters } = setUp();
    const { channel, talk } = guest();
    const seen: number[] = [];
    channel.requests.subscribe(({ number }) => {
      seen.push(number);
      if (number === 1) say(talk, 10);
      if (number === 2) {
        channel.resume();
        expect(() => channel.unplug(hall.talk)).toThrow(UnheldChannelError);
        channel.hold();
      }
      if (number === 3) channel.unsubscribe();
    });

    channel.hold();
    say(talk, 1, 2);
    tell(hall, 20);
    channel.resume();
    say(talk, 3);
    const seenFirst = seen.splice(0);
    channel.resume();
    settle();

    expect(seenFirst).toStrictEqual([1, 2]);
    expect(seen).toStrictEqual([10, 3]);
    expect(hall.told).toStrictEqual([1, 2, 10, 3]);
    expect(letters).toStrictEqual(['Heard 20 unconnected']);
  });

  test('an observer may resume a channel to which the event that it saw is still to go', () => {
    const { hall, guest, settle, letters } = setUp();
    const [first, second] = [guest(), guest()];
    second.channel.hold();
    tell(hall, 1);
    first.channel.indications.pipe(take(1)).subscribe(() => second.channel.resume());

    tell(hall, 2, 3);
    settle();

    expect(second.heard).toStrictEqual([1, 2, 3]);
    expect(letters).toStrictEqual([]);
  });

  test('sent, held, resumed, moved, tapped, handled, killed in any order: each event once per taker, in order, or a dead letter', () => {
    const step = fc.record({
      kind: fc.constantFrom(
        ...(['say', 'tell', 'say', 'tell', 'hold', 'hold', 'resume', 'resume'] as const),
        ...(['unplug', 'plug', 'connect', 'unsubscribe', 'tap', 'handle', 'kill'] as const),
      ),
      hall: fc.nat(1),
      guest: fc.nat(2),
      channel: fc.nat(4),
      side: fc.constantFrom('provided' as const, 'required' as const),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const world = new World();
        for (const { kind, ...where } of steps) world[kind](where);
        world.end();
      }),
      { numRuns: 200 },
    );
  });
});

type Role = 'provided' | 'required';

/** Where a step happens, as far as it matters to it. */
interface Where {
  readonly hall: number;
  readonly guest: number;
  readonly channel: number;
  readonly side: Role;
}

/** A component, and what is to come of it. */
interface Place {
  readonly component: Hall | Guest;
  readonly role: Role;
  readonly listen: () => { unsubscribe: () => void };
  handler: { unsubscribe: () => void } | undefined;
  alive: boolean;
  /** The numbers that it is to handle, in order. */
  readonly expected: number[];
}

/** An event, and on how many ways it is not decided yet. */
interface Sent {
  readonly name: string;
  readonly number: number;
  accounted: boolean;
  unselected: boolean;
  open: number;
}

/** A channel: its ends, and what waits for each, by their roles. */
interface Pipe {
  readonly channel: TalkChannel;
  readonly carries: (number: number, towards: Role) => boolean;
  readonly ends: Record<Role, Place | 'unplugged' | 'killed'>;
  readonly waiting: Record<Role, Sent[]>;
  state: 'open' | 'held' | 'closed';
  tap: { unsubscribe: () => void } | undefined;
  readonly tapped: number[];
  readonly expected: number[];
}

const opposite = { provided: 'required', required: 'provided' } as const;

/** Two halls and three guests, beside a model which says in the plainest way what is to come of it. */
class World {
  readonly #setting = setUp();
  readonly #halls: Place[];
  readonly #guests: Place[];
  readonly #pipes: Pipe[] = [];
  readonly #letters: string[] = [];
  #number = 0;

  constructor() {
    const { system, settle } = this.#setting;
    this.#halls = [0, 1].map(() => {
      const hall = system.create(Hall, true);
      return placed(hall, () => hall.talk.upon(Say, ({ number }) => void hall.told.push(number)));
    });
    this.#guests = [0, 1, 2].map(() => {
      const guest = system.create(Guest, true);
      return placed(guest, () =>
        guest.talk.upon(Heard, ({ number }) => void guest.heard.push(number)),
      );
    });
    const byRoom = new Key(Heard, ({ room }) => room);
    const even = (number: number): boolean => number % 2 === 0;
    this.connect({ hall: 0, guest: 0 });
    this.connect({ hall: 0, guest: 1 }, { requests: isEven, indications: isEvenHeard }, (number) =>
      even(number),
    );
    this.connect({ hall: 1, guest: 1 });
    this.connect({ hall: 1, guest: 2 }, { indications: byRoom.is(0) }, (number, towards) =>
      towards === 'provided' ? true : even(number),
    );
    settle();
  }

  say({ guest }: Where): void {
    const place = at(this.#guests, guest);
    const number = (this.#number += 1);
    if (place.component instanceof Guest) place.component.talk.next(new Say(number));
    this.#send(place, number, `Say ${String(number)}`);
  }

  tell({ hall }: Where): void {
    const place = at(this.#halls, hall);
    const number = (this.#number += 1);
    if (place.component instanceof Hall) place.component.talk.next(new Heard(number, number % 2));
    this.#send(place, number, `Heard ${String(number)}`);
  }

  hold({ channel }: Where): void {
    const pipe = this.#pipe(channel);
    pipe.channel.hold({ capacity: 3 });
    if (pipe.state === 'open') pipe.state = 'held';
  }

  resume({ channel }: Where): void {
    const pipe = this.#pipe(channel);
    const ends = Object.values(pipe.ends);
    if (pipe.state === 'held' && ends.includes('unplugged')) {
      expect(() => pipe.channel.resume()).toThrow(UnpluggedChannelError);
      return;
    }
    pipe.channel.resume();
    if (pipe.state !== 'held') return;
    for (const role of ['provided', 'required'] as const) {
      for (const sent of pipe.waiting[role].splice(0)) {
        if (pipe.ends[role] === 'killed') this.#lose(sent, 'unconnected');
        else this.#pass(pipe, role, sent);
        this.#settleOne(sent);
      }
    }
    pipe.state = 'open';
    if (ends.includes('killed')) this.#close(pipe);
  }

  unplug({ channel, side }: Where): void {
    const pipe = this.#pipe(channel);
    const end = pipe.ends[side];
    if (typeof end === 'string') return;
    if (pipe.state !== 'held') {
      expect(() => pipe.channel.unplug(end.component.talk)).toThrow(UnheldChannelError);
      return;
    }
    pipe.channel.unplug(end.component.talk);
    pipe.ends[side] = 'unplugged';
  }

  plug({ channel, side, hall, guest }: Where): void {
    const pipe = this.#pipe(channel);
    const place = side === 'provided' ? at(this.#halls, hall) : at(this.#guests, guest);
    if (pipe.state !== 'held' || typeof pipe.ends[side] !== 'string' || !place.alive) return;
    const far = pipe.ends[opposite[side]];
    if (typeof far !== 'string' && this.#joined(place, far)) {
      expect(() => pipe.channel.plug(place.component.talk)).toThrow(DuplicateChannelError);
      return;
    }
    pipe.channel.plug(place.component.talk);
    pipe.ends[side] = place;
  }

  connect(
    { hall, guest }: Pick<Where, 'hall' | 'guest'>,
    selectors: Selectors<typeof Talk> = {},
    carries: Pipe['carries'] = () => true,
  ): void {
    const [provided, required] = [at(this.#halls, hall), at(this.#guests, guest)];
    if (!provided.alive || !required.alive || this.#joined(provided, required)) return;
    if (!(provided.component instanceof Hall && required.component instanceof Guest)) return;
    const channel = provided.component.talk.connectBy(required.component.talk, selectors);
    this.#pipes.push({
      ...{ channel, carries, state: 'open', tap: undefined, tapped: [], expected: [] },
      ends: { provided, required },
      waiting: { provided: [], required: [] },
    });
  }

  unsubscribe({ channel }: Where): void {
    const pipe = this.#pipe(channel);
    pipe.channel.unsubscribe();
    this.#close(pipe);
  }

  tap({ channel }: Where): void {
    const pipe = this.#pipe(channel);
    if (pipe.tap) {
      pipe.tap.unsubscribe();
      pipe.tap = undefined;
    } else if (pipe.state !== 'closed') {
      pipe.tap = pipe.channel.requests.subscribe(({ number }) => void pipe.tapped.push(number));
    }
  }

  handle({ side, hall, guest }: Where): void {
    const place = side === 'provided' ? at(this.#halls, hall) : at(this.#guests, guest);
    this.#setting.settle();
    if (place.handler) {
      place.handler.unsubscribe();
      place.handler = undefined;
    } else place.handler = place.listen();
  }

  kill({ side, hall, guest }: Where): void {
    const place = side === 'provided' ? at(this.#halls, hall) : at(this.#guests, guest);
    if (!place.alive) return;
    this.#setting.settle();
    this.#setting.kill(place.component);
    place.alive = false;
    for (const pipe of this.#pipes) {
      if (pipe.ends[place.role] !== place) continue;
      pipe.ends[place.role] = 'killed';
      if (pipe.state === 'open') this.#close(pipe);
      for (const sent of pipe.waiting[place.role].splice(0)) this.#lose(sent, 'killed');
      if (pipe.ends[opposite[place.role]] === 'killed') this.#close(pipe);
    }
  }

  /** All that waits is lost now, and everything has come as the model says. */
  end(): void {
    for (const [channel, { waiting, state }] of this.#pipes.entries()) {
      const { provided, required } = waiting;
      const held = { requests: provided.length, indications: required.length };
      expect(this.#pipe(channel).channel.held).toStrictEqual(state === 'held' ? held : undefined);
      this.unsubscribe({ channel, hall: 0, guest: 0, side: 'provided' });
    }
    this.#setting.settle();
    for (const { component, expected } of [...this.#halls, ...this.#guests]) {
      expect(component instanceof Hall ? component.told : component.heard).toStrictEqual(expected);
    }
    for (const { tapped, expected } of this.#pipes) expect(tapped).toStrictEqual(expected);
    expect(this.#setting.letters.toSorted()).toStrictEqual(this.#letters.toSorted());
  }

  #pipe(index: number): Pipe {
    return at(this.#pipes, index % this.#pipes.length);
  }

  #joined(one: Place, other: Place): boolean {
    return this.#pipes.some(
      ({ ends, state }) =>
        state !== 'closed' && ends[one.role] === one && ends[other.role] === other,
    );
  }

  #send(from: Place, number: number, name: string): void {
    const sent: Sent = { name, number, accounted: false, unselected: false, open: 1 };
    const pipes = this.#pipes.filter(
      ({ ends, state }) => state !== 'closed' && ends[from.role] === from,
    );
    if (pipes.length === 0) this.#lose(sent, 'unconnected');
    for (const pipe of pipes) this.#offer(pipe, opposite[from.role], sent);
    this.#settleOne(sent);
  }

  #offer(pipe: Pipe, towards: Role, sent: Sent): void {
    if (!pipe.carries(sent.number, towards)) sent.unselected = true;
    else if (pipe.state === 'open') this.#pass(pipe, towards, sent);
    else if (pipe.waiting[towards].length >= 3) this.#lose(sent, 'overflow');
    else {
      sent.open += 1;
      pipe.waiting[towards].push(sent);
    }
  }

  #pass(pipe: Pipe, towards: Role, sent: Sent): void {
    const place = pipe.ends[towards];
    if (typeof place !== 'string' && place.handler) {
      sent.accounted = true;
      place.expected.push(sent.number);
    }
    if (towards === 'provided' && pipe.tap) pipe.expected.push(sent.number);
  }

  #settleOne(sent: Sent): void {
    sent.open -= 1;
    if (sent.open > 0 || sent.accounted) return;
    this.#lose(sent, sent.unselected ? 'unselected' : 'unhandled');
  }

  #lose(sent: Sent, reason: string): void {
    sent.accounted = true;
    this.#letters.push(`${sent.name} ${reason}`);
  }

  #close(pipe: Pipe): void {
    pipe.state = 'closed';
    for (const sent of Object.values(pipe.waiting).flatMap((waiting) => waiting.splice(0))) {
      this.#lose(sent, 'unconnected');
    }
  }
}

function placed(component: Hall | Guest, listen: Place['listen']): Place {
  const role = component instanceof Hall ? 'provided' : 'required';
  return { component, role, listen, handler: listen(), alive: true, expected: [] };
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new Error(`there is no ${String(index)}`);
  return item;
}
