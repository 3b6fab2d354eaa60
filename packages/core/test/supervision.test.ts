import {
  Component,
  type ComponentFault,
  InvalidOptionError,
  Kill,
  KilledError,
  Start,
  Stop,
  System,
  event,
  portType,
  type Context,
  type DeadLetter,
  type Directive,
  type LifeState,
  type MailboxBound,
  type RequiredPort,
  type Supervision,
  type SystemOptions,
  type TreatedFault,
} from '@jbstore/core';
import { filter } from 'rxjs';

import { VirtualSystem } from './virtual-system';

class Do extends event('Do') {
  constructor(readonly word: string) {
    super();
  }
}
class Done extends event('Done') {
  constructor(readonly word: string) {
    super();
  }
}
const Work = portType('Work', { requests: [Do], indications: [Done] });

type Script = (self: Worker) => void;

/** Writes down what it does, fails at words that begin with `!`, and does what the test says. */
class Worker extends Component {
  readonly work = this.provides(Work);

  constructor(
    readonly context: Context,
    readonly notes: string[],
    script: Script = () => undefined,
  ) {
    super(context);
    const note = (what: string): void => void notes.push(`${what} ${context.path}`);
    note('make');
    this.control.upon(Start, () => note('start'));
    this.control.upon(Stop, () => note('stop'));
    this.control.upon(Kill, () => note('kill'));
    this.work.upon(Do, ({ word }) => {
      if (word.startsWith('!')) throw new Error(word);
      note(word);
      this.work.next(new Done(word));
    });
    context.onRelease(() => note('release'));
    script(this);
  }

  child(supervision: Supervision | undefined, script?: Script): Worker {
    if (!supervision) return this.create(Worker, this.notes, script);
    return this.createWith({ supervision }, Worker, this.notes, script);
  }
}

function setUp(options: SystemOptions = {}): Pick<
  VirtualSystem,
  'host' | 'system' | 'letters' | 'settle' | 'states'
> & {
  notes: string[];
  treated: TreatedFault[];
  create: (supervision: Supervision, script?: Script) => Worker;
} {
  const { host, system, settle, states } = new VirtualSystem(options);
  const notes: string[] = [];
  const letters: DeadLetter[] = [];
  const treated: TreatedFault[] = [];
  // What nobody waits for is not of interest here.
  system.deadLetters
    .pipe(filter((letter) => !(letter.event instanceof Done)))
    .subscribe((letter) => letters.push(letter));
  system.faults.subscribe((fault) => treated.push(fault));
  return {
    ...{ host, system, notes, letters, treated, settle, states },
    create: (supervision, script) => system.createWith({ supervision }, Worker, notes, script),
  };
}

function tell(port: RequiredPort<typeof Work>, ...words: string[]): void {
  for (const word of words) port.next(new Do(word));
}

/** The first words of `notes`, and then none. */
function drain(notes: string[]): string[] {
  return notes.splice(0).map((note) => note.replace(' p/Worker', '').replace(/^(\S+) /, '$1 '));
}

function wordsOf(letters: readonly DeadLetter[]): string[] {
  return letters.map(({ event: { type }, event: carried, reason }) => {
    const word = carried instanceof Do || carried instanceof Done ? carried.word : type;
    return `${word} ${reason}`;
  });
}

