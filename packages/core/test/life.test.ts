import {
  Component,
  ComponentFault,
  Kill,
  KilledError,
  Start,
  Stop,
  System,
  event,
  invariant,
  portType,
  type Context,
  type LifeState,
  type SystemOptions,
} from '@jbstore/core';
import fc from 'fast-check';

import { VirtualSystem } from './virtual-system';

class Tell extends event('Tell') {
  constructor(readonly word: string) {
    super();
  }
}
const Ear = portType('Ear', { requests: [Tell], indications: [Tell] });

/** Writes its life and what it is told into `notes`, and does what the test says. */
class Member extends Component {
  readonly ear = this.provides(Ear);

  constructor(
    readonly context: Context,
    notes: string[],
    script: (self: Member) => void = () => undefined,
  ) {
    super(context);
    const note = (what: string): void => void notes.push(`${what} ${context.path}`);
    this.control.upon(Start, () => note('start'));
    this.control.upon(Stop, () => note('stop'));
    this.control.upon(Kill, () => note('kill'));
    this.ear.upon(Tell, ({ word }) => note(word));
    context.onRelease(() => note('release'));
    script(this);
  }

  child(notes: string[], script?: (self: Member) => void): Member {
    return this.create(Member, notes, script);
  }
}

class Mouth extends Component {
  readonly ear = this.requires(Ear);
}

function setUp(options: SystemOptions = {}): VirtualSystem & { notes: string[] } {
  return Object.assign(new VirtualSystem(options), { notes: [] });
}

