import {
  Component,
  DuplicateChannelError,
  ForeignEventError,
  Kill,
  Start,
  Stop,
  System,
  UnconnectedPortError,
  VirtualHost,
  event,
  portType,
  realHost,
  type Context,
  type DeadLetter,
  type Host,
  type PortEvent,
  type ProvidedPort,
  type RequiredPort,
  type SystemOptions,
} from '@jbstore/core';
import { Subject, from, map, take, toArray } from 'rxjs';

import { VirtualSystem, thrownBy } from './virtual-system';

class Say extends event('Say') {
  constructor(readonly word: string) {
    super();
  }
}
class Shout extends Say {}
class Heard extends event('Heard') {
  constructor(readonly word: string) {
    super();
  }
}
class Foreign extends event('Foreign') {}

const Echo = portType('Echo', { requests: [Say], indications: [Heard] });

/** Notes what it is told and answers it. */
class Parrot extends Component {
  readonly echo = this.provides(Echo);
  readonly told: string[] = [];

  constructor(context: Context) {
    super(context);
    this.echo.upon(Say, ({ word }) => {
      this.told.push(word);
      this.echo.next(new Heard(word));
    });
  }
}

/** Notes what it hears. */
class Listener extends Component {
  readonly echo = this.requires(Echo);
  readonly heard: string[] = [];

  constructor(context: Context) {
    super(context);
    this.echo.upon(Heard, ({ word }) => {
      this.heard.push(word);
    });
  }
}

/** A component whose behaviour the test writes down, with an echo on either side. */
class Scripted extends Component {
  readonly echo = this.provides(Echo);
  readonly other = this.provides(Echo);
  readonly upstream = this.requires(Echo);

  constructor(context: Context, script: (self: Scripted, context: Context) => void) {
    super(context);
    script(this, context);
  }

  childOf(type: typeof Parrot): Parrot {
    return this.create(type);
  }
}

/** A started system with one scripted component, all of whose ports are connected. */
function scripted(script: (self: Scripted, context: Context) => void): {
  echo: RequiredPort<typeof Echo>;
  other: RequiredPort<typeof Echo>;
  upstream: ProvidedPort<typeof Echo>;
  component: Scripted;
  settle: () => void;
  system: System;
  letters: DeadLetter[];
} {
  const { system, settle, letters } = new VirtualSystem();
  const component = system.create(Scripted, script);
  const echo = system.clientOf(component.echo);
  const other = system.clientOf(component.other);
  const upstream = system.providerOf(component.upstream);
  void system.start();
  settle();
  return { echo, other, upstream, component, settle, system, letters };
}

function say(port: RequiredPort<typeof Echo>, ...words: string[]): void {
  for (const word of words) port.next(new Say(word));
}

