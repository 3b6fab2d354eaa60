import {
  Component,
  Start,
  event,
  portType,
  request,
  type Context,
  type Directive,
} from '@jbstore/core';
import { Address, Network, message } from '@jbstore/network/port';
import {
  AmbiguousScriptError,
  Harness,
  MalformedScriptError,
  Processes,
  ScriptError,
  UnexpectedEventsError,
  type BlockBuilder,
  type Script,
} from '@jbstore/testkit';
import { HostTimer } from '@jbstore/timer';
import { ScheduleTimeout, Timeout, Timer } from '@jbstore/timer/port';
import fc from 'fast-check';

class Say extends event('Say') {
  constructor(readonly text: string) {
    super();
  }
}
class Letter extends event('Letter') {
  constructor(readonly letter: string) {
    super();
  }
}
class Capital extends Letter {}
const Speech = portType('Speech', { requests: [Say], indications: [Letter] });

class Pause extends Timeout {
  constructor(readonly then: string) {
    super();
  }
}

/** Says letter by letter what it is told; at a `?` it waits 10 ms before it says `.`, at a `!` it fails. */
class Speaker extends Component {
  readonly speech = this.provides(Speech);
  readonly timer = this.requires(Timer);

  constructor(context: Context, greeting = '') {
    super(context);

    this.control.upon(Start, () => {
      this.#say(greeting);
    });

    this.speech.upon(Say, ({ text }) => {
      this.#say(text);
    });

    this.timer.upon(Pause, ({ then }) => {
      this.#say(then);
    });
  }

  #say(text: string): void {
    for (const letter of text) this.#sayLetter(letter);
  }

  #sayLetter(letter: string): void {
    if (letter === '!') throw new RangeError('out of breath');
    if (letter === '?') this.timer.next(new ScheduleTimeout(10, new Pause('.')));
    else if (/[A-Z]/.test(letter)) this.speech.next(new Capital(letter));
    else this.speech.next(new Letter(letter));
  }
}

function setUp(greeting?: string) {
  const harness = new Harness();
  const speaker = harness.create(Speaker, greeting);
  const speech = harness.clientOf(speaker.speech);
  const timer = harness.providerOf(speaker.timer);
  return { harness, speech, timer };
}

/** With a real timer, and a relay before it. */
function setUpRelay() {
  const harness = new Harness();
  const speaker = harness.create(Speaker);
  const speech = harness.clientOf(speaker.speech);
  const timer = harness.between(harness.create(HostTimer).timer, speaker.timer);
  return { harness, speech, timer };
}

/** Whether a script of one block takes what a speaker says. */
function takes(text: string, write: (block: BlockBuilder, setting: Setting) => unknown): boolean {
  const setting = setUp();
  const script = setting.harness
    .script()
    .start()
    .trigger(setting.speech, new Say(text))
    .block((block) => write(block, setting));
  return failureOf(script) === undefined;
}
type Setting = ReturnType<typeof setUp>;

function failureOf(script: Script): ScriptError | undefined {
  try {
    script.run();
    return undefined;
  } catch (error) {
    if (error instanceof ScriptError) return error;
    throw error;
  }
}

/** Takes the letter `letter`. */
function is(letter: string): (event: Letter) => boolean {
  return (event) => event.letter === letter;
}

describe('expect', () => {
  test.each([
    ['ab', true],
    ['ba', false],
    ['a', false],
    ['abb', false],
    ['', false],
  ])('takes events in their order, all of them and no other: %p', (text, taken) => {
    expect(
      takes(text, (block, { speech }) =>
        block.expect(speech, Letter, is('a')).expect(speech, Letter, is('b')),
      ),
    ).toBe(taken);
  });

  test('takes subclasses by their class, and no superclass', () => {
    expect(takes('aA', (it, { speech }) => it.expect(speech, Letter).expect(speech, Letter))).toBe(
      true,
    );
    expect(takes('A', (it, { speech }) => it.expect(speech, Capital))).toBe(true);
    expect(takes('a', (it, { speech }) => it.expect(speech, Capital))).toBe(false);
  });

  test('takes an event by what it equals, deeply', () => {
    expect(takes('a', (it, { speech }) => it.expect(speech, new Letter('a')))).toBe(true);
    expect(takes('b', (it, { speech }) => it.expect(speech, new Letter('a')))).toBe(false);
    expect(takes('A', (it, { speech }) => it.expect(speech, new Letter('A')))).toBe(false);
    expect(
      takes('?', (it, { timer }) => it.expect(timer, new ScheduleTimeout(10, new Pause('.')))),
    ).toBe(true);
    expect(
      takes('?', (it, { timer }) => it.expect(timer, new ScheduleTimeout(10, new Pause('!')))),
    ).toBe(false);
  });

  test('sees the ports as one sequence, in the order in which events left', () => {
    const inOrder = (it: BlockBuilder, { speech, timer }: Setting) =>
      it.expect(speech, Letter).expect(timer, ScheduleTimeout).expect(speech, Letter);

    expect(takes('a?a', inOrder)).toBe(true);
    expect(takes('aa?', inOrder)).toBe(false);
    expect(takes('?aa', inOrder)).toBe(false);
  });

  test('asks each condition once about each event, and what it throws is thrown by run', () => {
    const asked: string[] = [];
    const note = ({ letter }: Letter): boolean => {
      asked.push(letter);
      return true;
    };
    expect(
      takes('ab', (it, { speech }) =>
        it.repeat(2, (round) => {
          round.anyTimes((any) => any.expect(speech, Letter, note));
        }),
      ),
    ).toBe(true);
    expect(asked).toStrictEqual(['a', 'b']);

    const throwing = (): boolean => {
      throw new TypeError('no letter');
    };
    expect(() => takes('a', (it, { speech }) => it.expect(speech, Letter, throwing))).toThrow(
      new TypeError('no letter'),
    );
  });
});