describe('2.4 Life', () => {
  test('Start goes down the tree: a parent is started when its children are', async () => {
    const { system, notes, settle } = setUp();
    system.create(Member, notes, (self) => {
      self.child(notes, (child) => child.child(notes));
      self.child(notes);
    });

    const started = system.start();
    settle();
    await started;

    expect(notes).toStrictEqual([
      'start p/Member/Member/Member',
      'start p/Member/Member-2',
      'start p/Member/Member',
      'start p/Member',
    ]);
  });

  test('Stop goes down the tree: a parent stops before its children, the youngest child first', async () => {
    const { system, notes, settle, states } = setUp();
    system.create(Member, notes, (self) => {
      self.child(notes, (child) => child.child(notes));
      self.child(notes);
    });
    void system.start();
    settle();
    notes.length = 0;

    const stopped = system.stop();
    settle();
    await stopped;

    expect(notes).toStrictEqual([
      'stop p/Member',
      'stop p/Member/Member-2',
      'stop p/Member/Member',
      'stop p/Member/Member/Member',
    ]);
    expect(new Set(Object.values(states()))).toStrictEqual(new Set(['stopped']));
  });

  test('events that arrive before Start wait, and those that come while stopped; Stop follows what was there', () => {
    const { system, notes, settle } = setUp();
    const ear = system.clientOf(system.create(Member, notes).ear);

    ear.next(new Tell('a'));
    settle();
    void system.start();
    settle();
    ear.next(new Tell('b'));
    void system.stop();
    settle();
    ear.next(new Tell('c'));
    settle();
    notes.push('pause');
    void system.start();
    settle();

    const all = ['start', 'a', 'b', 'stop', 'pause', 'start', 'c'];
    expect(notes.map((note) => note.split(' ')[0])).toStrictEqual(all);
  });

  test('Stop follows what had arrived before it, and nothing later, however often it is told', () => {
    const { system, notes, settle } = setUp();
    const member = system.create(Member, notes);
    const ear = system.clientOf(member.ear);
    const control = system.clientOf(member.control);
    void system.start();
    settle();

    ear.next(new Tell('a'));
    control.next(new Stop());
    ear.next(new Tell('b'));
    control.next(new Stop());
    settle();

    expect(notes.map((note) => note.split(' ')[0])).toStrictEqual(['start', 'a', 'stop']);
  });

  test('a stopped system has nothing to do, however many events wait', () => {
    const { system, notes, settle, host } = setUp();
    const ear = system.clientOf(system.create(Member, notes).ear);
    void system.start();
    void system.stop();
    settle();

    for (let index = 0; index < 100; index += 1) ear.next(new Tell('x'));
    const { nextMs } = host;
    settle();

    // The end held by the program outside is stopped too: nothing is scheduled.
    expect(host.nextMs).toBeUndefined();
    expect(nextMs).toBeUndefined();
    expect(notes).toStrictEqual(['start p/Member', 'stop p/Member']);
    const member = system.graph().components.find(({ path }) => path === 'p/Member');
    expect(member?.queuedEvents).toBe(100);
  });

  test('a second Start or Stop is harmless, for the system and for a component', async () => {
    const { system, notes, settle, states } = setUp();
    const member = system.create(Member, notes);
    const control = system.clientOf(member.control);
    const both = Promise.all([system.start(), system.start()]);
    settle();
    await both;

    control.next(new Start());
    control.next(new Stop());
    control.next(new Stop());
    settle();
    control.next(new Stop());
    control.next(new Start());
    settle();
    control.next(new Start());
    settle();

    expect(notes).toStrictEqual(['start p/Member', 'stop p/Member', 'start p/Member']);
    expect(states()['p/Member']).toBe('started');
  });

  test('starts and stops asked for at once are done one after another, each promise kept', async () => {
    const { system, notes, settle } = setUp();
    system.create(Member, notes);

    const all = [system.start(), system.stop(), system.stop(), system.start(), system.stop()];
    settle();
    await Promise.all(all);

    const lives = notes.map((note) => note.split(' ')[0]);
    expect(lives).toStrictEqual(['start', 'stop', 'start', 'stop']);
  });

  test('the last command wins when a component is told to stop while it starts, and the other way round', () => {
    const { system, notes, settle, states } = setUp();
    const parent = system.create(Member, notes, (self) => void self.child(notes));
    const control = system.clientOf(parent.control);

    void system.start();
    control.next(new Stop());
    settle();
    expect(states()['p/Member']).toBe('stopped');

    control.next(new Start());
    settle();
    control.next(new Stop());
    control.next(new Start());
    settle();
    expect(states()['p/Member']).toBe('started');
    expect(states()['p/Member/Member']).toBe('started');
  });

  test.each([
    ['Start', [new Start()], 'started'],
    ['Start and then Stop', [new Start(), new Stop()], 'stopped'],
  ])('told %s while its children stop, it comes to that in the end', (_case, commands, state) => {
    const { system, notes, settle, states } = setUp();
    const parent = system.create(Member, notes, (self) => {
      self.child(notes, (child) => {
        child.control.upon(Stop, () => {
          for (const command of commands) control.next(command);
        });
      });
    });
    const control = system.clientOf(parent.control);
    void system.start();
    settle();

    control.next(new Stop());
    settle();

    expect(states()).toMatchObject({ 'p/Member': state, 'p/Member/Member': state });
  });

  test('told Stop and then Start while its children start, it starts', () => {
    const { system, notes, settle, states } = setUp();
    const parent = system.create(Member, notes, (self) => {
      self.child(notes, (child) => {
        child.control.upon(Start, () => {
          for (const command of [new Stop(), new Start()]) control.next(command);
        });
      });
    });
    const control = system.clientOf(parent.control);

    void system.start();
    settle();

    expect(states()).toMatchObject({ 'p/Member': 'started', 'p/Member/Member': 'started' });
    expect(notes.filter((note) => note.startsWith('stop'))).toStrictEqual([]);
  });

  test('a child that is stopped alone, or killed, holds nobody up', async () => {
    const { system, notes, settle, states } = setUp();
    const children: Member[] = [];
    system.create(Member, notes, (self) => {
      for (let index = 0; index < 3; index += 1) children.push(self.child(notes));
    });
    const [first, second, third] = children.map(({ control }) => system.clientOf(control));

    const started = system.start();
    first?.next(new Stop());
    second?.next(new Kill());
    settle();
    await started;
    expect(states()).toMatchObject({ 'p/Member': 'started', 'p/Member/Member': 'stopped' });

    const stopped = system.stop();
    third?.next(new Kill());
    settle();
    await stopped;
    expect(Object.keys(states())).toStrictEqual(['p', 'p/Member', 'p/Member/Member', 'p/outside']);
  });

  test('a child does not run while its parent does not', () => {
    const { system, notes, settle, states } = setUp();
    const children: Member[] = [];
    system.create(Member, notes, (self) => void children.push(self.child(notes)));
    const [child] = children.map(({ control }) => system.clientOf(control));

    child?.next(new Start());
    settle();
    expect(states()['p/Member/Member']).toBe('created');
    void system.start();
    void system.stop();
    settle();
    child?.next(new Start());
    settle();
    expect(states()['p/Member/Member']).toBe('stopped');
  });

  test.each(['constructor', 'Start', 'handler', 'during the start', 'after the start'])(
    'a component created in the %s starts, once what created it has connected it',
    async (when) => {
      const { system, notes, settle, states } = setUp();
      class Pair extends Component {
        pair(): void {
          this.create(Member, notes).ear.connect(this.create(Mouth).ear);
        }
        constructor(context: Context) {
          super(context);
          if (when === 'constructor') this.pair();
          if (when === 'Start') this.control.upon(Start, () => this.pair());
          this.ear.upon(Tell, () => this.pair());
        }
        readonly ear = this.provides(Ear);
      }

      const pair = system.create(Pair);
      const ear = system.clientOf(pair.ear);
      const started = system.start();
      if (when === 'during the start') pair.pair();
      settle();
      await started;
      if (when === 'handler') ear.next(new Tell('create'));
      if (when === 'after the start') pair.pair();
      settle();

      expect(states()).toMatchObject({
        'p/Pair/Member': 'started',
        'p/Pair/Mouth': 'started',
      });
    },
  );

  test('a component created late with an open port is a fault, by name', async () => {
    const { system, settle } = setUp();
    void system.start();
    settle();

    system.create(Mouth);
    const { terminated } = system;
    settle();

    await expect(terminated).rejects.toMatchObject({
      component: 'p/Mouth',
      cause: { code: 'ERR_UNCONNECTED_PORT', port: 'Ear (ear)' },
    });
  });

  test('Kill ends the components below first, and releases what they hold, last come, first released', async () => {
    const { system, notes, settle } = setUp();
    system.create(Member, notes, (self) => {
      self.child(notes);
      self.child(notes);
      self.context.onRelease(async () => {
        await Promise.resolve();
        notes.push('slow release p/Member');
      });
    });
    void system.start();
    settle();
    notes.length = 0;

    await system.kill();

    expect(notes).toStrictEqual([
      ...['kill p/Member/Member', 'kill p/Member/Member-2', 'kill p/Member'],
      ...['release p/Member/Member-2', 'release p/Member/Member'],
      ...['slow release p/Member', 'release p/Member'],
    ]);
  });

  test('the end of the system waits for the releases of components that were killed before', async () => {
    const { system, notes, settle } = setUp();
    let release: () => void = () => undefined;
    const member = system.create(Member, [], (self) => {
      self.context.onRelease(async () => {
        await new Promise<void>((resolve) => (release = resolve));
        notes.push('released');
      });
    });
    void system.start();
    settle();

    system.clientOf(member.control).next(new Kill());
    const killed = system.kill().then(() => notes.push('killed'));
    await new Promise(setImmediate);
    expect(notes).toStrictEqual([]);
    release();
    await killed;

    expect(notes).toStrictEqual(['released', 'killed']);
  });

  test('a component that kills itself finishes no further handler, and its name is not used again', () => {
    const { system, notes, settle, states } = setUp();
    const member = system.create(Member, notes);
    const control = system.clientOf(member.control);
    const ear = system.clientOf(member.ear);
    member.ear.upon(Tell, () => control.next(new Kill()));
    member.ear.upon(Tell, () => notes.push('unreachable'));
    void system.start();
    settle();

    ear.next(new Tell('a'));
    ear.next(new Tell('b'));
    settle();
    system.create(Member, notes);
    settle();

    expect(notes).toStrictEqual([
      ...['start p/Member', 'a p/Member', 'kill p/Member', 'release p/Member'],
      'start p/Member-2',
    ]);
    expect(states()).toMatchObject({ 'p/Member-2': 'started' });
  });

  test('killed while its start is pending: the start rejects, the end resolves, nothing lives again', async () => {
    const { system, notes, settle } = setUp();
    system.create(Member, notes);

    const outcome = system.start().catch((error: unknown) => error);
    await system.kill();
    settle();

    expect(await outcome).toBeInstanceOf(KilledError);
    await expect(system.terminated).resolves.toBeUndefined();
    expect(() => void system.start()).toThrow(KilledError);
    expect(() => system.create(Member, notes)).toThrow(KilledError);
    await expect(system.stop()).rejects.toThrow(KilledError);
    expect(notes).toStrictEqual(['kill p/Member', 'release p/Member']);
  });

  test('await using stops, then kills', async () => {
    const notes: string[] = [];
    {
      await using system = new System('p');
      system.create(Member, notes);
      await system.start();
    }

    expect(notes.map((note) => note.split(' ')[0])).toStrictEqual([
      ...['start', 'stop', 'kill', 'release'],
    ]);
  });

  test('whatever is started, stopped, killed and created, in any order, no promise is left hanging', async () => {
    const command = fc.record({
      what: fc.constantFrom('start', 'stop', 'Start', 'Stop', 'Kill', 'create', 'tell', 'settle'),
      which: fc.nat(20),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 40 }), async (commands) => {
        const { system, settle, states } = setUp();
        const members = [system.create(Member, [])];
        const promises: Promise<void>[] = [];
        let goal: LifeState = 'created';
        for (const { what, which } of commands) {
          const member = members[which % members.length];
          const control = member && system.clientOf(member.control);
          const alive = member && member.context.path in states();
          if (what === 'start') promises.push(system.start());
          if (what === 'stop') promises.push(system.stop());
          if (what === 'start' || what === 'stop') goal = what === 'start' ? 'started' : 'stopped';
          if (what === 'Start') control?.next(new Start());
          if (what === 'Stop') control?.next(new Stop());
          if (what === 'Kill') control?.next(new Kill());
          if (what === 'tell' && member) system.clientOf(member.ear).next(new Tell('x'));
          if (what === 'create' && alive) members.push(member.child([]));
          if (what === 'create' && !alive) members.push(system.create(Member, []));
          if (what === 'settle') settle();
        }
        settle();

        await Promise.all(promises);
        expect(states()['p']).toBe(goal);
        const atRest = new Set<LifeState>(['created', 'started', 'stopped']);
        expect(Object.values(states()).filter((state) => !atRest.has(state))).toStrictEqual([]);
        await system.kill();
      }),
      { numRuns: 300 },
    );
  });
});