describe('1 Model', () => {
  test('an event is nominal: a handler for a class gets its subclasses too, an object of equal shape nobody', () => {
    const words: string[] = [];
    const { echo, settle } = scripted((self) => {
      self.echo.upon(Shout, ({ word }) => words.push(`shout ${word}`));
      self.echo.upon(Say, ({ word }) => words.push(`say ${word}`));
    });

    echo.next(new Say('a'));
    echo.next(new Shout('b'));
    settle();

    expect(words).toStrictEqual(['say a', 'shout b', 'say b']);
    const lookAlike = { type: 'Say', word: 'c' } as unknown as Say;
    expect(() => {
      echo.next(lookAlike);
    }).toThrow(ForeignEventError);
  });

  test('an event carries its declared name on the prototype, and the fields of its class alone', () => {
    const said = new Shout('a');

    expect(said.type).toBe('Say');
    expect(Object.keys(said)).toStrictEqual(['word']);
  });

  test('a port refuses, before anything happens, an event or a handler that its type does not list', () => {
    const { echo, component } = scripted(() => undefined);

    const foreign = new Foreign() as PortEvent as Say;
    const code = 'ERR_FOREIGN_EVENT';
    expect(
      thrownBy(() => {
        echo.next(foreign);
      }),
    ).toMatchObject({ code, port: 'p/outside.Echo', event: 'Foreign' });
    expect(
      thrownBy(() => component.echo.upon(Foreign as unknown as typeof Say, () => undefined)),
    ).toMatchObject({ code, port: 'p/Scripted.echo' });
  });

  test('a component may hold several ports of one type, each with its own handlers and clients', () => {
    const words: string[] = [];
    const { echo, other, settle } = scripted((self) => {
      self.echo.upon(Say, ({ word }) => words.push(`echo ${word}`));
      self.other.upon(Say, ({ word }) => words.push(`other ${word}`));
    });

    say(echo, 'a');
    say(other, 'b');
    settle();

    expect(words).toStrictEqual(['echo a', 'other b']);
  });

  test('a port is an RxJS subject: subscribe and pipe see what arrives, after the handlers', () => {
    const seen: string[] = [];
    const { echo, component, settle } = scripted((self) => {
      self.echo.upon(Say, ({ word }) => seen.push(`handled ${word}`));
    });

    expect(component.echo).toBeInstanceOf(Subject);
    component.echo.subscribe(({ word }) => seen.push(`observed ${word}`));
    component.echo
      .pipe(
        take(1),
        map(({ word }) => word),
      )
      .subscribe((word) => seen.push(`piped ${word}`));
    say(echo, 'a', 'b');
    settle();

    expect(seen).toStrictEqual(['handled a', 'observed a', 'piped a', 'handled b', 'observed b']);
  });

  test('a port that is observed alone takes its events, until the last observer leaves', () => {
    const { echo, component, settle, letters } = scripted(() => undefined);

    const subscription = component.echo.subscribe();
    say(echo, 'a');
    settle();
    subscription.unsubscribe();
    say(echo, 'b');
    settle();

    expect(letters.map(({ event }) => event)).toStrictEqual([new Say('b')]);
  });

  test('any Observable can feed a port; its end leaves the port open, its failure is a fault of the component', async () => {
    const { system, settle } = new VirtualSystem();
    const parrot = system.create(Parrot);
    const echo = system.clientOf(parrot.echo);
    void system.start();
    const failing = new Subject<Say>();

    from(['a', 'b'])
      .pipe(map((word) => new Say(word)))
      .subscribe(echo);
    failing.subscribe(echo);
    failing.next(new Say('c'));
    settle();
    const { terminated } = system;
    failing.error(new Error('the source dried up'));

    expect(parrot.told).toStrictEqual(['a', 'b', 'c']);
    await expect(terminated).rejects.toMatchObject({
      code: 'ERR_COMPONENT_FAULT',
      component: 'p/outside',
      cause: new Error('the source dried up'),
    });
  });

  test('a channel is a pair of RxJS subjects: either direction can be tapped, without effect on the order', () => {
    const { system, settle, letters } = new VirtualSystem();
    const parrot = system.create(Parrot);
    const listeners = [1, 2, 3].map(() => system.create(Listener));
    const [channel] = parrot.echo.connect(...listeners.map(({ echo }) => echo));
    const passed: string[] = [];
    void system.start();

    listeners[0]?.echo.next(new Say('before'));
    settle();
    const tap = channel?.requests.subscribe(({ word }) => passed.push(`request ${word}`));
    channel?.indications.subscribe(({ word }) => passed.push(`indication ${word}`));
    listeners[0]?.echo.next(new Say('a'));
    listeners[0]?.echo.next(new Say('b'));
    settle();
    tap?.unsubscribe();
    listeners[0]?.echo.next(new Say('c'));
    settle();

    expect(passed).toStrictEqual([
      ...['request a', 'request b'],
      ...['indication a', 'indication b', 'indication c'],
    ]);
    expect(parrot.told).toStrictEqual(['before', 'a', 'b', 'c']);
    for (const { heard } of listeners) expect(heard).toStrictEqual(parrot.told);
    expect(letters).toStrictEqual([]);
  });

  test('what a tap triggers in answer comes after the event that it saw', () => {
    const { system, settle } = new VirtualSystem();
    const parrot = system.create(Parrot);
    const listener = system.create(Listener);
    const [channel] = parrot.echo.connect(listener.echo);
    void system.start();

    channel?.requests.pipe(take(1)).subscribe(() => {
      listener.echo.next(new Say('answer'));
    });
    say(listener.echo, 'question');
    settle();

    expect(parrot.told).toStrictEqual(['question', 'answer']);
  });

  test('a channel takes events by hand and from Observables, and outlives them', async () => {
    const { system, settle } = new VirtualSystem({ onFault: () => undefined });
    const parrot = system.create(Parrot);
    const listener = system.create(Listener);
    const [channel] = parrot.echo.connect(listener.echo);
    void system.start();
    const failing = new Subject<Heard>();
    const passed: string[] = [];
    channel?.indications.subscribe(({ word }) => passed.push(word));

    channel?.requests.next(new Say('a'));
    if (channel) from([new Heard('b')]).subscribe(channel.indications);
    settle();
    if (channel) failing.subscribe(channel.indications);
    failing.error(new Error('dried up'));

    expect(parrot.told).toStrictEqual(['a']);
    expect(listener.heard).toStrictEqual(['b', 'a']);
    expect(passed).toStrictEqual(listener.heard);
    await expect(system.terminated).rejects.toMatchObject({ component: 'p/Parrot' });
  });

  test('a channel is first in, first out, and carries each event once', () => {
    const { system, settle } = new VirtualSystem();
    const parrot = system.create(Parrot);
    const listener = system.create(Listener);
    parrot.echo.connect(listener.echo);
    void system.start();
    const words = Array.from({ length: 1_000 }, (_, index) => String(index));

    say(listener.echo, ...words);
    settle();

    expect(parrot.told).toStrictEqual(words);
    expect(listener.heard).toStrictEqual(words);
  });

  test('whoever connects or subscribes after events have passed gets those that follow', () => {
    const { system, settle } = new VirtualSystem();
    const parrot = system.create(Parrot);
    const heard: string[] = [];
    const echo = system.clientOf(parrot.echo);
    void system.start();
    say(echo, 'a');
    settle();

    echo.upon(Heard, ({ word }) => heard.push(word));
    say(echo, 'b');
    settle();
    // Its handler was there before its channel.
    const listener = system.create(Listener);
    parrot.echo.connect(listener.echo);
    say(echo, 'c');
    settle();

    expect(heard).toStrictEqual(['b', 'c']);
    expect(listener.heard).toStrictEqual(['c']);
  });

  test('a second channel between the same two ends is refused', () => {
    const { system } = new VirtualSystem();
    const parrot = system.create(Parrot);
    const listeners = [1, 2, 3].map(() => system.create(Listener));
    const [first] = listeners;
    parrot.echo.connect(...listeners.map(({ echo }) => echo));

    const connectAgain = (): unknown => first && parrot.echo.connect(first.echo);
    expect(connectAgain).toThrow(DuplicateChannelError);
    expect(thrownBy(connectAgain)).toMatchObject({
      code: 'ERR_DUPLICATE_CHANNEL',
      provided: 'p/Parrot.echo',
      required: 'p/Listener.echo',
    });
  });

  test('a channel that is unsubscribed carries nothing more; what arrived already is handled', () => {
    const { system, settle, letters } = new VirtualSystem();
    const parrot = system.create(Parrot);
    const listener = system.create(Listener);
    const [channel] = parrot.echo.connect(listener.echo);
    let completed = 0;
    channel?.requests.subscribe({ complete: () => (completed += 1) });
    void system.start();
    settle();

    say(listener.echo, 'a');
    channel?.unsubscribe();
    say(listener.echo, 'b');
    channel?.requests.next(new Say('c'));
    settle();

    expect(parrot.told).toStrictEqual(['a']);
    expect(completed).toBe(1);
    expect(letters.map(({ event, reason }) => [(event as Say).word, reason])).toStrictEqual([
      ['b', 'unconnected'],
      ['c', 'unconnected'],
      ['a', 'unconnected'],
    ]);
  });

  test('an open required port is refused at start, by name, before any event is handled', () => {
    const { system, settle } = new VirtualSystem();
    const parrot = system.create(Parrot);
    const echo = system.clientOf(parrot.echo);
    system.create(Listener);
    say(echo, 'a');

    expect(() => void system.start()).toThrow(UnconnectedPortError);
    expect(thrownBy(() => system.start())).toMatchObject({
      code: 'ERR_UNCONNECTED_PORT',
      component: 'p/Listener',
      port: 'Echo (echo)',
    });
    settle();
    expect(parrot.told).toStrictEqual([]);
  });
});