describe('rules', () => {
  test('allow: such events may come at any time, and others may not', () => {
    const vowels = (it: BlockBuilder, { speech }: Setting) =>
      it
        .allow(speech, Letter, is('a'))
        .expect(speech, Letter, is('b'))
        .expect(speech, Letter, is('c'));

    expect(takes('bc', vowels)).toBe(true);
    expect(takes('aabaac', vowels)).toBe(true);
    expect(takes('abxc', vowels)).toBe(false);
    expect(takes('aa', vowels)).toBe(false);
  });

  test('allow: without a pattern, all at the port', () => {
    const noise = (it: BlockBuilder, { speech, timer }: Setting) =>
      it.allow(speech).expect(timer, ScheduleTimeout);

    expect(takes('aB?', noise)).toBe(true);
    expect(takes('aB', noise)).toBe(false);
  });

  test('what is expected is not allowed only', () => {
    expect(takes('aa', (it, { speech }) => it.allow(speech).expect(speech, Letter, is('a')))).toBe(
      false,
    );
  });

  test('hold in their block, from its first step to its last', () => {
    const inner = (it: BlockBuilder, { speech }: Setting) =>
      it
        .expect(speech, Letter, is('a'))
        .block((block) => block.allow(speech, Letter, is('x')).expect(speech, Letter, is('b')))
        .expect(speech, Letter, is('c'));

    expect(takes('axbc', inner)).toBe(true);
    expect(takes('xabc', inner)).toBe(false);
    expect(takes('abxc', inner)).toBe(false);
  });

  test('hold for what follows from an action at the end of their block', () => {
    const { harness, speech } = setUp();

    harness
      .script()
      .start()
      .repeat(2, (round) =>
        round.allow(speech, Letter, is('x')).block((last) => last.trigger(speech, new Say('xx'))),
      )
      .trigger(speech, new Say('a'))
      .expect(speech, new Letter('a'))
      .run();
  });

  test('of the script itself hold until its end', () => {
    const { harness, speech } = setUp('xaxx');

    harness.script().allow(speech, Letter, is('x')).start().expect(speech, Letter, is('a')).run();
  });

  test('disallow: takes back what a block around allows, and an inner block can allow it again', () => {
    const scoped = (it: BlockBuilder, { speech }: Setting) =>
      it
        .allow(speech, Letter)
        .expect(speech, Capital, is('A'))
        .block((silent) =>
          silent
            .disallow(speech, Letter, is('x'))
            .expect(speech, Capital, is('B'))
            .block((loud) => loud.allow(speech, Letter, is('x')).expect(speech, Capital, is('C'))),
        );

    expect(takes('xAyBxC', scoped)).toBe(true);
    expect(takes('AxBC', scoped)).toBe(false);
  });

  test('the last rule of a block wins', () => {
    const lastWins = (it: BlockBuilder, { speech }: Setting) =>
      it.allow(speech).disallow(speech, Letter, is('x')).expect(speech, Letter, is('a'));

    expect(takes('ya', lastWins)).toBe(true);
    expect(takes('xa', lastWins)).toBe(false);
  });

  test('drop: such events are seen, and not handed on, in either direction', () => {
    const { harness, speech, timer } = setUpRelay();

    harness
      .script()
      .start()
      .block((deaf) =>
        deaf
          .drop(timer.requests, ScheduleTimeout)
          .trigger(speech, new Say('a?'))
          .expect(speech, new Letter('a'))
          .advance(100),
      )
      .block((mute) =>
        mute
          .drop(timer.indications, Pause)
          .trigger(speech, new Say('?'))
          .expect(timer.requests, ScheduleTimeout)
          .advance(100),
      )
      .trigger(speech, new Say('?'))
      .expect(timer.requests, ScheduleTimeout)
      .advance(10)
      .expect(timer.indications, Pause)
      .expect(speech, new Letter('.'))
      .run();
  });

  test('drop: what is expected is handed on', () => {
    const { harness, speech, timer } = setUpRelay();

    harness
      .script()
      .drop(timer.indications)
      .start()
      .trigger(speech, new Say('??'))
      .repeat(2, (round) => round.expect(timer.requests, ScheduleTimeout))
      .advance(10)
      .expect(timer.indications, Pause)
      .expect(speech, new Letter('.'))
      .run();
  });
});

describe('sometime', () => {
  const greeted = (it: BlockBuilder, { speech }: Setting) =>
    it
      .sometime(speech, Letter, is('x'))
      .expect(speech, Letter, is('a'))
      .expect(speech, Letter, is('b'));

  test.each([
    ['xab', true],
    ['axb', true],
    ['abx', true],
    ['ab', false],
    ['xabx', false],
  ])('comes once in its block, no matter when: %p', (text, taken) => {
    expect(takes(text, greeted)).toBe(taken);
  });

  test('has to have come by the end of its block, in each round anew', () => {
    const twice = (it: BlockBuilder, setting: Setting) =>
      it.repeat(2, (round) => greeted(round, setting)).expect(setting.speech, Letter, is('c'));

    expect(takes('xababxc', twice)).toBe(true);
    expect(takes('xaxbabc', twice)).toBe(false);
    expect(takes('xababcx', twice)).toBe(false);
  });

  test('may come in a block within its block', () => {
    const around = (it: BlockBuilder, { speech }: Setting) =>
      it
        .sometime(speech, Letter, is('x'))
        .block((inner) => inner.expect(speech, Letter, is('a')).expect(speech, Letter, is('b')));

    expect(takes('axb', around)).toBe(true);
    expect(takes('aab', around)).toBe(false);
  });
});

