import {
  Component,
  Key,
  Kill,
  Start,
  System,
  VirtualHost,
  event,
  invariant,
  portType,
  request,
  toDot,
  silentLogger,
  toMermaid,
  type Context,
  type Graph,
  type Logger,
  type SystemOptions,
  type TraceEntry,
} from '@jbstore/core';
import fc from 'fast-check';
import { config, map } from 'rxjs';

import { VirtualSystem } from './virtual-system';

class Tell extends event('Tell') {
  constructor(readonly word: string) {
    super();
  }
}
const Ear = portType('Ear', { requests: [Tell], indications: [Tell] });
const Eye = portType('Eye', { requests: [Tell], indications: [Tell] });

/** Handles what it is told, and may have children. */
class Member extends Component {
  readonly ear = this.provides(Ear);
  readonly otherEar = this.provides(Ear);
  readonly eye = this.provides(Eye);

  constructor(
    readonly context: Context,
    script: (self: Member) => void = () => undefined,
  ) {
    super(context);
    this.control.upon(Start, () => undefined);
    this.ear.upon(Tell, () => undefined);
    script(this);
  }

  child(): Child {
    return this.create(Child);
  }
}

class Child extends Component {
  readonly ear = this.requires(Ear);
}

class Mouth extends Component {
  readonly ear = this.requires(Ear);
  readonly otherEar = this.requires(Ear);
  readonly eye = this.requires(Eye);
}

/** A member with a child that speaks to it, and a mouth that is joined to it three times. */
function assembled(): { system: System; settle: () => void; mouth: Mouth } {
  const { system, settle } = new VirtualSystem();
  const member = system.create(Member, (self) => void self.ear.connect(self.child().ear));
  const mouth = system.create(Mouth);
  member.ear.connect(mouth.ear);
  member.eye.connect(mouth.eye);
  member.otherEar.connect(mouth.otherEar);
  return { system, settle, mouth };
}

/** The same, when it has handled one event, was stopped, and got two more. */
function lived(): System {
  const { system, settle, mouth } = assembled();
  void system.start();
  mouth.ear.next(new Tell('a'));
  settle();
  void system.stop();
  settle();
  mouth.ear.next(new Tell('b'));
  mouth.ear.next(new Tell('c'));
  return system;
}