describe('2.1 Atomic handlers', () => {
  test('bursts are handled in order, however long, and so is what comes after them', () => {
    const { system, settle } = new VirtualSystem();
    const parrot = system.create(Parrot);
    const echo = system.clientOf(parrot.echo);
    void system.start();
    settle();

    for (const burst of [10_000, 3, 20_000, 5_000]) {
      const words = Array.from({ length: burst }, (_, index) => String(index));
      say(echo, ...words);
      settle();
      expect(parrot.told.splice(0)).toStrictEqual(words);
    }
  });

  test('one event at a time, never re-entrant, in the order of arrival over all ports', () => {
    const steps: string[] = [];
    const { echo, other, upstream, settle } = scripted((self) => {
      const note = (port: string, word: string): void => {
        steps.push(`${port} ${word} in`);
        if (port === 'echo') self.upstream.next(new Say(word));
        steps.push(`${port} ${word} out`);
      };
      self.echo.upon(Say, ({ word }) => note('echo', word));
      self.other.upon(Say, ({ word }) => note('other', word));
      self.upstream.upon(Heard, ({ word }) => note('upstream', word));
    });
    // The provider answers in the very turn in which it is asked.
    upstream.subscribe(({ word }) => {
      upstream.next(new Heard(word));
    });

    say(echo, 'a');
    say(other, 'b');
    say(echo, 'c');
    settle();

    const order = steps.map((step) => step.replace(/ (in|out)$/, ''));
    expect(order.filter((_, index) => index % 2 === 0)).toStrictEqual(
      order.filter((_, index) => index % 2 === 1),
    );
    expect([...new Set(order)]).toStrictEqual([
      ...['echo a', 'other b', 'echo c'],
      ...['upstream a', 'upstream c'],
    ]);
  });

  test('an event triggered on oneself is handled after the handler that triggered it', () => {
    const steps: string[] = [];
    const { echo, settle } = scripted((self) => {
      self.echo.upon(Say, ({ word }) => {
        steps.push(`in ${word}`);
        if (word === 'a') say(echo, 'b');
        steps.push(`out ${word}`);
      });
    });

    say(echo, 'a');
    settle();

    expect(steps).toStrictEqual(['in a', 'out a', 'in b', 'out b']);
  });
});