describe('order', () => {
  test.each([
    ['abC', true],
    ['Cab', true],
    ['bCa', true],
    ['ab', false],
    ['abb', false],
    ['abCa', false],
  ])('unordered: all of them, in any order: %p', (text, taken) => {
    expect(
      takes(text, (it, { speech }) =>
        it.unordered((any) =>
          any
            .expect(speech, Letter, is('a'))
            .expect(speech, Letter, is('b'))
            .expect(speech, Capital),
        ),
      ),
    ).toBe(taken);
  });

  test('unordered: an event that fits several leaves each of them open', () => {
    const overlapping = (it: BlockBuilder, { speech }: Setting) =>
      it.unordered((any) => any.expect(speech, Letter).expect(speech, Letter, is('a')));

    expect(takes('ab', overlapping)).toBe(true);
    expect(takes('ba', overlapping)).toBe(true);
    expect(takes('bb', overlapping)).toBe(false);
  });

  test.each([
    [0, '', true],
    [0, 'a', false],
    [3, 'aaa', true],
    [3, 'aa', false],
    [3, 'aaaa', false],
  ])('repeat(%d): %p', (times, text, taken) => {
    expect(
      takes(text, (it, { speech }) =>
        it.repeat(times, (round) => round.expect(speech, Letter, is('a'))),
      ),
    ).toBe(taken);
  });

  test('anyTimes: gives back what the rest needs', () => {
    const rest = (it: BlockBuilder, { speech }: Setting) =>
      it
        .anyTimes((any) => any.expect(speech, Letter, is('a')).expect(speech, Letter, is('b')))
        .expect(speech, Letter, is('a'))
        .expect(speech, Letter, is('c'));

    expect(takes('ac', rest)).toBe(true);
    expect(takes('ababac', rest)).toBe(true);
    expect(takes('abc', rest)).toBe(false);
    expect(takes('abab', rest)).toBe(false);
  });

  test('anyTimes: of nothing, or of what may be nothing, comes to an end', () => {
    const nothing = (it: BlockBuilder, { speech }: Setting) =>
      it
        .anyTimes(() => undefined)
        .anyTimes((any) => any.anyTimes((one) => one.expect(speech, Letter, is('a'))))
        .expect(speech, Capital);

    expect(takes('aaB', nothing)).toBe(true);
    expect(takes('aa', nothing)).toBe(false);
  });

  test('either: keeps all ways open that begin alike', () => {
    const ways = (it: BlockBuilder, { speech }: Setting) =>
      it
        .either(
          (one) => one.expect(speech, Letter, is('a')).expect(speech, Letter, is('b')),
          (other) => other.expect(speech, Letter, is('a')).expect(speech, Letter, is('c')),
          () => undefined,
        )
        .expect(speech, Capital);

    expect(takes('abD', ways)).toBe(true);
    expect(takes('acD', ways)).toBe(true);
    expect(takes('D', ways)).toBe(true);
    expect(takes('aD', ways)).toBe(false);
    expect(takes('abacD', ways)).toBe(false);
  });
});