describe('2.12 Introspection', () => {
  test('the graph lists components, ports, channels, queue depths and counts, as JSON', () => {
    const graph: unknown = JSON.parse(JSON.stringify(lived().graph()));

    const ports = (role: string, ...names: readonly string[]): object => ({
      ports: names.map((name) => ({ name, type: name === 'eye' ? 'Eye' : 'Ear', role })),
    });
    const idle = { state: 'stopped', queuedEvents: 0, handledEvents: 0 };
    const channel = (type: string, provided: string, required: string): object => ({
      type,
      provided: `p/Member.${provided}`,
      required: `p/${required}`,
    });
    expect(graph).toStrictEqual({
      components: [
        { path: 'p', type: 'system', ...idle, ports: [] },
        {
          ...{ path: 'p/Member', type: 'Member', state: 'stopped' },
          ...{ queuedEvents: 2, handledEvents: 1, ...ports('provided', 'ear', 'otherEar', 'eye') },
        },
        { path: 'p/Member/Child', type: 'Child', ...idle, ...ports('required', 'ear') },
        { path: 'p/Mouth', type: 'Mouth', ...idle, ...ports('required', 'ear', 'otherEar', 'eye') },
      ],
      channels: [
        channel('Ear', 'ear', 'Member/Child.ear'),
        channel('Ear', 'ear', 'Mouth.ear'),
        channel('Ear', 'otherEar', 'Mouth.otherEar'),
        channel('Eye', 'eye', 'Mouth.eye'),
      ],
    });
  });

  test('as Mermaid: components within their parents, one arrow for all channels between two', () => {
    expect(toMermaid(lived().graph()).split('\n')).toStrictEqual([
      'flowchart LR',
      '  subgraph c0["p"]',
      '    subgraph c1_frame["Member"]',
      '      c1["Member"]',
      '      c2["Child"]',
      '    end',
      '    c3["Mouth"]',
      '  end',
      '  c2 -->|"Ear"| c1',
      '  c3 -->|"Ear x2, Eye"| c1',
      '',
    ]);
  });

  test('as DOT: the same picture, with clusters for parents', () => {
    expect(toDot(lived().graph()).split('\n')).toStrictEqual([
      'digraph {',
      '  rankdir=LR',
      '  graph [fontname="sans-serif" style=rounded]',
      '  node [fontname="sans-serif" shape=box style=rounded]',
      '  edge [fontname="sans-serif" fontsize=10]',
      '  subgraph cluster_c0 {',
      '    label="p"',
      '    subgraph cluster_c1 {',
      '      label="Member"',
      '      c1 [label="Member"]',
      '      c2 [label="Child"]',
      '    }',
      '    c3 [label="Mouth"]',
      '  }',
      '  c2 -> c1 [label="Ear"]',
      '  c3 -> c1 [label="Ear x2, Eye"]',
      '}',
      '',
    ]);
  });

  test('live pictures also show what was handled, what waits, and who is not started', () => {
    const graph = lived().graph();

    expect(toMermaid(graph, { live: true })).toContain(
      '      c1["Member<br/>1 handled, 2 waiting, stopped"]\n      c2["Child<br/>stopped"]\n',
    );
    expect(toDot(graph, { live: true })).toContain(
      '      c1 [label="Member\\n1 handled, 2 waiting, stopped"]\n      c2 [label="Child\\nstopped"]\n',
    );
  });

  test('selected channels are marked, and in live pictures held ones, with what waits in them', () => {
    const { system } = new VirtualSystem();
    const member = system.create(Member);
    const mouth = system.create(Mouth);
    const [channel] = member.ear.connect(mouth.ear);
    member.eye.connectBy(mouth.eye, { requests: ({ word }) => word !== '' });
    channel?.hold();
    mouth.ear.next(new Tell('a'));
    const graph = system.graph();

    expect(toMermaid(graph)).toContain('-->|"Ear, Eye (selected)"|');
    expect(toMermaid(graph, { live: true })).toContain(
      '-->|"Ear (held, 1 waiting), Eye (selected)"|',
    );
    expect(toDot(graph, { live: true })).toContain('"Ear (held, 1 waiting), Eye (selected)"');
  });

  test('a plain picture is the same in every run of the same assembly, whatever has happened', () => {
    const before = assembled().system.graph();
    const after = lived().graph();

    expect(toMermaid(after)).toBe(toMermaid(before));
    expect(toDot(after)).toBe(toDot(before));
    expect(toMermaid(after, { live: true })).not.toBe(toMermaid(before, { live: true }));
  });

  const anyName = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.constantFrom(
      'end',
      'a/b',
      'a.b',
      '"',
      '\\',
      '\\"',
      '#',
      '&quot;',
      '`_a_`',
      '1. a',
      '--',
      '}',
    ),
    fc.constantFrom('\n', '\u2028', '\0', '\ud800', '<br/>', ']', '|', 'style:#;'),
  );

  test('any names give pictures that are well formed, with every component and every arrow', () => {
    fc.assert(
      fc.property(anyName, fc.array(anyName, { maxLength: 6 }), anyName, (root, names, type) => {
        const graph = chainOf(root, names, type);
        const inSystem = graph.components.length;

        for (const live of [false, true]) {
          expect(shapeOf(toMermaid(graph, { live }), mermaidLine)).toStrictEqual({
            ...{ unknown: [], depth: 0, boxes: inSystem, arrows: names.length },
          });
          expect(shapeOf(toDot(graph, { live }), dotLine)).toStrictEqual({
            ...{ unknown: [], depth: 0, boxes: inSystem, arrows: names.length },
          });
        }
      }),
      { numRuns: 200 },
    );
  });

  test('in Mermaid, a name is neither Markdown nor HTML nor an entity, and may have a stroke in it', () => {
    const names = ['1. one', '- two', '_three_', '<b>', '#35;', 'x/y'];

    expect(toMermaid(chainOf('p', names, 'Ear'))).toContain(
      [
        '  subgraph c0_frame["p"]',
        '    c0["p"]',
        '    subgraph c1_frame["1#46; one"]',
        '      c1["1#46; one"]',
        '      subgraph c2_frame["#45; two"]',
        '        c2["#45; two"]',
        '        subgraph c3_frame["#95;three#95;"]',
        '          c3["#95;three#95;"]',
        '          subgraph c4_frame["#60;b#62;"]',
        '            c4["#60;b#62;"]',
        '            subgraph c5_frame["#35;35#59;"]',
        '              c5["#35;35#59;"]',
        '              c6["x/y"]',
        '            end',
      ].join('\n'),
    );
  });

  test('the logger of a component is made once, when it first writes', () => {
    const asked: string[] = [];
    const logger = (path: string): Logger => {
      asked.push(path);
      return silentLogger;
    };
    const system = new System('p', { host: new VirtualHost(), logger });
    const { context } = system.create(Member);
    system.create(Member);

    context.log.info('one');
    context.log.info('two');

    expect(asked).toStrictEqual(['p/Member']);
  });

  test('counters and gauges are live, one per component, name and labels', () => {
    const { system } = new VirtualSystem();
    system.create(Member, ({ context }) => {
      context.counter('refusals', { type: 'a' }).add();
      context.counter('refusals', { type: 'a' }).add(2);
      context.counter('refusals', { type: 'b' }).add();
      context.gauge('depth').value = 7;
      context.gauge('depth').add(-2);
    });

    expect(
      system
        .counters()
        .map(({ kind, value, component, name, labels }) => [kind, value, component, name, labels]),
    ).toStrictEqual([
      ['counter', 3, 'p/Member', 'refusals', { type: 'a' }],
      ['counter', 1, 'p/Member', 'refusals', { type: 'b' }],
      ['gauge', 5, 'p/Member', 'depth', {}],
    ]);
  });

  test('a figure is either a counter or a gauge', () => {
    const { system } = new VirtualSystem();
    const { context } = system.create(Member);
    context.counter('depth');

    expect(() => context.gauge('depth')).toThrow('depth is either a counter or a gauge');
  });

  test('the figures of a killed component stay as they were', async () => {
    const { system } = new VirtualSystem();
    system.create(Member, ({ context }) => context.counter('refusals').add());

    await system.kill();

    expect(system.counters()).toMatchObject([{ name: 'refusals', value: 1 }]);
  });
});