describe('2.1 Atomic handlers, an event for many', () => {
  /** Four listeners to one parrot; the first does `act` when it hears. */
  function audience(
    act: (others: readonly Listener[], word: string) => void,
    options?: SystemOptions,
  ) {
    const { host, system, settle, letters } = new VirtualSystem({
      onFault: () => undefined,
      ...options,
    });
    const parrot = system.create(Parrot);
    const listeners = Array.from({ length: 4 }, () => system.create(Listener));
    const heard: string[] = [];
    listeners.forEach((listener, at) => {
      parrot.echo.connect(listener.echo);
      listener.echo.upon(Heard, ({ word }) => {
        heard.push(`${String(at)}${word}`);
        if (at === 0) act(listeners, word);
      });
    });
    const echo = system.clientOf(parrot.echo);
    system.start().catch(() => undefined);
    settle();
    return { host, echo, parrot, heard, settle, letters, system };
  }

  test('reaches all in the order of their channels', () => {
    const { echo, heard, settle } = audience(() => undefined);

    say(echo, 'a');
    settle();
    say(echo, 'b');
    settle();

    expect(heard).toStrictEqual(['0a', '1a', '2a', '3a', '0b', '1b', '2b', '3b']);
  });

  test('finds some busy: each handles what came before, and the others do not wait', () => {
    const { echo, heard, settle } = audience(() => undefined);

    say(echo, 'a', 'b', 'c');
    settle();

    expect(heard).toHaveLength(12);
    for (const at of ['0', '1', '2', '3']) {
      const own = heard.filter((line) => line.startsWith(at));
      expect(own).toStrictEqual([`${at}a`, `${at}b`, `${at}c`]);
    }
  });

  test('one that is stopped meanwhile handles it first; one that is killed does not, and says so', () => {
    const { echo, heard, settle, letters, system } = audience(([, second, third], word) => {
      if (word !== 'a') return;
      if (second) system.clientOf(second.control).next(new Stop());
      if (third) system.clientOf(third.control).next(new Kill());
    });

    say(echo, 'a');
    settle();
    say(echo, 'b');
    settle();

    expect(heard).toStrictEqual(['0a', '1a', '3a', '0b', '3b']);
    expect(letters.map(({ event: letter, reason }) => [letter, reason])).toStrictEqual([
      [new Heard('a'), 'killed'],
    ]);
  });

  test('waits for one that is stopped, and is handled by the others meanwhile', () => {
    const { system, settle } = new VirtualSystem();
    const parrot = system.create(Parrot);
    const [first, second] = [system.create(Listener), system.create(Listener)];
    parrot.echo.connect(first.echo, second.echo);
    const control = system.clientOf(first.control);
    void system.start();
    settle();
    control.next(new Stop());
    settle();

    parrot.echo.next(new Heard('a'));
    settle();
    const whileStopped = [first.heard, second.heard].map((heard) => heard.join(''));
    control.next(new Start());
    settle();

    expect(whileStopped).toStrictEqual(['', 'a']);
    expect(first.heard).toStrictEqual(['a']);
  });

  test('reaches all however many components become ready after it', () => {
    const { parrot, heard, settle, system } = audience(() => undefined);
    const crowd = Array.from({ length: 40 }, () => {
      const parrot = system.create(Parrot);
      settle(); // One by one, so that never before so many are ready at once.
      return parrot;
    });
    const ports = crowd.map(({ echo }) => system.clientOf(echo));

    parrot.echo.next(new Heard('a'));
    for (const port of ports) say(port, 'b');
    settle();

    expect(heard).toStrictEqual(['0a', '1a', '2a', '3a']);
    expect(crowd.map(({ told }) => told)).toStrictEqual(crowd.map(() => ['b']));
  });

  test('is counted as waiting at each, and keeps its place when somebody looks', () => {
    const { parrot, heard, settle, system } = audience(() => undefined);

    parrot.echo.next(new Heard('a'));
    parrot.echo.next(new Heard('b'));
    const waiting = system.graph().components.map(({ queuedEvents }) => queuedEvents);
    settle();

    expect(waiting.filter((events) => events > 0)).toStrictEqual([2, 2, 2, 2]);
    for (const at of ['0', '1', '2', '3']) {
      expect(heard.filter((line) => line.startsWith(at))).toStrictEqual([`${at}a`, `${at}b`]);
    }
  });

  test('is a dead letter for each that a fault keeps from it', () => {
    const { echo, heard, settle, letters } = audience(() => {
      throw new Error('no');
    });

    say(echo, 'a');
    settle();

    expect(heard).toStrictEqual(['0a']);
    expect(letters.map(({ reason }) => reason)).toStrictEqual([
      ...['faulted', 'killed', 'killed', 'killed'],
    ]);
  });

  test('yields between them where the budget ends', () => {
    let yields = 0;
    const host = new VirtualHost();
    const counting: Host = {
      now: () => host.now(),
      wallTimeMs: () => host.wallTimeMs(),
      after: (delayMs, task) => host.after(delayMs, task),
      soon: (task) => {
        host.soon(task);
      },
      afterIo: (task) => {
        yields += 1;
        host.afterIo(task);
      },
    };
    const options = { host: counting, fairness: { sliceEvents: 2 } };
    const { echo, heard } = audience(() => undefined, options);
    host.advance(0);
    yields = 0;

    say(echo, 'a');
    host.advance(0);

    expect(heard).toStrictEqual(['0a', '1a', '2a', '3a']);
    expect(yields).toBe(2);
  });
});