describe('what a script does', () => {
  test('trigger, advance: once all that came before is taken, and in their order', () => {
    const { harness, speech, timer } = setUpRelay();

    harness
      .script()
      .start()
      .repeat(3, (round) =>
        round
          .trigger(speech, new Say('?'))
          .expect(timer.requests, ScheduleTimeout)
          .advance(9)
          .trigger(speech, new Say('a'))
          .expect(speech, new Letter('a'))
          .advance(1)
          .expect(timer.indications, Pause)
          .expect(speech, new Letter('.')),
      )
      .run();

    expect(harness.host.now()).toBe(30);
  });

  test('trigger: does not hide what had come before', () => {
    const { harness, speech } = setUp();
    const script = harness
      .script()
      .start()
      .trigger(speech, new Say('ab'))
      .expect(speech, new Letter('a'))
      .trigger(speech, new Say('c'))
      .expect(speech, new Letter('b'))
      .expect(speech, new Letter('c'));

    expect(failureOf(script)?.occurrence).toStrictEqual(new Letter('b'));
    expect(failureOf(script)?.step).toBe('4');
  });

  test('trigger: says in place of either side of a relay', () => {
    const { harness, speech, timer } = setUpRelay();

    harness
      .script()
      .start()
      .trigger(timer.indications, new Pause('b'))
      .expect(speech, new Letter('b'))
      .trigger(timer.requests, new ScheduleTimeout(5, new Pause('c')))
      .advance(5)
      .expect(timer.indications, new Pause('c'))
      .expect(speech, new Letter('c'))
      .do((came) => {
        expect(came.all(timer.indications, Pause)).toStrictEqual([new Pause('c')]);
      })
      .run();
  });

  test('answer: at once, each request as it comes', () => {
    const { harness, speech, timer } = setUp();
    const delays: number[] = [];

    harness
      .script()
      .start()
      .trigger(speech, new Say('??a'))
      .repeat(2, (round) =>
        round.answer(timer, ScheduleTimeout, ({ delayMs, timeout }) => {
          delays.push(delayMs);
          return timeout;
        }),
      )
      .expect(speech, new Letter('a'))
      .repeat(2, (round) => round.expect(speech, new Letter('.')))
      .run();

    expect(delays).toStrictEqual([10, 10]);
  });

  test('answer: gives the response to a request to its asker alone', () => {
    class Value extends event('Value') {}
    class Get extends request('Get', Value) {}
    const Cache = portType('Cache', { requests: [Get], indications: [Value] });
    class Front extends Component {
      readonly front = this.provides(Cache);
      readonly back = this.requires(Cache);

      constructor(context: Context) {
        super(context);
        this.front.upon(Get, (get) => {
          this.back.next(get);
        });
      }
    }
    const harness = new Harness();
    const { front, back } = harness.create(Front);
    const [asker, other] = [harness.clientOf(front), harness.clientOf(front)];
    const store = harness.providerOf(back);

    harness
      .script()
      .start()
      .trigger(asker, new Get())
      .answer(store, Get, () => new Value())
      .expect(asker, Value)
      .run();
    expect(other.take()).toStrictEqual([]);
  });

  test('answer: in any order, and only where its condition holds', () => {
    const { harness, speech, timer } = setUp();
    const script = (shortMs: number) =>
      harness
        .script()
        .start()
        .trigger(speech, new Say('?a'))
        .unordered((any) =>
          any.expect(speech, new Letter('a')).answer(
            timer,
            ScheduleTimeout,
            ({ timeout }) => timeout,
            ({ delayMs }) => delayMs <= shortMs,
          ),
        )
        .expect(speech, new Letter('.'));

    script(10).run();
    expect(failureOf(script(9))?.occurrence).toBeInstanceOf(ScheduleTimeout);
  });

  test('do: looks at what came', () => {
    const { harness, speech, timer } = setUp();
    const seen: unknown[] = [];

    harness
      .script()
      .start()
      .trigger(speech, new Say('aB?'))
      .expect(speech, Letter)
      .expect(speech, Letter)
      .expect(timer, ScheduleTimeout)
      .do((came) => seen.push(came.all(speech, Letter), came.last(speech, Letter)))
      .trigger(timer, (came) => came.last(timer, ScheduleTimeout).timeout)
      .expect(speech, new Letter('.'))
      .run();

    expect(seen).toStrictEqual([[new Letter('a'), new Capital('B')], new Capital('B')]);
    expect(() => {
      const looking = harness.script().do((came) => came.last(speech, Letter));
      looking.run();
    }).toThrow(UnexpectedEventsError);
  });

  test('do: what it throws is thrown by run, as it is', () => {
    const { harness } = setUp();
    const script = harness.script().do(() => {
      throw new TypeError('not so');
    });

    expect(() => {
      script.run();
    }).toThrow(new TypeError('not so'));
  });
});

describe('fault', () => {
  const failing = (text = 'a!') => {
    const { harness, speech } = setUp();
    return { speech, script: harness.script().start().trigger(speech, new Say(text)) };
  };

  test('is taken by the class of its cause and a condition, after what came before it', () => {
    const { speech, script } = failing();

    script
      .expect(speech, new Letter('a'))
      .fault(RangeError, { condition: ({ message }) => message === 'out of breath' })
      .run();
  });

  test.each([
    ['another class', (it: BlockBuilder) => it.fault(TypeError)],
    ['another message', (it: BlockBuilder) => it.fault(RangeError, { condition: () => false })],
    ['no fault', (it: BlockBuilder) => it],
  ])('is not taken by %s', (_case, write) => {
    const { speech, script } = failing();
    write(script.expect(speech, new Letter('a')));

    const failure = failureOf(script);

    expect(failure?.message).toContain('faults: test/Speaker failed while handling Say');
    expect(failure?.cause).toMatchObject({ code: 'ERR_COMPONENT_FAULT' });
  });

  test('has to come', () => {
    const { speech, script } = failing('a');

    expect(failureOf(script.expect(speech, Letter).fault(RangeError))?.message).toContain(
      'a fault by RangeError',
    );
  });

  const supervised = (decide: Directive) => {
    const harness = new Harness();
    const speaker = harness.system.createWith({ supervision: { decide } }, Speaker, '');
    const speech = harness.clientOf(speaker.speech);
    harness.providerOf(speaker.timer);
    return { harness, speech, script: harness.script() };
  };

  test('is also one that a supervisor treats; the script goes on with the component', () => {
    const { speech, script } = supervised('restart');

    script
      .start()
      .trigger(speech, new Say('a!'))
      .expect(speech, new Letter('a'))
      .fault(RangeError, { decision: 'restart', component: 'test/Speaker' })
      .trigger(speech, new Say('b'))
      .expect(speech, new Letter('b'))
      .run();
  });

  test('that escalates comes once for each who decided about it', () => {
    const { speech, script } = supervised('escalate');

    script
      .start()
      .trigger(speech, new Say('!'))
      .fault(RangeError, { decision: 'escalate', component: 'test/Speaker' })
      .fault(RangeError, { decision: 'stop', component: 'test' })
      .run();
  });

  test.each([
    ['another decision', (it: BlockBuilder) => it.fault(RangeError, { decision: 'restart' })],
    ['another component', (it: BlockBuilder) => it.fault(RangeError, { component: 'test' })],
    ['no fault', (it: BlockBuilder) => it],
    [
      'a rule for another decision',
      (it: BlockBuilder) =>
        it.block((inner) => inner.allowFault(Error, { decision: 'stop' }).do(() => undefined)),
    ],
  ])('that is treated is not taken by %s', (_case, write) => {
    const { speech, script } = supervised('resume');
    write(script.start().trigger(speech, new Say('!')));

    const failure = failureOf(script);

    expect(failure?.message).toContain('out of breath; decision resume about test/Speaker');
    expect(failure?.cause).toMatchObject({ code: 'ERR_COMPONENT_FAULT' });
  });

  test('may come where it is allowed', () => {
    const { speech, script } = supervised('resume');

    script
      .allowFault(RangeError, { decision: 'resume' })
      .start()
      .trigger(speech, new Say('!b'))
      .trigger(speech, new Say('c!'))
      .expect(speech, new Letter('c'))
      .run();
  });

  test('of one process of several is taken', () => {
    const processes = new Processes('seed 1');
    const process = processes.create(Address.parse('p@host:1'), (system) => {
      const speaker = system.createWith({ supervision: { decide: 'stop' } }, Speaker, '!');
      system.providerOf(speaker.timer);
      return speaker;
    });

    const component = `${process.self}/Speaker`;
    processes.script().start().fault(RangeError, { decision: 'stop', component }).run();

    expect(failureOf(processes.script().fault(RangeError))).toBeInstanceOf(ScriptError);
  });
});