/** Passes each word that is not empty on to those that require it, without its first letter. */
class Relay extends Component {
  readonly above = this.requires(Ear);
  readonly ear = this.provides(Ear);

  constructor(
    readonly context: Context,
    script: (self: Relay) => void = () => undefined,
  ) {
    super(context);
    this.control.upon(Start, () => undefined);
    this.above.upon(Tell, (tell) => {
      if (tell.word.startsWith('!')) throw new Error('told to');
      this.ear.next(tell.word.startsWith('=') ? tell : new Tell(tell.word.slice(1)));
    });
    script(this);
  }
}

class Answer extends event('Answer') {}
class Question extends request('Question', Answer) {}
const Asking = portType('Oracle', { requests: [Question], indications: [Answer] });

class Oracle extends Component {
  readonly oracle = this.provides(Asking);

  constructor(context: Context) {
    super(context);
    this.oracle.upon(Question, (question) => {
      this.oracle.answer(question, new Answer());
    });
  }
}

interface Line {
  readonly host: VirtualHost;
  readonly system: System;
  readonly relays: readonly Relay[];
  /** The end that the program outside holds before the first relay. */
  readonly source: { next(event: Tell): void };
}

/** `count` relays, one behind the other, and a client behind the last. */
function lineOf(count: number, options: SystemOptions = {}): Line {
  const host = new VirtualHost();
  const system = new System('p', { seed: 'test', host, ...options });
  const relays = Array.from({ length: count }, () => system.create(Relay));
  relays.slice(1).forEach((relay, index) => relays[index]?.ear.connect(relay.above));
  const [first, last] = [relays[0], relays.at(-1)];
  invariant(first !== undefined && last !== undefined, 'there is a relay');
  system.clientOf(last.ear).upon(Tell, () => undefined);
  return { host, system, relays, source: system.providerOf(first.above) };
}

/** What `system` traces from now on, as `id<cause Class word port`. */
function traceOf(system: System): string[] {
  const shown: string[] = [];
  system.trace.subscribe(({ id, cause, event, port }) => {
    const word = event instanceof Tell ? event.word : '';
    shown.push(`${String(id)}<${String(cause ?? '')} ${event.type} ${word} ${port}`);
  });
  return shown;
}