describe('2.2 All matching handlers run', () => {
  test('in the order of subscription', () => {
    const order: number[] = [];
    const { echo, settle } = scripted((self) => {
      self.echo.upon(Shout, () => order.push(1));
      self.echo.upon(Say, () => order.push(2));
      self.echo.upon(Shout, () => order.push(3));
      self.echo.upon(Say, () => order.push(4));
    });

    echo.next(new Shout('a'));
    settle();
    echo.next(new Say('b'));
    settle();

    expect(order).toStrictEqual([1, 2, 3, 4, 2, 4]);
  });

  test('a handler that came or went meanwhile counts from the next event on', () => {
    const order: string[] = [];
    const { echo, settle } = scripted((self) => {
      const first = self.echo.upon(Say, ({ word }) => {
        order.push(`first ${word}`);
        first.unsubscribe();
        first.unsubscribe();
        self.echo.upon(Say, (late) => order.push(`late ${late.word}`));
      });
      self.echo.upon(Say, ({ word }) => order.push(`second ${word}`));
    });

    say(echo, 'a', 'b');
    settle();

    expect(order).toStrictEqual(['first a', 'second a', 'second b', 'late b']);
  });
});

describe('2.3 Fair', () => {
  class Busy extends Component {
    readonly echo = this.provides(Echo);

    constructor(context: Context, order: string[], name: string) {
      super(context);
      this.echo.upon(Say, () => order.push(name));
    }
  }

  function busySystem(fairness: SystemOptions['fairness'], host: Host, events: number): string[] {
    const order: string[] = [];
    const system = new System('p', { host, ...(fairness && { fairness }) });
    const ports = ['a', 'b'].map((name) => system.clientOf(system.create(Busy, order, name).echo));
    void system.start();
    for (const port of ports) for (let index = 0; index < events; index += 1) say(port, 'x');
    return order;
  }

  test('ready components in turn, a batch each', () => {
    const host = new VirtualHost();

    const order = busySystem({ batchEvents: 2 }, host, 3);
    host.advance(0);

    expect(order.join('')).toBe('aabbab');
  });

  /** The order of turns of components that run and then are flooded; by default of batches. */
  function flooded(...floods: readonly number[]): string[] {
    const { system, settle } = new VirtualSystem();
    const order: string[] = [];
    const ports = floods.map((_, at) => {
      const busy = system.create(Busy, order, String.fromCharCode('a'.charCodeAt(0) + at));
      return system.clientOf(busy.echo);
    });
    void system.start();
    settle();
    floods.forEach((events, at) => {
      for (let index = 0; index < events; index += 1) ports[at]?.next(new Say('x'));
    });
    settle();
    return order;
  }

  test('a component with 10 000 events keeps another from its turn for a batch at most', () => {
    const order = flooded(10_000, 1);

    expect(order).toHaveLength(10_001);
    expect(order.indexOf('b')).toBe(64);
  });

  test('of three flooded components none is ever more than a batch ahead of another', () => {
    const counts = new Map(['a', 'b', 'c'].map((name) => [name, 0]));
    let ahead = 0;
    for (const name of flooded(5_000, 5_000, 5_000)) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      ahead = Math.max(ahead, Math.max(...counts.values()) - Math.min(...counts.values()));
    }

    expect([...counts.values()]).toStrictEqual([5_000, 5_000, 5_000]);
    expect(ahead).toBe(64);
  });

  /** A host whose turns the test gives by hand, with a clock that moves by itself at each reading. */
  class SteppedHost extends VirtualHost {
    readonly soonTasks: (() => void)[] = [];
    readonly ioTasks: (() => void)[] = [];
    #readings = 0;

    constructor(readonly msPerReading: number) {
      super();
    }

    override now(): number {
      return (this.#readings += 1) * this.msPerReading;
    }
    override soon(task: () => void): void {
      this.soonTasks.push(task);
    }
    override afterIo(task: () => void): void {
      this.ioTasks.push(task);
    }
    turn(): void {
      for (const task of [...this.soonTasks.splice(0), ...this.ioTasks.splice(0)]) task();
    }
  }

  test('after a budget of events the loop yields to input, output and timers', () => {
    const host = new SteppedHost(0);

    const order = busySystem({ batchEvents: 10, sliceEvents: 25 }, host, 100);
    const counts: number[] = [];
    while (host.soonTasks.length + host.ioTasks.length > 0) {
      expect(host.soonTasks.length + host.ioTasks.length).toBe(1);
      const before = order.length;
      host.turn();
      counts.push(order.length - before);
    }

    expect(order).toHaveLength(200);
    expect(Math.max(...counts)).toBeLessThanOrEqual(25);
    expect(counts.length).toBeGreaterThanOrEqual(8);
  });

  test('after a budget of time, by the clock of the host, the loop yields, whatever the number of events', () => {
    const host = new SteppedHost(1);

    const order = busySystem({ batchEvents: 100, sliceEvents: 1e9, sliceMs: 2 }, host, 5_000);
    host.turn();

    // Two readings after the first, each after 256 events at the earliest, a batch more at most.
    expect(order.length).toBeGreaterThanOrEqual(2 * 200);
    expect(order.length).toBeLessThanOrEqual(2 * (256 + 100));
    expect(host.ioTasks).toHaveLength(1);
  });

  test('a saturated system lets timers through', async () => {
    const system = new System('p', { host: realHost, fairness: { sliceEvents: 100 } });
    const parrot = system.create(Parrot);
    const echo = system.clientOf(parrot.echo);
    echo.subscribe(({ word }) => say(echo, word));
    await system.start();

    say(echo, 'again');
    await new Promise((resolve) => setTimeout(resolve, 1));
    await system.kill();

    expect(parrot.told.length).toBeGreaterThan(0);
  });
});