describe('2.9 Faults', () => {
  describe('what the supervisor decides', () => {
    test('resume: the component and those below go on; the event is a dead letter', () => {
      const { system, settle, notes, letters, states, create } = setUp();
      const worker = create({ decide: 'resume' }, (self) => void self.child(undefined));
      const work = system.clientOf(worker.work);
      void system.start();
      settle();
      drain(notes);

      tell(work, 'a', '!b', 'c');
      settle();

      expect(drain(notes)).toStrictEqual(['a', 'c']);
      expect(wordsOf(letters)).toStrictEqual(['!b faulted']);
      expect(letters[0]).toMatchObject({ port: 'p/Worker.work' });
      expect(new Set(Object.values(states()))).toStrictEqual(new Set(['started']));
    });

    test('restart: the old one ends, a new one of the same class and init has its ports, channels and queue', () => {
      const { system, settle, notes, letters, states, create } = setUp();
      const worker = create({ decide: 'restart' }, (self) => void self.child(undefined));
      const work = system.clientOf(worker.work);
      const answers: string[] = [];
      work.upon(Done, ({ word }) => answers.push(word));
      void system.start();
      settle();
      drain(notes);

      tell(work, 'a', '!b', 'c');
      settle();

      expect(drain(notes)).toStrictEqual([
        ...['a', 'kill/Worker', 'kill', 'release/Worker', 'release'],
        ...['make', 'make/Worker-2', 'start/Worker-2', 'start', 'c'],
      ]);
      expect(answers).toStrictEqual(['a', 'c']);
      expect(wordsOf(letters)).toStrictEqual(['!b faulted']);
      expect(states()).toStrictEqual({
        ...{ p: 'started', 'p/outside': 'started' },
        ...{ 'p/Worker': 'started', 'p/Worker/Worker-2': 'started' },
      });
    });

    test('stop: the component ends with those below it, what waits is a dead letter; the others go on', () => {
      const { system, settle, notes, letters, states, create } = setUp();
      const other = system.create(Worker, notes);
      const worker = create({ decide: 'stop' }, (self) => void self.child(undefined));
      const work = system.clientOf(worker.work);
      void system.start();
      settle();
      drain(notes);

      tell(work, 'a', '!b', 'c');
      settle();
      tell(system.clientOf(other.work), 'd');
      settle();

      expect(drain(notes)).toStrictEqual([
        ...['a-2', 'kill-2/Worker', 'kill-2', 'release-2/Worker', 'release-2', 'd'],
      ]);
      expect(wordsOf(letters)).toStrictEqual(['!b faulted', 'c killed']);
      expect(states()).toStrictEqual({
        ...{ p: 'started', 'p/Worker': 'started', 'p/outside': 'started' },
      });
    });

    test.each<[Directive, string[], LifeState | undefined]>([
      ['resume', ['b/Worker', 'c'], 'started'],
      [
        'restart',
        [
          ...['kill/Worker', 'kill', 'release/Worker', 'release'],
          ...['make', 'make/Worker-2', 'start/Worker-2', 'start', 'c'],
        ],
        'started',
      ],
      ['stop', ['kill/Worker', 'kill', 'release/Worker', 'release'], undefined],
    ])(
      'escalate: the component above is deemed failed, with the same fault; its supervisor decides: %s',
      (directive, expected, state) => {
        const { system, settle, notes, letters, treated, states, create } = setUp();
        const children: Worker[] = [];
        const faults: ComponentFault[] = [];
        const decide = (fault: ComponentFault): Directive => {
          faults.push(fault);
          return directive;
        };
        const parent = create({ decide }, (self) => {
          children.push(self.child({ decide: 'escalate' }));
        });
        const [child] = children;
        if (!child) throw new Error('no child');
        const above = system.clientOf(parent.work);
        const below = system.clientOf(child.work);
        void system.start();
        settle();
        drain(notes);

        tell(below, '!a', 'b');
        settle();
        tell(above, 'c');
        settle();

        expect(drain(notes)).toStrictEqual(expected);
        expect(faults).toMatchObject([
          { component: 'p/Worker/Worker', port: 'work', event: { word: '!a' } },
        ]);
        expect(wordsOf(letters)).toContain('!a faulted');
        expect(wordsOf(letters).includes('b killed')).toBe(directive !== 'resume');
        expect(states()['p/Worker']).toBe(state);
        expect(treated.map(({ component, decision }) => [component, decision])).toStrictEqual([
          ['p/Worker/Worker', 'escalate'],
          ['p/Worker', directive],
        ]);
      },
    );

    test('escalate to the root: the system stops and says why', async () => {
      const { system, settle, treated, create, letters } = setUp();
      const work = system.clientOf(create({ decide: 'escalate' }).work);
      void system.start();
      settle();

      const { terminated } = system;
      tell(work, '!a', 'b');
      settle();

      await expect(terminated).rejects.toMatchObject({
        message: 'p/Worker failed while handling Do at its port work: !a',
        ...{ component: 'p/Worker', port: 'work', event: { word: '!a' } },
      });
      expect(wordsOf(letters)).toStrictEqual(['!a faulted', 'b killed']);
      expect(treated.map(({ component, decision }) => [component, decision])).toStrictEqual([
        ['p/Worker', 'escalate'],
        ['p', 'stop'],
      ]);
    });

    test('without supervision a fault goes up to whoever is supervised', () => {
      const { system, settle, notes, states, create } = setUp();
      const grandchildren: Worker[] = [];
      create({ decide: 'restart' }, (self) => {
        const child = self.child(undefined);
        grandchildren.push(child.child(undefined));
      });
      const [grandchild] = grandchildren;
      void system.start();
      settle();
      drain(notes);

      grandchild?.context.fault(new Error('boo'));
      expect(states()).toMatchObject({ p: 'started', 'p/Worker': 'suspended' });
      settle();

      expect(states()).toMatchObject({ p: 'started', 'p/Worker': 'started' });
      expect(drain(notes).filter((note) => note.startsWith('make'))).toStrictEqual([
        ...['make', 'make/Worker-2', 'make/Worker-2/Worker'],
      ]);
    });

    test('a function decides from the fault; what it throws escalates, and so does the fault', async () => {
      const { system, settle, notes, create } = setUp();
      const decide = ({ cause }: ComponentFault): Directive => {
        if ((cause as Error).message === '!odd') throw new Error('no idea');
        return 'resume';
      };
      const work = system.clientOf(create({ decide }).work);
      void system.start();
      settle();

      const told: unknown[] = [];
      system.faults.subscribe(({ fault, component }) => told.push([component, fault.message]));
      const { terminated } = system;
      tell(work, '!even', 'a', '!odd');
      settle();

      expect(notes).toContain('a p/Worker');
      await expect(terminated).rejects.toMatchObject({ cause: { message: '!odd' } });
      expect(told).toContainEqual(['p', 'p/Worker failed: no idea']);
    });
  });

  describe('the event at fault', () => {
    test('may be decided of each fault, with what is done about that', () => {
      const { system, settle, create, letters } = setUp();
      const skip = { directive: 'resume', event: 'skip' } as const;
      const work = system.clientOf(
        create({ decide: ({ cause }) => ((cause as Error).message === '!skip' ? skip : 'resume') })
          .work,
      );
      void system.start();
      settle();

      tell(work, '!skip', '!usual', 'a');
      settle();

      expect(wordsOf(letters)).toStrictEqual(['!usual faulted']);
    });

    test.each<[NonNullable<Supervision['event']>, string[], string[]]>([
      ['skip', ['b'], []],
      ['dead-letter', ['b'], ['!once faulted']],
      ['retry', ['!once', 'b'], []],
    ])('%s: it is gone, a dead letter, or comes first again', (policy, expected, dead) => {
      const { system, settle, letters } = setUp();
      const handled: string[] = [];
      let failed = false;
      class Once extends Component {
        readonly work = this.provides(Work);
        constructor(context: Context) {
          super(context);
          this.work.upon(Do, ({ word }) => {
            if (word === '!once' && !failed) {
              failed = true;
              throw new Error(word);
            }
            handled.push(word);
          });
        }
      }
      const supervision: Supervision = { decide: 'restart', event: policy };
      const work = system.clientOf(system.createWith({ supervision }, Once).work);
      void system.start();
      settle();

      tell(work, '!once', 'b');
      settle();

      expect(handled).toStrictEqual(expected);
      expect(wordsOf(letters)).toStrictEqual(dead);
    });

    test('an event that fails again and again exhausts the budget, and is a dead letter', async () => {
      const { system, settle, letters, treated, create } = setUp();
      const budget = { faults: 3, withinMs: 1_000 };
      const work = system.clientOf(create({ decide: 'resume', event: 'retry', budget }).work);
      void system.start();
      settle();

      const { terminated } = system;
      tell(work, '!a', 'b');
      settle();

      await expect(terminated).rejects.toMatchObject({ event: { word: '!a' } });
      expect(treated.map(({ decision }) => decision)).toStrictEqual([
        ...['resume', 'resume', 'resume', 'escalate', 'stop'],
      ]);
      expect(wordsOf(letters)).toStrictEqual(['!a faulted', 'b killed']);
    });

    test('a stop that was commanded before comes after what had arrived, the retried event included', () => {
      const { system, settle, notes, create } = setUp();
      let failures = 2;
      const worker = create({ decide: 'resume', event: 'retry' }, (self) => {
        self.work.upon(Do, ({ word }) => {
          if (word === 'a' && failures-- > 0) throw new Error(word);
        });
      });
      const work = system.clientOf(worker.work);
      void system.start();
      settle();
      drain(notes);

      tell(work, 'a', 'b');
      system.clientOf(worker.control).next(new Stop());
      tell(work, 'c');
      settle();

      expect(drain(notes)).toStrictEqual(['a', 'a', 'a', 'b', 'stop']);
    });
  });

  describe('budget and backoff', () => {
    test('more faults than the budget allows within its time escalate; older ones do not count', async () => {
      const { system, settle, treated, create } = setUp();
      const budget = { faults: 2, withinMs: 100 };
      const work = system.clientOf(create({ decide: 'resume', budget }).work);
      void system.start();
      settle();
      const { terminated } = system;

      for (const pauseMs of [60, 60, 60, 30, 30]) {
        tell(work, '!a');
        settle(pauseMs);
      }

      expect(treated.map(({ decision }) => decision)).toStrictEqual([
        ...['resume', 'resume', 'resume', 'resume', 'escalate', 'stop'],
      ]);
      await expect(terminated).rejects.toThrow('!a');
    });

    test('the default budget is finite: a component that cannot be restarted does not spin', async () => {
      const { system, settle, treated, create } = setUp();
      const made: string[] = [];
      create({ decide: 'restart' }, (self) => {
        if (made.push('made') > 1) throw new Error('no more');
        self.control.upon(Start, () => {
          throw new Error('first');
        });
      });

      const started = system.start();
      settle();

      await expect(started).rejects.toMatchObject({ cause: { message: 'no more' } });
      expect(made).toHaveLength(11);
      expect(treated.filter(({ decision }) => decision === 'restart')).toHaveLength(10);
    });

    test('a restart waits, longer each time up to a bound, and briefly again after a time without faults', () => {
      const { host, system, settle, create } = setUp();
      const backoff = { firstMs: 10, factor: 2, longestMs: 50 };
      const budget = { faults: Infinity, withinMs: 1_000 };
      const madeMs: number[] = [];
      const worker = create({ decide: 'restart', backoff, budget }, () => {
        madeMs.push(host.now());
      });
      const work = system.clientOf(worker.work);
      void system.start();
      settle();

      const waitsMs: number[] = [];
      const fail = (): void => {
        const failedMs = host.now();
        tell(work, '!a');
        settle(200);
        waitsMs.push((madeMs.at(-1) ?? 0) - failedMs);
      };
      for (let index = 0; index < 5; index += 1) fail();
      settle(1_000);
      fail();

      expect(waitsMs).toStrictEqual([10, 20, 40, 50, 50, 10]);
    });

    test('what arrives during the wait waits; the others go on, and a kill ends the wait', () => {
      const { host, system, settle, notes, letters, states, create } = setUp();
      const backoff = { firstMs: 100, factor: 1, longestMs: 100 };
      const worker = create({ decide: 'restart', backoff });
      const other = system.create(Worker, notes);
      const work = system.clientOf(worker.work);
      void system.start();
      settle();
      drain(notes);

      tell(work, '!a');
      settle(50);
      tell(work, 'b');
      tell(system.clientOf(other.work), 'c');
      settle();
      expect(drain(notes)).toStrictEqual(['c-2']);
      expect(states()['p/Worker']).toBe('suspended');
      settle(50);
      expect(drain(notes)).toStrictEqual(['kill', 'release', 'make', 'start', 'b']);

      tell(work, '!d', 'e');
      settle(50);
      system.clientOf(worker.control).next(new Kill());
      settle(1_000);
      expect(drain(notes)).toStrictEqual(['kill', 'release']);
      expect(wordsOf(letters)).toStrictEqual(['!a faulted', '!d faulted', 'e killed']);
      expect(host.nextMs).toBeUndefined();
    });

    test('resume of a component does not resume one below that waits for its own restart', () => {
      const { system, settle, notes, states, create } = setUp();
      const backoff = { firstMs: 100, factor: 1, longestMs: 100 };
      const children: Worker[] = [];
      const parent = create({ decide: 'resume' }, (self) => {
        children.push(self.child({ decide: 'restart', backoff }), self.child(undefined));
      });
      const [child] = children;
      if (!child) throw new Error('no child');
      void system.start();
      settle();

      tell(system.clientOf(child.work), '!a');
      settle(50);
      tell(system.clientOf(parent.work), '!b');
      settle();
      expect(states()).toMatchObject({
        ...{ 'p/Worker': 'started', 'p/Worker/Worker-2': 'started' },
        'p/Worker/Worker': 'suspended',
      });
      drain(notes);
      settle(50);

      expect(states()['p/Worker/Worker']).toBe('started');
      expect(drain(notes)).toContain('make/Worker');
    });
  });

  describe('life', () => {
    const backoff = { firstMs: 100, factor: 1, longestMs: 100 };

    test('a parent that starts or stops is not held up by a child that waits', async () => {
      const { system, settle, states, create } = setUp();
      let failing = true;
      create({ decide: 'escalate' }, (self) => {
        self.child({ decide: 'restart', backoff }, (child) => {
          child.control.upon(Start, () => {
            if (failing) throw new Error('not yet');
          });
        });
      });

      const started = system.start();
      settle();
      await started;
      expect(states()).toMatchObject({ 'p/Worker': 'started', 'p/Worker/Worker': 'suspended' });
      const stopped = system.stop();
      settle();
      await stopped;
      expect(states()).toMatchObject({ 'p/Worker': 'stopped', 'p/Worker/Worker': 'suspended' });
      failing = false;
      settle(200);
      expect(states()['p/Worker/Worker']).toBe('suspended');
      const again = system.start();
      settle();
      await again;
      expect(states()).toMatchObject({ 'p/Worker': 'started', 'p/Worker/Worker': 'started' });
    });

    test('a parent waits for a child that is restarted at once', () => {
      const { system, settle, notes, create } = setUp();
      let failing = true;
      create({ decide: 'escalate' }, (self) => {
        self.child({ decide: 'restart' }, (child) => {
          child.control.upon(Start, () => {
            if (!failing) return;
            failing = false;
            throw new Error('once');
          });
        });
      });

      void system.start();
      settle();

      expect(notes.filter((note) => note.startsWith('start')).at(-1)).toBe('start p/Worker');
    });

    test.each<[string, 'resume' | 'restart', (new () => Start | Stop)[], LifeState]>([
      ['Stop', 'resume', [Stop], 'stopped'],
      ['Stop', 'restart', [Stop], 'stopped'],
      ['Stop, then Start', 'restart', [Stop, Start], 'started'],
      ['Start', 'resume', [Start], 'started'],
    ])('%s during suspension is obeyed after %s', (_name, decide, commands, expected) => {
      const { system, settle, states, create } = setUp();
      const worker = create({ decide, backoff });
      const control = system.clientOf(worker.control);
      void system.start();
      settle();

      worker.context.fault(new Error('boo'));
      for (const Command of commands) control.next(new Command());
      expect(states()['p/Worker']).toBe('suspended');
      settle(200);

      expect(states()['p/Worker']).toBe(expected);
    });

    test.each(['Start', 'Stop'] as const)(
      'a throw in %s: resume goes on as if it had not been',
      (when) => {
        const { system, settle, states, create } = setUp();
        create({ decide: 'resume' }, (self) => {
          self.child(undefined);
          self.child(undefined);
          const fail = (): void => {
            throw new Error('boo');
          };
          if (when === 'Start') self.control.upon(Start, fail);
          else self.control.upon(Stop, fail);
        });

        void system.start();
        settle();
        expect(new Set(Object.values(states()))).toStrictEqual(new Set(['started']));
        void system.stop();
        settle();
        expect(new Set(Object.values(states()))).toStrictEqual(new Set(['stopped']));
      },
    );

    test('one that failed at its Stop and goes on waits for all below it', () => {
      const { system, settle, states, create } = setUp();
      const above: unknown[] = [];
      const watch = (child: Worker): void => {
        child.control.upon(Stop, () => above.push(states()['p/Worker']));
      };
      create({ decide: 'resume' }, (self) => {
        self.child(undefined, watch);
        self.child(undefined, watch);
        self.control.upon(Stop, () => {
          throw new Error('boo');
        });
      });
      void system.start();
      settle();

      void system.stop();
      settle();

      expect(above).toStrictEqual(['stopping', 'stopping']);
    });

    test('a stopped component that fails is restarted, stopped, when the one above runs', () => {
      const { system, settle, notes, states, create } = setUp();
      const worker = create({ decide: 'restart' });
      const control = system.clientOf(worker.control);
      void system.start();
      settle();
      control.next(new Stop());
      settle();
      drain(notes);

      worker.context.fault(new Error('boo'));
      settle();
      expect(drain(notes)).toStrictEqual(['kill', 'release', 'make']);
      expect(states()['p/Worker']).toBe('stopped');
      control.next(new Start());
      settle();
      expect(drain(notes)).toStrictEqual(['start']);
    });

    test('a component created below one that is suspended begins when that goes on', () => {
      const { system, settle, states, create } = setUp();
      const worker = create({ decide: 'resume' });
      void system.start();
      settle();

      worker.context.fault(new Error('boo'));
      worker.child(undefined);
      expect(states()['p/Worker/Worker']).toBe('suspended');
      settle();

      expect(states()['p/Worker/Worker']).toBe('started');
    });
  });

  describe('instances', () => {
    test('nothing below a component that failed handles an event before that is decided', () => {
      const { notes, system, settle, create } = setUp();
      const children: Worker[] = [];
      const decide = (): Directive => {
        notes.push('decided');
        return 'resume';
      };
      const parent = create({ decide }, (self) => children.push(self.child(undefined)));
      const ports = [parent, ...children].map(({ work }) => system.clientOf(work));
      void system.start();
      settle();
      notes.length = 0;

      for (const port of ports) tell(port, port === ports[0] ? '!' : 'a');
      settle();

      expect(notes).toStrictEqual(['decided', 'a p/Worker/Worker']);
    });

    test('callbacks and observers of the former instance do nothing; those of others go on', () => {
      const { system, settle, create } = setUp();
      const seen: string[] = [];
      const edges: ((word: string) => void)[] = [];
      const worker = create({ decide: 'restart' }, ({ work, context }) => {
        const number = edges.length;
        work.subscribe(({ word }) => seen.push(`${String(number)} ${word}`));
        edges.push(context.edge((word) => seen.push(`edge ${String(number)} ${word}`)));
      });
      worker.work.subscribe(({ word }) => seen.push(`outside ${word}`));
      const work = system.clientOf(worker.work);
      void system.start();
      settle();

      tell(work, '!a', 'b');
      settle();
      for (const edge of edges) edge('x');

      expect(seen).toStrictEqual(['outside b', '1 b', 'edge 1 x']);
    });

    test('chance does not repeat, and is the same in every run', () => {
      const draw = (): string[] => {
        const { system, settle, create } = setUp();
        const drawn: string[] = [];
        const worker = create({ decide: 'restart' }, ({ context }) => {
          drawn.push(context.random('identity').hex(8));
        });
        const work = system.clientOf(worker.work);
        void system.start();
        settle();
        tell(work, '!a', '!b');
        settle();
        return drawn;
      };

      const drawn = draw();
      expect(new Set(drawn).size).toBe(3);
      expect(draw()).toStrictEqual(drawn);
    });

    test('what a former instance does late does not reach the next: a fault is told, a release runs', () => {
      const { system, settle, states, treated, notes, create } = setUp();
      const contexts: Context[] = [];
      create({ decide: 'restart' }, ({ context }) => contexts.push(context));
      void system.start();
      settle();
      contexts[0]?.fault(new Error('first'));
      settle();
      contexts[1]?.fault(new Error('second'));
      settle();
      drain(notes);

      for (const context of contexts.slice(0, 2)) {
        context.fault(new Error('late'));
        context.onRelease(() => void notes.push('late'));
      }
      settle();

      expect(drain(notes)).toStrictEqual(['late', 'late']);
      expect(states()['p/Worker']).toBe('started');
      expect(treated.map(({ decision }) => decision)).toStrictEqual([
        ...['restart', 'restart', 'ended', 'ended'],
      ]);
    });

    test('a throw in the constructor of the next is a fault too; what arrives meanwhile waits', () => {
      const { system, settle, notes, letters, treated, create } = setUp();
      let made = 0;
      const backoff = { firstMs: 10, factor: 1, longestMs: 10 };
      const worker = create({ decide: 'restart', backoff }, (self) => {
        self.child(undefined);
        made += 1;
        if (made === 2) throw new Error('not yet');
      });
      const work = system.clientOf(worker.work);
      void system.start();
      settle();
      drain(notes);

      tell(work, '!a');
      settle(15);
      tell(work, 'b');
      settle(5);

      expect(drain(notes)).toStrictEqual([
        ...['kill/Worker', 'kill', 'release/Worker', 'release', 'make', 'make/Worker-2'],
        ...['kill/Worker-2', 'release/Worker-2', 'release'],
        ...['make', 'make/Worker-3', 'start/Worker-3', 'start', 'b'],
      ]);
      expect(treated.map(({ fault: { cause } }) => (cause as Error).message)).toStrictEqual([
        ...['!a', 'not yet'],
      ]);
      expect(wordsOf(letters)).toStrictEqual(['!a faulted']);
    });

    test('without an instance there is nothing to resume: it is made once more', () => {
      const { system, settle, states, create } = setUp();
      let made = 0;
      const decide = ({ event: at }: ComponentFault): Directive => (at ? 'restart' : 'resume');
      const worker = create({ decide }, () => {
        made += 1;
        if (made === 2) throw new Error('not yet');
      });
      const work = system.clientOf(worker.work);
      void system.start();
      settle();

      tell(work, '!a');
      settle();

      expect(made).toBe(3);
      expect(states()['p/Worker']).toBe('started');
    });

    test('what arrives while there is none waits for the next, of whatever class it is', () => {
      const { system, settle, letters } = setUp();
      const handled: string[] = [];
      let made = 0;
      class Late extends Component {
        readonly work = this.provides(Work);
        constructor(readonly context: Context) {
          super(context);
          made += 1;
          if (made === 2) throw new Error('before any handler');
          this.work.upon(Do, ({ word }) => handled.push(word));
        }
      }
      const backoff = { firstMs: 10, factor: 1, longestMs: 10 };
      const supervision: Supervision = { decide: 'restart', backoff };
      const late = system.createWith({ supervision }, Late);
      const work = system.clientOf(late.work);
      void system.start();
      settle();

      late.context.fault(new Error('boo'));
      settle(15);
      tell(work, 'a');
      settle(5);

      expect(made).toBe(3);
      expect(handled).toStrictEqual(['a']);
      expect(letters).toStrictEqual([]);
    });

    test('one that was stopped stays so, also when the next could not be made at once', () => {
      const { system, settle, states, create } = setUp();
      let made = 0;
      const worker = create({ decide: 'restart' }, () => {
        made += 1;
        if (made === 2) throw new Error('not yet');
      });
      void system.start();
      settle();
      system.clientOf(worker.control).next(new Stop());
      settle();

      worker.context.fault(new Error('boo'));
      settle();

      expect(made).toBe(3);
      expect(states()['p/Worker']).toBe('stopped');
    });

    test('one that ends has no more children', () => {
      const { system, settle, states, treated, create } = setUp();
      const worker = create({ decide: 'restart' }, (self) => {
        self.control.upon(Kill, () => self.child(undefined));
      });
      void system.start();
      settle();

      worker.context.fault(new Error('boo'));
      settle();

      expect(treated.map(({ fault: { cause }, decision }) => [cause, decision])).toStrictEqual([
        [new Error('boo'), 'restart'],
        [new KilledError('p/Worker'), 'ended'],
      ]);
      expect(Object.keys(states())).toStrictEqual(['p', 'p/Worker']);
    });

    test('releases that take time are waited for, also by a kill that comes meanwhile', async () => {
      const notes: string[] = [];
      const system = new System('p');
      const releases: (() => void)[] = [];
      const supervision: Supervision = { decide: 'restart' };
      const worker = system.createWith({ supervision }, Worker, notes, ({ context }) => {
        context.onRelease(async () => {
          await new Promise<void>((resolve) => releases.push(resolve));
          notes.push('slow');
        });
      });
      const work = system.clientOf(worker.work);
      await system.start();
      const turns = async (): Promise<void> => {
        for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
      };
      drain(notes);

      tell(work, '!a', 'b');
      await turns();
      expect(drain(notes)).toStrictEqual(['kill']);
      releases[0]?.();
      await turns();
      expect(drain(notes)).toStrictEqual(['slow', 'release', 'make', 'start', 'b']);
      tell(work, '!c');
      await turns();
      const killed = system.kill().then(() => notes.push('killed'));
      await turns();
      expect(drain(notes)).toStrictEqual(['kill']);
      releases[1]?.();
      await killed;
      expect(drain(notes)).toStrictEqual(['slow', 'release', 'killed']);
    });
  });

  describe('nothing is swallowed', () => {
    test.each<[Directive, string]>([
      ['stop', 'ended'],
      ['escalate', 'escalate'],
    ])('a fault of a component that has ended is told: %s', async (decide, decision) => {
      const { system, settle, treated, create } = setUp({ onFault: () => undefined });
      const worker = create({ decide }, ({ context, control }) => {
        context.onRelease(() => {
          throw new Error('release');
        });
        control.upon(Kill, () => {
          throw new Error('kill');
        });
      });
      void system.start();
      settle();

      system.clientOf(worker.control).next(new Kill());
      settle();

      const told = treated.filter(({ component }) => component === 'p/Worker');
      expect(told.map((one) => [(one.fault.cause as Error).message, one.decision])).toStrictEqual([
        ['kill', decision],
        ['release', decision],
      ]);
      const end = system.terminated.then(
        () => 'alive',
        () => 'failed',
      );
      if (decide === 'stop') void system.kill();
      expect(await end).toBe(decide === 'stop' ? 'alive' : 'failed');
    });

    test('below one that has failed nothing is decided until it is known what becomes of that', () => {
      const { system, settle, treated, create } = setUp();
      const backoff = { firstMs: 10, factor: 1, longestMs: 10 };
      const children: Worker[] = [];
      const parent = create({ decide: 'restart', backoff }, (self) => {
        children.push(self.child({ decide: 'resume' }));
      });
      void system.start();
      settle();

      children[0]?.context.fault(new Error('below'));
      parent.context.fault(new Error('above'));
      settle(10);

      expect(treated.map(({ component, decision }) => [component, decision])).toStrictEqual([
        ['p/Worker', 'restart'],
        ['p/Worker/Worker', 'ended'],
      ]);
    });

    test('a component that fails twice in one turn is treated once, and both are told', () => {
      const { system, settle, treated, letters, notes, create } = setUp();
      const worker = create({ decide: 'restart' }, ({ work, context }) => {
        work.upon(Do, ({ word }) => {
          if (word !== 'twice') return;
          context.fault(new Error('first'));
          throw new Error('second');
        });
      });
      const work = system.clientOf(worker.work);
      void system.start();
      settle();
      drain(notes);

      tell(work, 'twice', 'b');
      settle();

      expect(drain(notes).filter((note) => note === 'make')).toHaveLength(1);
      expect(
        treated.map(({ fault, decision }) => [(fault.cause as Error).message, decision]),
      ).toStrictEqual([
        ['first', 'restart'],
        ['second', 'restart'],
      ]);
      expect(wordsOf(letters)).toStrictEqual(['twice faulted']);
    });

    test('faults are counted by what was decided, and written down with the path', () => {
      const lines: string[] = [];
      const silent = (): void => undefined;
      const { system, settle, create } = setUp({
        logger: (path) => ({
          ...{ debug: silent, info: silent, error: silent },
          warn: (message, fields) => lines.push(`${path} ${message} ${JSON.stringify(fields)}`),
        }),
      });
      const work = system.clientOf(create({ decide: 'resume' }).work);
      void system.start();
      settle();

      tell(work, '!a', '!b');
      settle();

      const faults = system.counters().filter(({ name }) => name === 'faults');
      expect(faults).toMatchObject([{ component: 'p', labels: { decision: 'resume' }, value: 2 }]);
      expect(lines).toHaveLength(2);
      expect(lines[0]).toContain('p/Worker a component failed {"failed":"p/Worker","port":"work"');
    });

    test.each<[object, string]>([
      [{ decide: 'ignore' }, 'supervision.decide'],
      [{}, 'supervision.decide'],
      [{ decide: 'resume', event: 'drop' }, 'supervision.event'],
      [{ decide: 'resume', budget: { faults: -1, withinMs: 1 } }, 'supervision.budget.faults'],
      [{ decide: 'resume', budget: { faults: 1 } }, 'supervision.budget.withinMs'],
      [
        { decide: 'resume', backoff: { firstMs: 2, factor: 1, longestMs: 1 } },
        'supervision.backoff.longestMs',
      ],
      [
        { decide: 'resume', backoff: { firstMs: 2, factor: 0.5, longestMs: 3 } },
        'supervision.backoff.factor',
      ],
    ])('an option out of range is refused when the component is created: %j', (given, option) => {
      const { create, states } = setUp();

      let refusal: unknown;
      try {
        create(given as Supervision);
      } catch (error) {
        refusal = error;
      }

      expect(refusal).toBeInstanceOf(InvalidOptionError);
      expect(refusal).toMatchObject({ code: 'ERR_INVALID_OPTION', option });
      expect(Object.keys(states())).toStrictEqual(['p']);
    });
  });
});