describe('2.12 Introspection', () => {
  describe('the trace', () => {
    test('shows each event that a component begins to handle, with what caused it', () => {
      const { host, system, source } = lineOf(2);
      const trace = traceOf(system);

      void system.start();
      host.advance(0);
      source.next(new Tell('abc'));
      source.next(new Tell('xyz'));
      host.advance(0);

      expect(trace).toStrictEqual([
        '1< Start  p/Relay.control',
        '2< Start  p/Relay-2.control',
        '3< Tell abc p/Relay.above',
        '4< Tell xyz p/Relay.above',
        '5<3 Tell bc p/Relay-2.above',
        '6<4 Tell yz p/Relay-2.above',
        '7<5 Tell c p/outside.Ear',
        '8<6 Tell z p/outside.Ear',
      ]);
    });

    test('an event that is handed on as it is gets an id of its own, and its cause', () => {
      const { host, system, source } = lineOf(1);
      void system.start();
      host.advance(0);
      const trace = traceOf(system);

      source.next(new Tell('=same'));
      host.advance(0);

      expect(trace).toStrictEqual(['1< Tell =same p/Relay.above', '2<1 Tell =same p/outside.Ear']);
    });

    test('tells when an event arrived and when its handling began', () => {
      const { host, system, source } = lineOf(1);
      const times: unknown[] = [];
      system.trace.subscribe(({ event, arrivedMs, atMs }) =>
        times.push([event.type, arrivedMs, atMs]),
      );
      source.next(new Tell(''));
      host.advance(30);

      void system.start();
      host.advance(0);

      expect(times).toStrictEqual([
        ['Start', 30, 30],
        ['Tell', 0, 30],
        ['Tell', 30, 30],
      ]);
    });

    test('passes tapped channels, and what observers of a port trigger is caused by what they saw', () => {
      const { host, system, relays, source } = lineOf(2);
      const [first, second] = relays;
      const echo = system.create(Relay);
      const [channel] = first && second ? second.ear.connect(echo.above) : [];
      const passed: string[] = [];
      channel?.indications.subscribe(({ word }) => passed.push(word));
      echo.above.pipe(map(({ word }) => new Tell(`seen ${word}`))).subscribe(echo.ear);
      system.clientOf(echo.ear).upon(Tell, () => undefined);
      void system.start();
      host.advance(0);
      const trace = traceOf(system);

      source.next(new Tell('abc'));
      host.advance(0);
      source.next(new Tell('xyz'));

      expect(passed).toStrictEqual(['c']);
      expect(trace).toStrictEqual([
        '1< Tell abc p/Relay.above',
        '2<1 Tell bc p/Relay-2.above',
        '3<2 Tell c p/outside.Ear',
        '4<2 Tell c p/Relay-3.above',
        '5<4 Tell  p/outside.Ear-3',
        '6<4 Tell seen c p/outside.Ear-3',
      ]);
    });

    test('passes channels that are selected by key, or held: then resuming has caused nothing', () => {
      const { host, system, relays, source } = lineOf(1);
      const [relay] = relays;
      const far = system.create(Relay);
      const byLength = new Key(Tell, ({ word }) => word.length).is(2);
      const channel = relay?.ear.connectBy(far.above, { indications: byLength });
      system.clientOf(far.ear).upon(Tell, () => undefined);
      void system.start();
      host.advance(0);
      source.next(new Tell('abc'));
      host.advance(0);
      const trace = traceOf(system);

      source.next(new Tell('abc'));
      host.advance(0);
      channel?.hold();
      source.next(new Tell('xyz'));
      host.advance(0);
      channel?.resume();
      host.advance(0);

      expect(trace).toStrictEqual([
        '1< Tell abc p/Relay.above',
        '2<1 Tell bc p/outside.Ear',
        '3<1 Tell bc p/Relay-2.above',
        '4<3 Tell c p/outside.Ear-3',
        '5< Tell xyz p/Relay.above',
        '6<5 Tell yz p/outside.Ear',
        '7< Tell yz p/Relay-2.above',
        '8<7 Tell z p/outside.Ear-3',
      ]);
    });

    test('what the program outside triggers has no cause; what follows a failure, the event that failed', () => {
      const { host, system, source } = lineOf(1, { onFault: () => undefined });
      const member = system.create(Member);
      const client = system.clientOf(member.ear);
      member.ear.subscribe(); // An observer sees an event after its handlers.
      void system.start();
      host.advance(0);
      const trace = traceOf(system);

      client.next(new Tell('a'));
      host.advance(0);
      host.after(5, () => client.next(new Tell('b')));
      host.advance(5);
      source.next(new Tell('!'));
      client.next(new Tell('c'));
      host.advance(0);

      expect(trace).toStrictEqual([
        '1< Tell a p/Member.ear',
        '2< Tell b p/Member.ear',
        '3< Tell ! p/Relay.above',
        '4<3 Kill  p/Relay.control',
        '5<3 Kill  p/Member.control',
      ]);
    });

    test('calls a port as the component does that holds it now', async () => {
      class Former extends Component {
        readonly mouth = this.requires(Ear);
        constructor(context: Context) {
          super(context);
          this.mouth.upon(Tell, () => undefined);
        }
      }
      class Latter extends Component {
        readonly beak = this.requires(Ear);
        constructor(context: Context) {
          super(context);
          this.beak.upon(Tell, () => undefined);
        }
      }
      const { system, settle } = new VirtualSystem();
      const former = system.create(Former);
      const source = system.providerOf(former.mouth);
      const trace = traceOf(system);
      void system.start();
      source.next(new Tell('one'));
      settle();
      const replaced = system.replace(former, Latter, []);
      settle();
      await replaced;
      source.next(new Tell('two'));
      settle();

      expect(trace.filter((line) => line.includes('Tell'))).toStrictEqual([
        expect.stringMatching(/Tell one p\/Former\.mouth$/),
        expect.stringMatching(/Tell two p\/.*\.beak$/),
      ]);
    });

    test('what waited untraced when somebody began to observe causes nothing that is shown', () => {
      const { host, system, relays, source } = lineOf(2);
      void system.start();
      host.advance(0);
      const [, second] = relays;
      source.next(new Tell('ab'));
      const plain = second && system.providerOf(second.above);
      plain?.next(new Tell('xy'));
      const trace = traceOf(system);
      source.next(new Tell('cd'));

      host.advance(0);

      expect(trace).toStrictEqual([
        '1< Tell cd p/Relay.above',
        '2< Tell b p/Relay-2.above',
        '3<1 Tell d p/Relay-2.above',
        '4< Tell y p/outside.Ear',
        '5<2 Tell  p/outside.Ear',
        '6<3 Tell  p/outside.Ear',
      ]);
    });

    test('an answer is caused by the request, as far as it was handed on', () => {
      const { host, system } = lineOf(1);
      const oracle = system.create(Oracle);
      const client = system.clientOf(oracle.oracle);
      client.upon(Answer, () => undefined);
      void system.start();
      host.advance(0);
      const trace = traceOf(system);

      client.next(new Question());
      host.advance(0);

      expect(trace).toStrictEqual(['1< Question  p/Oracle.oracle', '2<1 Answer  p/outside.Oracle']);
    });

    test('a component that ends in a handler runs no further one', () => {
      const { host, system, relays, source } = lineOf(1);
      const [relay] = relays;
      const killer = relay && system.clientOf(relay.control);
      const trace = traceOf(system);
      const heard: string[] = [];
      relay?.above.upon(Tell, () => killer?.next(new Kill()));
      relay?.above.upon(Tell, ({ word }) => heard.push(word));
      void system.start();
      host.advance(0);

      source.next(new Tell('a'));
      host.advance(0);

      expect(heard).toStrictEqual([]);
      expect(trace.slice(1, 3)).toStrictEqual([
        '2< Tell a p/Relay.above',
        '3<2 Kill  p/Relay.control',
      ]);
    });

    test('the end of a component is caused by what ended it, its start by nothing', () => {
      const { host, system, relays, source } = lineOf(1);
      const victim = system.create(
        Relay,
        ({ control }) => void control.upon(Kill, () => undefined),
      );
      system.providerOf(victim.above);
      const killer = system.clientOf(victim.control);
      relays[0]?.above.upon(Tell, () => killer.next(new Kill()));
      void system.start();
      host.advance(0);
      const trace = traceOf(system);

      source.next(new Tell('a'));
      host.advance(0);
      relays[0]?.above.upon(Tell, () => void system.create(Member));
      const [client] = relays.map(({ ear }) => system.clientOf(ear));
      client?.subscribe(); // An observer sees an event after its handlers.
      source.next(new Tell('b'));
      host.advance(0);
      const last = system.create(Relay);
      system.clientOf(last.control).next(new Kill());
      source.next(new Tell('c'));
      host.advance(0);

      expect(trace).toStrictEqual([
        '1< Tell a p/Relay.above',
        '2<1 Kill  p/Relay-2.control',
        '3<1 Tell  p/outside.Ear',
        '4< Tell b p/Relay.above',
        '5<4 Tell  p/outside.Ear',
        '6<4 Tell  p/outside.Ear-4',
        '7< Start  p/Member.control',
        '8< Kill  p/Relay-3.control',
        '9< Tell c p/Relay.above',
        '10<9 Tell  p/outside.Ear',
        '11<9 Tell  p/outside.Ear-4',
        '12< Start  p/Member-2.control',
      ]);
    });

    const words = fc.array(fc.string({ maxLength: 6 }).map((word) => word.replace('!', '=')));

    test('causes form a forest: every cause was shown before, and ids count up from 1', () => {
      fc.assert(
        fc.property(words, fc.integer({ min: 1, max: 5 }), (told, count) => {
          const { host, system, source } = lineOf(count);
          const entries: TraceEntry[] = [];
          system.trace.subscribe((entry) => entries.push(entry));
          void system.start();
          for (const word of told) source.next(new Tell(word));
          host.advance(0);

          expect(entries.map(({ id }) => id)).toStrictEqual(entries.map((_, index) => index + 1));
          for (const { id, cause = 0 } of entries) expect(cause).toBeLessThan(id);
          const roots = entries.filter(({ cause, event }) => !cause && event instanceof Tell);
          expect(roots.map(({ event }) => event)).toMatchObject(told.map((word) => ({ word })));
          expect(entries).toHaveLength(count + told.length * (count + 1));
        }),
        { numRuns: 50 },
      );
    });

    test('the same seed and inputs give the same trace, and the run is the same without one', () => {
      fc.assert(
        fc.property(words, (told) => {
          const run = (traced: boolean): readonly unknown[] => {
            const { host, system, relays, source } = lineOf(3);
            const above = relays.map(({ ear }) => ear);
            for (const ear of above) {
              ear.connect(...Array.from('abc', () => system.create(Relay).above));
            }
            const trace = traced ? traceOf(system) : [];
            void system.start();
            for (const word of told) source.next(new Tell(word));
            host.advance(0);
            return [trace, system.graph(), system.counters()];
          };

          expect(run(true)).toStrictEqual(run(true));
          expect(run(true).slice(1)).toStrictEqual(run(false).slice(1));
        }),
        { numRuns: 20 },
      );
    });

    test('handlers that come or go while an event waits have the same effect as without a trace', () => {
      const { system, settle } = new VirtualSystem();
      const letters: string[] = [];
      system.deadLetters.subscribe(({ reason, port }) => letters.push(`${reason} ${port}`));
      const heard: string[] = [];
      const member = system.create(Member);
      const client = system.clientOf(member.eye);
      const trace = traceOf(system);
      const going = member.eye.upon(Tell, () => heard.push('gone'));
      void system.start();
      client.next(new Tell('a'));
      going.unsubscribe();
      settle();
      const leaving = member.eye.upon(Tell, () => heard.push('left'));
      client.next(new Tell('b'));
      leaving.unsubscribe();
      member.eye.upon(Tell, () => heard.push('second'));
      settle();

      expect(letters).toStrictEqual(['unhandled p/Member.eye']);
      expect(heard).toStrictEqual(['second']);
      expect(trace.slice(1)).toStrictEqual(['2< Tell b p/Member.eye']);
    });

    test('costs nothing when nobody observes it any more, not even for what waits', () => {
      /** How often the clock is read for so many events. */
      const readings = (observe: (system: System, run: () => void) => void): number => {
        const host = new VirtualHost();
        let count = 0;
        const now = host.now.bind(host);
        host.now = () => {
          count += 1;
          return now();
        };
        const { system, source } = lineOf(3, { host });
        void system.start();
        host.advance(0);
        const tell = (): void => {
          for (let told = 0; told < 50; told += 1) source.next(new Tell('abc'));
        };
        observe(system, () => {
          tell();
          host.advance(0);
        });
        count = 0;
        tell();
        host.advance(0);
        return count;
      };
      const trace: TraceEntry[] = [];
      const untraced = readings(() => undefined);

      expect(readings((system) => system.trace.subscribe())).toBeGreaterThan(untraced + 100);
      expect(
        readings((system, run) => {
          const first = system.trace.subscribe();
          const second = system.trace.subscribe((entry) => trace.push(entry));
          first.unsubscribe();
          run();
          second.unsubscribe();
        }),
      ).toBe(untraced);
      expect(trace).toHaveLength(200);
    });

    test('what an observer throws harms nobody, and is reported elsewhere, as everywhere in RxJS', () => {
      const { host, system, source } = lineOf(1);
      const reported: unknown[] = [];
      const { onUnhandledError } = config;
      config.onUnhandledError = (error) => reported.push(error);
      jest.useFakeTimers();
      try {
        system.trace.subscribe(() => {
          throw new Error('observer');
        });
        const trace = traceOf(system);
        void system.start();
        source.next(new Tell('ab'));
        host.advance(0);
        jest.runAllTimers();

        expect(trace).toHaveLength(3);
        expect(reported).toHaveLength(3);
        expect(system.graph().components.every(({ state }) => state === 'started')).toBe(true);
      } finally {
        jest.useRealTimers();
        config.onUnhandledError = onUnhandledError;
      }
    });
  });
});