describe('2.10 Dead letters', () => {
  test('an event that nobody takes is counted and observable, with the reason', async () => {
    const { system, settle, letters } = new VirtualSystem();
    const component = system.create(Parrot);
    const client = system.clientOf(component.echo);
    const control = system.clientOf(component.control);
    const lonely = system.create(Parrot);
    void system.start();
    settle();

    say(client, 'unhandled: nobody hears the answer');
    settle();
    lonely.echo.next(new Heard('unconnected'));
    say(client, 'killed: in the mailbox');
    control.next(new Kill());
    control.next(new Start());
    say(client, 'unconnected: the channel is gone');
    settle();

    const about = letters.map(({ event, port, reason }) => `${event.type} ${port} ${reason}`);
    expect(about).toStrictEqual([
      'Heard p/Parrot.echo unhandled',
      'Heard p/Parrot-2.echo unconnected',
      'Say p/Parrot.echo killed',
      'Start p/outside.Control unconnected',
      'Say p/outside.Echo unconnected',
    ]);
    const counters = system.counters().filter(({ name }) => name === 'deadLetters');
    expect(counters.map(({ labels, value }) => [labels['reason'], value])).toStrictEqual([
      ['unhandled', 1],
      ['unconnected', 3],
      ['killed', 1],
    ]);
    await system.kill();
  });

  test('an event that lost its only handler while it waited is a dead letter', () => {
    const { system, settle, letters } = new VirtualSystem();
    const parrot = system.create(Scripted, () => undefined);
    const echo = system.clientOf(parrot.echo);
    system.providerOf(parrot.upstream);
    const handler = parrot.echo.upon(Say, () => undefined);
    void system.start();
    settle();

    say(echo, 'a');
    handler.unsubscribe();
    settle();

    expect(letters).toMatchObject([{ port: 'p/Scripted.echo', reason: 'unhandled' }]);
  });

  test('an event put by hand on a channel whose far end has no handler is a dead letter', () => {
    const { system, letters } = new VirtualSystem();
    const parrot = system.create(Parrot);
    const listener = system.create(Scripted, () => undefined);
    const [channel] = parrot.echo.connect(listener.upstream);

    channel?.indications.next(new Heard('a'));

    expect(letters).toMatchObject([{ port: 'p/Parrot.echo', reason: 'unhandled' }]);
  });
});