describe('run', () => {
  test('begins with what came before it and nobody took, in the order in which it came', () => {
    const { harness, speech, timer } = setUp('a?bc');
    harness.start();
    speech.takeAll(Letter);

    expect(failureOf(harness.script().expect(speech, Letter))?.occurrence).toBeInstanceOf(
      ScheduleTimeout,
    );
    expect([...speech.take(), ...timer.take()]).toStrictEqual([]);

    speech.trigger(new Say('a?b'));
    harness
      .script()
      .expect(speech, new Letter('a'))
      .answer(timer, ScheduleTimeout, ({ timeout }) => timeout)
      .expect(speech, new Letter('b'))
      .expect(speech, new Letter('.'))
      .run();
  });

  test('takes what it sees, and leaves what comes later', () => {
    const { harness, speech } = setUp('a');
    harness.script().start().expect(speech, Letter).run();
    expect(speech.take()).toStrictEqual([]);

    speech.trigger(new Say('b'));
    expect(speech.take()).toStrictEqual([new Letter('b')]);
  });

  test('a relay hands on what passes while no script runs', () => {
    const { harness, speech, timer } = setUpRelay();
    harness.start();

    speech.trigger(new Say('?'));
    harness.advance(10);

    expect(timer.requests.take()).toStrictEqual([new ScheduleTimeout(10, new Pause('.'))]);
    expect(timer.indications.takeOne(Pause).then).toBe('.');
    expect(speech.take()).toStrictEqual([new Letter('.')]);
  });

  test('sees several processes as one', () => {
    class Hello extends message('script/Hello', {}) {}
    class Friend extends Component {
      readonly network = this.requires(Network);
      readonly speech = this.provides(Speech);

      constructor(context: Context, friend: Address) {
        super(context);
        this.speech.upon(Say, () => {
          this.network.next(new Hello(friend, {}));
        });
        this.network.upon(Hello, () => {
          this.speech.next(new Letter('h'));
        });
      }
    }
    const processes = new Processes();
    const [p, q] = [Address.parse('p@host:1'), Address.parse('q@host:2')];
    const begin = (self: Address, friend: Address) => {
      const process = processes.create(self, (system, network) => {
        const component = system.create(Friend, friend);
        network.network.connect(component.network);
        return component;
      });
      return process.clientOf(process.component.speech);
    };
    const [ann, bob] = [begin(p, q), begin(q, p)];

    processes
      .script()
      .start()
      .trigger(ann, new Say('h'))
      .advance(1)
      .expect(bob, new Letter('h'))
      .trigger(bob, new Say('h'))
      .advance(1)
      .expect(ann, new Letter('h'))
      .run();
  });
});