/** Components below one another, each of which provides to the one below it a port of `type`. */
function chainOf(root: string, names: readonly string[], type: string): Graph {
  const paths = names.reduce((above, name) => [...above, `${above.at(-1) ?? ''}/${name}`], [root]);
  const idle = { type, state: 'created', queuedEvents: 1, handledEvents: 1 } as const;
  const components = paths.map((path) => {
    const provided = { name: type, type, role: 'provided' } as const;
    return {
      path,
      ...idle,
      ports: [provided, { name: `${type}!`, type, role: 'required' } as const],
    };
  });
  const channels = paths.slice(1).map((path, index) => ({
    ...{ type, provided: `${paths[index] ?? ''}.${type}`, required: `${path}.${type}!` },
  }));
  return { components, channels };
}

interface Grammar {
  readonly open: RegExp;
  readonly close: RegExp;
  /** A component that stands in no other form. */
  readonly box: RegExp;
  readonly arrow: RegExp;
  readonly other: RegExp;
}

/** In Mermaid, quoted text is safe if nothing in it but entities and `<br/>` can mean something. */
const mermaidText = String.raw`"(?:[\p{L}\p{N} .,/()-]|#\d+;|<br/>)+"`;
const mermaidLine: Grammar = {
  open: new RegExp(String.raw`^ *subgraph c\d+(_frame)?\[${mermaidText}\]$`, 'u'),
  close: /^ *end$/,
  box: new RegExp(String.raw`^ *c\d+\[${mermaidText}\]$`, 'u'),
  arrow: new RegExp(String.raw`^ {2}c\d+ -->\|${mermaidText}\| c\d+$`, 'u'),
  other: /^(flowchart LR)?$/,
};

