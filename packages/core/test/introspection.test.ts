import {
  Component,
  System,
  VirtualHost,
  event,
  portType,
  toDot,
  toMermaid,
  type Context,
  type Graph,
} from '@jbstore/core';
import fc from 'fast-check';

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

function setUp(): { system: System; settle: () => void } {
  const host = new VirtualHost();
  return { system: new System('p', { seed: 'test', host }), settle: () => host.advance(0) };
}

/** A member with a child that speaks to it, and a mouth that is joined to it three times. */
function assembled(): { system: System; settle: () => void; mouth: Mouth } {
  const { system, settle } = setUp();
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

  test('in Mermaid, a name is neither Markdown nor HTML nor an entity', () => {
    const names = ['1. one', '- two', '_three_', '<b>', '#35;'];

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
        '            c5["#35;35#59;"]',
      ].join('\n'),
    );
  });

  test('counters and gauges are live, one per component, name and labels', () => {
    const { system } = setUp();
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
    const { system } = setUp();
    const { context } = system.create(Member);
    context.counter('depth');

    expect(() => context.gauge('depth')).toThrow('depth is either a counter or a gauge');
  });

  test('the figures of a killed component stay as they were', async () => {
    const { system } = setUp();
    system.create(Member, ({ context }) => context.counter('refusals').add());

    await system.kill();

    expect(system.counters()).toMatchObject([{ name: 'refusals', value: 1 }]);
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