describe('1 Model, the world outside', () => {
  test('clientOf and providerOf work before, during and after the start', async () => {
    const { system, settle } = new VirtualSystem();
    const parrot = system.create(Parrot);
    const before = system.clientOf(parrot.echo);
    const started = system.start();
    const during = system.clientOf(parrot.echo);
    settle();
    await started;
    const after = system.clientOf(parrot.echo);
    const heard: string[] = [];
    for (const port of [before, during, after]) port.subscribe(({ word }) => heard.push(word));

    say(before, 'a');
    say(during, 'b');
    say(after, 'c');
    settle();

    expect(parrot.told).toStrictEqual(['a', 'b', 'c']);
    expect(heard).toStrictEqual(['a', 'a', 'a', 'b', 'b', 'b', 'c', 'c', 'c']);
  });

  test('a port completes for its observers when its component is killed', async () => {
    const { system, settle } = new VirtualSystem();
    const parrot = system.create(Parrot);
    const echo = system.clientOf(parrot.echo);
    void system.start();
    const answers: string[][] = [];

    echo
      .pipe(
        map(({ word }) => word),
        toArray(),
      )
      .subscribe((words) => answers.push(words));
    say(echo, 'a', 'b');
    settle();
    await system.kill();

    expect(answers).toStrictEqual([['a', 'b']]);
  });

  test('the control port obeys commands of clients, handled by the component or not', () => {
    const { system, settle } = new VirtualSystem();
    const parrot = system.create(Parrot);
    const echo = system.clientOf(parrot.echo);
    const control = system.clientOf(parrot.control);
    void system.start();
    settle();

    control.next(new Stop());
    settle();
    say(echo, 'a');
    settle();
    const whileStopped = [...parrot.told];
    control.next(new Start());
    settle();

    expect(whileStopped).toStrictEqual([]);
    expect(parrot.told).toStrictEqual(['a']);
  });
});