/** As the manual of Graphviz has quoted strings; other escapes than these would mean something. */
const dotText = String.raw`"(?:[^"\\&\p{Cc}\p{Cs}]|\\["\\n]|&amp;)*"`;
const dotLine: Grammar = {
  open: /^( *subgraph cluster_c\d+|digraph) \{$/,
  close: /^ *\}$/,
  box: new RegExp(String.raw`^ *c\d+ \[label=${dotText}\]$`, 'u'),
  arrow: new RegExp(String.raw`^ {2}c\d+ -> c\d+ \[label=${dotText}\]$`, 'u'),
  other: new RegExp(
    String.raw`^( *label=${dotText}| {2}(graph|node|edge) \[.*\]| {2}rankdir=LR|)$`,
    'u',
  ),
};

/** How many components and arrows `text` has, how many brackets stay open, and what is no line. */
function shapeOf(text: string, grammar: Grammar): object {
  const lines = text.split('\n');
  const count = (form: RegExp): number => lines.filter((line) => form.test(line)).length;
  const known = Object.values(grammar) as RegExp[];
  const ids = lines.flatMap(
    (line) => /^ *(?:subgraph )?(?:cluster_)?(c\d+)[ _[]/.exec(line)?.[1] ?? [],
  );
  return {
    unknown: lines.filter((line) => !known.some((form) => form.test(line))),
    depth: count(grammar.open) - count(grammar.close),
    boxes: new Set(ids).size,
    arrows: count(grammar.arrow),
  };
}