describe('report', () => {
  const reportOf = (script: Script): string | undefined =>
    failureOf(script)?.message.replaceAll(/test\.ts:\d+/g, 'test.ts:LINE');

  test('says what came, what was awaited and where, and what had come before', () => {
    const { harness, speech } = setUp();
    const script = harness
      .script()
      .disallow(speech, Letter, is('x'))
      .start()
      .repeat(2, (round) =>
        round
          .sometime(speech, new Letter('s'))
          .trigger(speech, new Say('abx'))
          .expect(speech, new Letter('a'))
          .either(
            (one) => one.expect(speech, new Letter('b')).expect(speech, Letter, is('c')),
            (other) => other.expect(speech, Letter).advance(5),
          ),
      );

    expect(reportOf(script)).toMatchInlineSnapshot(`
     "the script does not take what came at 0 ms:
       test/Speaker.speech: Letter { letter: 'x' }
     which is disallowed by step 1 (packages/testkit/test/script.test.ts:LINE)
     awaited at that moment:
       step 3.4a.2 (packages/testkit/test/script.test.ts:LINE), round 1 of 2: test/Speaker.speech: Letter that fulfils its condition
       step 3.1 (packages/testkit/test/script.test.ts:LINE), round 1 of 2: test/Speaker.speech: Letter { letter: 's' }
       step 3.4b.2 (packages/testkit/test/script.test.ts:LINE), round 1 of 2: advance 5 ms, once nothing more comes
     last events:
       test/Speaker.speech:
         Say { text: 'abx' } at 0 ms, triggered by step 3.2
         Letter { letter: 'a' } at 0 ms, taken by step 3.3
         Letter { letter: 'b' } at 0 ms, taken by step 3.4a.1 or 3.4b.1
         Letter { letter: 'x' } at 0 ms, not taken
       test/Speaker.timer:
         none"
    `);
  });

  test('says so if nothing more came', () => {
    const { harness, speech } = setUp();
    const script = harness
      .script()
      .start()
      .advance(20)
      .trigger(speech, new Say('ab'))
      .repeat(2, (round) => round.expect(speech, Letter))
      .anyTimes((any) => any.allow(speech).expect(speech, Capital))
      .fault(RangeError);

    expect(reportOf(script)).toMatchInlineSnapshot(`
     "nothing more came until 20 ms
     awaited at that moment:
       step 5.2 (packages/testkit/test/script.test.ts:LINE): test/Speaker.speech: Capital
       step 6 (packages/testkit/test/script.test.ts:LINE): a fault by RangeError
     last events:
       test/Speaker.speech:
         Say { text: 'ab' } at 20 ms, triggered by step 3
         Letter { letter: 'a' } at 20 ms, taken by step 4.1
         Letter { letter: 'b' } at 20 ms, taken by step 4.1
       test/Speaker.timer:
         none"
    `);
  });

  test('shows the last five events of each port, and twelve of what was awaited', () => {
    const { harness, speech } = setUp('abcdefgh');
    const script = harness
      .script()
      .start()
      .repeat(7, (round) => round.expect(speech, Letter))
      .unordered((any) => {
        for (let count = 0; count < 14; count += 1) any.expect(speech, Capital);
      });

    const report = reportOf(script);

    expect(report?.match(/Letter \{ letter: '.' \}/g)).toHaveLength(1 + 5);
    expect(report?.match(/test\/Speaker.speech: Capital/g)).toHaveLength(12);
    expect(report).toContain('  and 2 more\n');
  });

  test('names the line of the test in which a step stands, and the stack leads there', () => {
    const { harness, speech } = setUp('a');
    const [, line] = /script\.test\.ts:(\d+)/.exec(new Error('here').stack ?? '') ?? [];
    const script = harness
      .script()
      .start()
      .unordered((any) => any.expect(speech, Capital));

    const failure = failureOf(script);

    const place = `script.test.ts:${Number(line) + 4}`;
    expect(failure?.message).toContain(`step 2.1 (packages/testkit/test/${place}): test/Speaker`);
    expect(failure?.stack?.split('\n').find((text) => text.startsWith('    at'))).toContain(place);
    expect(failure).toMatchObject({ step: '2.1', code: 'ERR_SCRIPT' });
  });
});

/** A script as data: of letters a to d, those that a step takes. */
type Written =
  | { readonly expect: string }
  | { readonly either: readonly (readonly Written[])[] }
  | { readonly unordered: readonly string[] }
  | WrittenBlock;
interface WrittenBlock {
  readonly times: number | 'any';
  /** In the order of writing; a rule is `+` to allow or `-` to disallow, then its letters. */
  readonly rules: readonly string[];
  readonly sometime: readonly string[];
  readonly body: readonly Written[];
}

const letters = fc.subarray(['a', 'b', 'c'], { minLength: 1, maxLength: 2 });
const some = letters.map((chosen) => chosen.join(''));

/** Scripts, of which those that are `plain` have no rules and await nothing beside their steps. */
function scripts(plain: boolean): fc.Arbitrary<readonly Written[]> {
  const rule = fc.tuple(fc.constantFrom('+', '-'), some).map(([kind, taken]) => kind + taken);
  const few = <T>(each: fc.Arbitrary<T>) => fc.array(each, { maxLength: plain ? 0 : 2 });
  const { body } = fc.letrec<{ body: readonly Written[]; block: WrittenBlock; step: Written }>(
    (tie) => ({
      body: fc.array(tie('step'), { maxLength: 3 }),
      block: fc.record({
        times: fc.constantFrom(0, 1, 2, 'any' as const),
        rules: few(rule),
        sometime: few(some),
        body: tie('body'),
      }),
      step: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.record({ expect: some }),
        fc.record({ unordered: fc.array(some, { maxLength: 3 }) }),
        fc.record({ either: fc.array(tie('body'), { minLength: 2, maxLength: 3 }) }),
        tie('block'),
      ),
    }),
  );
  return body;
}