describe('2.11 Bounded mailboxes', () => {
  function setUpBounded(
    overflow: MailboxBound['overflow'],
    supervision?: Supervision,
  ): ReturnType<typeof setUp> & { work: RequiredPort<typeof Work>; worker: Worker } {
    const world = setUp();
    const options = { mailbox: { capacity: 3, overflow }, ...(supervision && { supervision }) };
    const worker = world.system.createWith(options, Worker, world.notes);
    return { ...world, worker, work: world.system.clientOf(worker.work) };
  }

  test.each<[MailboxBound['overflow'], string[], string[]]>([
    ['drop-newest', ['a', 'b', 'c'], ['d overflow', 'e overflow']],
    ['drop-oldest', ['c', 'd', 'e'], ['a overflow', 'b overflow']],
  ])('%s: no more wait than may; the others are dead letters', (overflow, handled, dead) => {
    const { system, settle, notes, letters, work } = setUpBounded(overflow);

    tell(work, 'a', 'b', 'c', 'd', 'e');
    expect(wordsOf(letters)).toStrictEqual(dead);
    void system.start();
    settle();
    tell(work, 'f');
    settle();

    expect(drain(notes)).toStrictEqual(['make', 'start', ...handled, 'f']);
    expect(wordsOf(letters)).toStrictEqual(dead);
  });

  test('fault: the owner fails, and not the one that sends; it is supervised', () => {
    const supervision: Supervision = { decide: 'resume' };
    const { system, settle, notes, letters, treated, work } = setUpBounded('fault', supervision);
    void system.start();
    settle();
    drain(notes);
    const sender = system.create(Worker, notes, (self) => {
      self.work.upon(Do, () => tell(work, 'a', 'b', 'c', 'd', 'e', 'f'));
    });
    tell(system.clientOf(sender.work), 'send');
    settle();

    expect(drain(notes)).toStrictEqual(['make-2', 'start-2', 'send-2', 'a', 'b', 'c', 'd']);
    expect(wordsOf(letters)).toStrictEqual(['e overflow', 'f overflow']);
    expect(treated).toHaveLength(1);
    expect(treated[0]?.fault).toMatchObject({
      component: 'p/Worker',
      cause: { code: 'ERR_MAILBOX_OVERFLOW', component: 'p/Worker', capacity: 3 },
    });
  });

  test('fault without supervision ends the system', async () => {
    const { system, letters, work } = setUpBounded('fault');

    tell(work, 'a', 'b', 'c', 'd', 'e');

    await expect(system.terminated).rejects.toMatchObject({
      cause: { code: 'ERR_MAILBOX_OVERFLOW' },
    });
    expect(letters).toHaveLength(5);
  });

  test('a stop waits for what had arrived and was not dropped, and for nothing later', () => {
    const { system, settle, notes, worker, work } = setUpBounded('drop-oldest');
    void system.start();
    settle();
    drain(notes);
    worker.context.host.soon(() => {
      tell(work, '0', 'a', 'b', 'c');
      system.clientOf(worker.control).next(new Stop());
      tell(work, 'd', 'e');
    });
    settle();

    const handled = drain(notes);
    expect(handled.at(-1)).toBe('stop');
    expect(handled).not.toContain('d');
    void system.stop();
    void system.start();
    settle();
    expect(drain(notes)).toStrictEqual(['start', 'd', 'e']);
  });

  test('a retried event takes its place though the mailbox is full', () => {
    const supervision: Supervision = {
      decide: 'resume',
      event: 'retry',
      budget: { faults: 1, withinMs: 1 },
    };
    const { settle, system, letters, work, treated } = setUpBounded('drop-newest', supervision);
    void system.start();
    settle();
    const { terminated } = system;
    terminated.catch(() => undefined);

    tell(work, '!a', 'b', 'c', 'd');
    settle();

    expect(treated.map(({ decision }) => decision)).toStrictEqual(['resume', 'escalate', 'stop']);
    expect(wordsOf(letters)).toStrictEqual(['!a faulted', 'b killed', 'c killed', 'd killed']);
  });

  test('the bound outlasts the instance', () => {
    const { system, settle, work, letters, worker } = setUpBounded('drop-newest', {
      decide: 'restart',
    });
    void system.start();
    settle();
    worker.context.fault(new Error('boo'));
    settle();
    void system.stop();
    settle();

    tell(work, 'a', 'b', 'c', 'd');

    expect(wordsOf(letters)).toStrictEqual(['d overflow']);
  });

  test.each<[object, string]>([
    [{ capacity: 0, overflow: 'fault' }, 'mailbox.capacity'],
    [{ capacity: 1.5, overflow: 'fault' }, 'mailbox.capacity'],
    [{ capacity: 1, overflow: 'block' }, 'mailbox.overflow'],
  ])('a bound out of range is refused when the component is created: %j', (given, option) => {
    const { system, notes, states } = setUp();
    const mailbox = given as MailboxBound;

    expect(() => system.createWith({ mailbox }, Worker, notes)).toThrow(InvalidOptionError);
    expect(() => system.createWith({ mailbox }, Worker, notes)).toThrow(option);
    expect(Object.keys(states())).toStrictEqual(['p']);
  });
});