describe('2.9 Faults', () => {
  function faulty(script: (self: Member, system: System) => void): {
    system: System;
    settle: () => void;
    notes: string[];
    tell: (word: string) => void;
    fault: Promise<ComponentFault>;
  } {
    const faults: ComponentFault[] = [];
    const { system, settle, notes } = setUp({ onFault: (fault) => faults.push(fault) });
    const member = system.create(Member, notes, (self) => script(self, system));
    const ear = system.clientOf(member.ear);
    const fault = system.terminated.then(
      () => Promise.reject(new Error('no fault')),
      (error: unknown) => {
        expect(faults).toStrictEqual([error]);
        return error as ComponentFault;
      },
    );
    return { system, settle, notes, fault, tell: (word) => ear.next(new Tell(word)) };
  }

  test('a throw in a handler ends the system and says why: event, port, path and cause', async () => {
    const cause = new RangeError('too loud');
    const { system, settle, tell, fault, notes } = faulty((self) => {
      self.ear.upon(Tell, ({ word }) => {
        if (word === 'boo') throw cause;
      });
    });
    void system.start();
    settle();

    tell('boo');
    tell('after');
    settle();

    const expected = new ComponentFault('p/Member', 'ear', new Tell('boo'), cause);
    expect(await fault).toStrictEqual(expected);
    expect(await fault).toMatchObject({
      message: 'p/Member failed while handling Tell at its port ear: too loud',
      code: 'ERR_COMPONENT_FAULT',
      component: 'p/Member',
      port: 'ear',
      event: { word: 'boo' },
      cause,
    });
    expect(notes).not.toContain('after p/Member');
    expect(new Set(system.graph().components.map(({ state }) => state))).toStrictEqual(
      new Set(['killed']),
    );
  });

  test('no further handler of the event runs, and nothing in the subtree below', async () => {
    const below: string[] = [];
    const { system, settle, tell, fault } = faulty((self, world) => {
      const child = self.child(below);
      const mouth = world.clientOf(child.ear);
      self.ear.upon(Tell, () => {
        mouth.next(new Tell('below'));
        throw new Error('boo');
      });
      self.ear.upon(Tell, () => below.push('unreachable'));
    });
    void system.start();
    settle();
    below.length = 0;

    tell('a');
    settle();

    await fault;
    expect(below).toStrictEqual(['kill p/Member/Member', 'release p/Member/Member']);
  });

  test.each<[string, (self: Member) => void, object]>([
    [
      'Start',
      (self) => {
        self.control.upon(Start, () => {
          throw new Error('boo');
        });
      },
      { port: 'control', event: new Start() },
    ],
    [
      'Stop',
      (self) => {
        self.control.upon(Stop, () => {
          throw new Error('boo');
        });
      },
      { port: 'control', event: new Stop() },
    ],
    [
      'Kill',
      (self) => {
        self.control.upon(Kill, () => {
          throw new Error('boo');
        });
      },
      { port: 'control', event: new Kill() },
    ],
    [
      'a release',
      (self) => {
        self.context.onRelease(() => Promise.reject(new Error('boo')));
      },
      { port: undefined, event: undefined },
    ],
  ])('a throw in %s is a fault; stop and kill end all the same', async (_name, script, fields) => {
    const { system, settle, notes, fault } = faulty(script);
    const started = system.start().catch(() => undefined);
    settle();
    await started;
    const stopped = system.stop().catch(() => undefined);
    settle();
    await stopped;
    await system.kill().catch(() => undefined);

    expect(await fault).toMatchObject({
      component: 'p/Member',
      cause: new Error('boo'),
      ...fields,
    });
    expect(notes.filter((note) => note === 'release p/Member')).toHaveLength(1);
  });

  test('a throw in a constructor goes to whoever creates, and what was made before is released', () => {
    const { system, notes } = setUp();

    const create = (): unknown =>
      system.create(Member, notes, (self) => {
        self.child(notes);
        throw new Error('boo');
      });
    expect(create).toThrow('boo');
    expect(notes).toContain('release p/Member/Member');
    expect(system.graph().components.map(({ path }) => path)).toStrictEqual(['p']);
  });

  test('a throw in the constructor of a child made by a handler is a fault of the parent', async () => {
    const { system, settle, tell, fault } = faulty((self) => {
      self.ear.upon(Tell, () => {
        self.child([], () => {
          throw new Error('boo');
        });
      });
    });
    void system.start();
    settle();
    tell('create');
    settle();

    expect(await fault).toMatchObject({ component: 'p/Member', port: 'ear' });
  });

  test('a throw in an edge is a fault; once the component has ended an edge does nothing', async () => {
    const edges: ((word: string) => void)[] = [];
    const { system, settle, notes, fault } = faulty((self) => {
      const edge = self.context.edge((word: string) => {
        notes_.push(word);
        throw new Error('boo');
      });
      edges.push(edge);
    });
    const notes_ = notes;
    void system.start();
    settle();

    edges[0]?.('first');
    edges[0]?.('second');

    expect(await fault).toMatchObject({ component: 'p/Member', cause: new Error('boo') });
    expect(notes_.filter((note) => ['first', 'second'].includes(note))).toStrictEqual(['first']);
  });

  test('a fault while the start is pending rejects the start', async () => {
    const { system, settle } = setUp();
    system.create(Member, [], ({ context, control }) => {
      control.upon(Start, () => context.fault(new Error('no port is free')));
    });

    const started = system.start();
    settle();

    await expect(started).rejects.toMatchObject({ cause: new Error('no port is free') });
  });

  test('a fault at creation is told by the start', async () => {
    const { system } = setUp({ onFault: () => undefined });
    system.create(Member, [], ({ context }) => context.fault('early'));

    expect(() => void system.start()).toThrow('p/Member failed: early');
    await expect(system.stop()).rejects.toMatchObject({ cause: 'early' });
  });

  test('every release runs, though one before it failed, and kill says so', async () => {
    const { system, settle, notes } = setUp();
    system.create(Member, notes, ({ context }) => {
      context.onRelease(() => {
        throw new Error('stuck');
      });
    });
    void system.start();
    settle();

    await expect(system.kill()).rejects.toMatchObject({ cause: new Error('stuck') });
    await expect(system.terminated).rejects.toMatchObject({ cause: new Error('stuck') });
    expect(notes).toContain('release p/Member');
  });

  test('the system writes down a fault, and those that follow from its end', async () => {
    const lines: string[] = [];
    const write = (message: string, fields?: object): void =>
      void lines.push(`${message} ${JSON.stringify(fields)}`);
    const logger = { debug: write, info: write, warn: write, error: write };
    const { system, settle } = setUp({ logger: () => logger, onFault: () => undefined });
    system.create(Member, [], ({ context, control }) => {
      context.onRelease(() => {
        throw new Error('second');
      });
      control.upon(Start, () => {
        throw new Error('first');
      });
    });

    const started = system.start();
    settle();
    await Promise.allSettled([started, system.kill()]);

    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain('so the system stops {"failed":"p/Member","port":"control"');
    expect(lines[1]).toContain('failed too');
  });

  test('onFault that throws upsets nobody but itself', () => {
    const { system, host } = setUp({
      onFault: () => {
        throw new Error('mine');
      },
    });
    const { context } = system.create(Member, []);
    void system.start();
    host.advance(0);
    const socketCallback = context.edge(() => {
      throw new Error('boo');
    });

    expect(socketCallback).not.toThrow();
    expect(() => host.advance(0)).toThrow('mine');
    expect(() => host.advance(0)).not.toThrow();
    expect(new Set(system.graph().components.map(({ state }) => state))).toStrictEqual(
      new Set(['killed']),
    );
  });

  describe('the program outside', () => {
    const held = (system: System): readonly string[] | undefined =>
      system
        .graph()
        .components.find(({ path }) => path === 'p/outside')
        ?.ports.map(({ name }) => name);

    test('lets go what it holds of components that were killed, when all is handled', () => {
      const { system, notes, settle } = setUp();
      void system.start();
      settle();

      for (let life = 0; life < 20; life += 1) {
        const member = system.create(Member, notes, (self) => {
          self.control.upon(Kill, () => self.ear.next(new Tell('bye')));
        });
        system.clientOf(member.ear).upon(Tell, ({ word }) => notes.push(word));
        settle();
        system.clientOf(member.control).next(new Kill());
        settle();
      }
      const last = system.create(Member, notes);
      system.clientOf(last.control).next(new Kill());
      settle();

      expect(notes.filter((word) => word === 'bye')).toHaveLength(20);
      expect(held(system)).toStrictEqual([]);
      const outside = system.graph().components.find(({ path }) => path === 'p/outside');
      expect(outside?.handledEvents).toBe(20);
    });

    test('keeps what it observes, until the system ends, and what it connects with another component', () => {
      const { system, notes, settle } = setUp();
      const [first, second, next] = [1, 2, 3].map(() => system.create(Member, notes));
      invariant(first !== undefined && second !== undefined && next !== undefined, 'there are');
      let completed = false;
      system.clientOf(first.ear).subscribe({ complete: () => (completed = true) });
      const again = system.clientOf(second.ear);
      void system.start();
      settle();

      for (const member of [first, second]) {
        system.clientOf(member.control).next(new Kill());
        settle();
      }
      next.ear.connect(again);
      again.next(new Tell('word'));
      settle();

      expect(notes.at(-1)).toBe('word p/Member-3');
      expect(held(system)?.filter((name) => name.startsWith('Ear'))).toStrictEqual([
        'Ear',
        'Ear-2',
      ]);
      expect(completed).toBe(false);
      void system.kill();
      settle();
      expect(completed).toBe(true);
    });
  });
});