/** Writes `steps` in the language of scripts. */
function write(it: BlockBuilder, speech: Setting['speech'], steps: readonly Written[]): void {
  const among = (taken: string) => (event: Letter) => taken.includes(event.letter);
  const writing = (inner: readonly Written[]) => (block: BlockBuilder) => {
    write(block, speech, inner);
  };
  for (const step of steps) {
    if ('expect' in step) it.expect(speech, Letter, among(step.expect));
    else if ('unordered' in step) {
      it.unordered((any) => {
        for (const taken of step.unordered) any.expect(speech, Letter, among(taken));
      });
    } else if ('either' in step) {
      const [one = [], two = [], ...more] = step.either;
      it.either(writing(one), writing(two), ...more.map(writing));
    } else {
      const body = (block: BlockBuilder): void => {
        for (const [kind, ...taken] of step.rules) {
          if (kind === '+') block.allow(speech, Letter, among(taken.join('')));
          else block.disallow(speech, Letter, among(taken.join('')));
        }
        for (const taken of step.sometime) block.sometime(speech, Letter, among(taken));
        write(block, speech, step.body);
      };
      if (step.times === 'any') it.anyTimes(body);
      else it.repeat(step.times, body);
    }
  }
}

/** The words which the script `steps` takes, as the language itself says. */
function judge(steps: readonly Written[]): (word: string) => boolean {
  const { harness, speech } = setUp();
  let word = '';
  harness.start();
  const script = harness
    .script()
    .trigger(speech, () => new Say(word))
    .block((block) => {
      write(block, speech, steps);
    });
  return (next) => {
    word = next;
    return failureOf(script) === undefined;
  };
}

interface Around {
  readonly rules: readonly string[];
  readonly pending: readonly string[];
  readonly around: Around | undefined;
}

/** A naive matcher: it tries one way after the other, and goes back. */
class Backtracking {
  constructor(readonly word: string) {}

  takes(steps: readonly Written[]): boolean {
    return this.#steps(steps, undefined, 0, (_around, at) => at === this.word.length);
  }

  #steps(steps: readonly Written[], around: Around | undefined, at: number, then: Then): boolean {
    const [step, ...rest] = steps;
    if (!step) return then(around, at);
    return this.#step(step, around, at, (after, next) => this.#steps(rest, after, next, then));
  }

  #step(step: Written, around: Around | undefined, at: number, then: Then): boolean {
    if ('expect' in step) return this.#await(step.expect, around, at, then);
    if ('either' in step) return step.either.some((way) => this.#steps(way, around, at, then));
    if ('times' in step) return this.#rounds(step, 0, around, at, then);
    const block = { times: 1, rules: [], sometime: step.unordered, body: [] };
    return this.#rounds(block, 0, around, at, then);
  }

  #rounds(
    block: WrittenBlock,
    round: number,
    around: Around | undefined,
    at: number,
    then: Then,
  ): boolean {
    if (block.times === 'any' ? then(around, at) : round === block.times) {
      return block.times === 'any' || then(around, at);
    }
    const inner = { rules: block.rules, pending: block.sometime, around };
    return this.#steps(block.body, inner, at, (after, next) =>
      this.#await('', after, next, (left, end) => {
        if (block.times === 'any' && end === at) return false; // Nothing came: it is as before.
        return this.#rounds(block, round + 1, left?.around, end, then);
      }),
    );
  }

  /** Awaits a letter of `taken`; or, if that is empty, the end of the block. */
  #await(taken: string, around: Around | undefined, at: number, then: Then): boolean {
    if (taken === '' && around?.pending.length === 0) return then(around, at);
    const letter = this.word[at];
    if (letter === undefined) return false;
    const isNext = taken.includes(letter);
    const afters = withoutOne(letter, around);
    if (isNext && then(around, at + 1)) return true;
    if (afters.some((after) => this.#await(taken, after, at + 1, then))) return true;
    const isExpected = isNext || afters.length > 0;
    return !isExpected && isAllowed(letter, around) && this.#await(taken, around, at + 1, then);
  }
}
type Then = (around: Around | undefined, at: number) => boolean;

/** `around`, each time without another of what is pending and fits `letter`. */
function withoutOne(letter: string, around: Around | undefined): readonly Around[] {
  if (!around) return [];
  const { pending } = around;
  const here = pending
    .map((_taken, index) => index)
    .filter((index) => pending[index]?.includes(letter))
    .map((index) => ({ ...around, pending: pending.filter((_taken, other) => other !== index) }));
  const outside = withoutOne(letter, around.around).map((after) => ({ ...around, around: after }));
  return [...here, ...outside];
}

function isAllowed(letter: string, around: Around | undefined): boolean {
  if (!around) return false;
  const rule = around.rules.findLast((each) => each.includes(letter));
  return rule === undefined ? isAllowed(letter, around.around) : rule.startsWith('+');
}

/** A regular expression for plain `steps`. */
function expressionOf(steps: readonly Written[]): string {
  const parts = steps.map((step) => {
    if ('expect' in step) return `[${step.expect}]`;
    if ('either' in step) return `(?:${step.either.map(expressionOf).join('|')})`;
    if ('unordered' in step) return `(?:${ordersOf(step.unordered).join('|')})`;
    return `(?:${expressionOf(step.body)})${step.times === 'any' ? '*' : `{${step.times}}`}`;
  });
  return parts.join('');
}

function ordersOf(all: readonly string[]): readonly string[] {
  if (all.length === 0) return [''];
  return all.flatMap((first, index) => {
    const others = all.filter((_other, at) => at !== index);
    return ordersOf(others).map((order) => `[${first}]${order}`);
  });
}

/** All words of up to three letters, and some that are longer. */
const words = ['', 'a', 'b', 'c'].flatMap((one) =>
  one === ''
    ? ['']
    : ['', 'a', 'b', 'c'].flatMap((two) =>
        two === '' ? [one] : ['', 'a', 'b', 'c'].map((three) => one + two + three),
      ),
);
const longer = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 }), {
  minLength: 10,
  maxLength: 10,
});

describe('of any script', () => {
  /** Compares a script with another opinion of it; both verdicts have to be frequent. */
  function agree(plain: boolean, other: (steps: readonly Written[]) => (word: string) => boolean) {
    const verdicts = { true: 0, false: 0 };
    fc.assert(
      fc.property(scripts(plain), longer, (steps, more) => {
        const takesIt = judge(steps);
        const isRight = other(steps);
        const all = [...words, ...more].map((word) => ({ word, taken: takesIt(word) }));
        for (const { taken } of all) verdicts[`${taken}`] += 1;
        expect(all).toStrictEqual(all.map(({ word }) => ({ word, taken: isRight(word) })));
      }),
      { numRuns: 60 },
    );
    expect(verdicts.true).toBeGreaterThan(100);
    expect(verdicts.false).toBeGreaterThan(100);
  }

  test('a script takes what a matcher takes that tries one way after the other', () => {
    agree(false, (steps) => (word) => new Backtracking(word).takes(steps));
  });

  test('a script without rules takes what a regular expression takes', () => {
    agree(true, (steps) => {
      const expression = new RegExp(`^${expressionOf(steps)}$`);
      return (word) => expression.test(word);
    });
  });
});

describe('ambiguity', () => {
  const errorOf = (run: () => unknown): unknown => {
    try {
      run();
      return undefined;
    } catch (error) {
      return error;
    }
  };
  const playing = (text: string, write: (it: BlockBuilder, setting: Setting) => unknown) =>
    errorOf(() => takes(text, write));

  test.each([
    ['anyTimes', (it: BlockBuilder) => it.anyTimes((any) => any.advance(1))],
    [
      'either',
      (it: BlockBuilder) =>
        it.either(
          (one) => one.advance(1),
          () => undefined,
        ),
    ],
    [
      'anyTimes, behind what may be left out',
      (it: BlockBuilder) =>
        it.anyTimes((any) => any.anyTimes(() => undefined).block((one) => one.advance(1))),
    ],
  ])('%s refuses to begin by doing something', (_case, write) => {
    const error = playing('', write);

    expect(error).toBeInstanceOf(MalformedScriptError);
    expect(String(error)).toMatch(
      /^MalformedScriptError: step \S+ \(\S+script\.test\.ts:\d+\): nothing tells whether to advance 1 ms/,
    );
  });

  test('two things to do after the same events are refused', () => {
    const error = playing('a', (it, { speech }) =>
      it.either(
        (one) => one.expect(speech, Letter).advance(1),
        (other) => other.expect(speech, Letter).advance(2),
      ),
    );

    expect(error).toBeInstanceOf(AmbiguousScriptError);
    expect(String(error)).toMatch(/when nothing more comes, .* step 3\.1a\.2 .* step 3\.1b\.2 /);
  });

  test('something to do where the script could be at its end is refused', () => {
    const { harness, speech } = setUp('a');
    const script = harness
      .script()
      .start()
      .anyTimes((any) => any.expect(speech, Letter))
      .either(
        (one) => one.expect(speech, Letter).advance(1),
        () => undefined,
      );

    expect(
      String(
        errorOf(() => {
          script.run();
        }),
      ),
    ).toMatch(/when nothing more comes, .* step 3a\.2 .*, or be at its end/);
  });

  test('an answer that is given on one way and not on the other is refused', () => {
    const error = playing('?', (it, { timer }) =>
      it
        .anyTimes((any) => any.answer(timer, ScheduleTimeout, ({ timeout }) => timeout))
        .expect(timer, ScheduleTimeout),
    );

    expect(error).toBeInstanceOf(AmbiguousScriptError);
    expect(String(error)).toMatch(/when there comes test\/Speaker\.timer: ScheduleTimeout \{/);
  });

  test('what is dropped on one way and not on the other is refused', () => {
    const { harness, speech, timer } = setUpRelay();
    const script = harness
      .script()
      .start()
      .trigger(speech, new Say('?'))
      .either(
        (deaf) => deaf.drop(timer.requests).expect(speech, Letter),
        (other) => other.expect(timer.requests, ScheduleTimeout),
      );

    expect(
      errorOf(() => {
        script.run();
      }),
    ).toBeInstanceOf(AmbiguousScriptError);
  });

  test('what comes decides what is done, and so does that nothing comes', () => {
    const decided = (it: BlockBuilder, { harness, speech }: Setting) =>
      it
        .anyTimes((any) => any.expect(speech, Letter, is('a')))
        .either(
          (one) => one.expect(speech, Letter, is('b')).advance(1),
          () => undefined,
        )
        .trigger(speech, new Say('c'))
        .expect(speech, Letter, is('c'))
        .do(() => seen.push(harness.host.now()));
    const seen: number[] = [];

    expect(['', 'aa', 'ab', 'aba'].map((text) => takes(text, decided))).toStrictEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(seen).toStrictEqual([0, 0, 1]);
  });

  test.each([-1, 1.5, NaN])('refuses to repeat %d times', (times) => {
    expect(playing('', (it) => it.repeat(times, () => undefined))).toBeInstanceOf(
      MalformedScriptError,
    );
  });

  test('refuses a rule after the first step of its block', () => {
    const late = playing('', (it, { speech }) => it.expect(speech, Letter).allow(speech));

    expect(String(late)).toMatch(/step 3\.2 .*: it holds in its whole block/);
  });
});
