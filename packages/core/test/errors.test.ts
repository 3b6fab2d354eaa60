import * as core from '@jbstore/core';
import {
  Component,
  System,
  VirtualHost,
  event,
  portType,
  request,
  type ComponentFault,
  type Context,
  type CreationOptions,
  type EventClass,
  type TreatedFault,
} from '@jbstore/core';
import { Subject, config, from, map } from 'rxjs';

class Say extends event('Say') {
  constructor(readonly word: string) {
    super();
  }
}
class Said extends event('Said') {}
class Get extends request('Get', Said) {}
const Speech = portType('Speech', { requests: [Say, Get], indications: [Said] });
const Mime = portType('Mime', { requests: [], indications: [] });

/** Fails at a word that begins with `!`, and answers a request that nobody asked if it is told `?`. */
class Speaker extends Component {
  readonly speech = this.provides(Speech);
  readonly other = this.provides(Speech);
  readonly mime = this.provides(Mime);
  readonly words: string[] = [];

  constructor(readonly context: Context) {
    super(context);
    this.speech.upon(Say, ({ word }) => {
      if (word.startsWith('!')) throw new RangeError(word);
      if (word === '?') this.speech.answer(new Get(), new Said());
      this.words.push(word);
    });
  }

  takePlaceOf(old: Component): void {
    this.replace(old, Speaker, []);
  }
}

class Listener extends Component {
  readonly speech = this.requires(Speech);
}

function setUp(options?: CreationOptions) {
  const host = new VirtualHost();
  const faults: ComponentFault[] = [];
  const system = new System('p', { host, seed: 'test', onFault: (fault) => faults.push(fault) });
  const speaker = options ? system.createWith(options, Speaker) : system.create(Speaker);
  const listener = system.create(Listener);
  const [channel] = speaker.speech.connect(listener.speech);
  if (!channel) throw new Error('there is a channel');
  const start = (): void => {
    system.start().catch(() => undefined);
    host.advance(0);
  };
  const say = (...words: readonly string[]): void => {
    for (const word of words) listener.speech.next(new Say(word));
    host.advance(0);
  };
  return { host, system, speaker, listener, channel, faults, start, say };
}
type Setting = ReturnType<typeof setUp>;

/** How a program comes by an error, and what that says then. */
interface Row {
  readonly code: string;
  /** Throws it, rejects with it, or lets a component fail by it. */
  readonly provoke: (setting: Setting) => unknown;
  readonly options?: CreationOptions;
  /** The data of the error. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** What the message has to say: where it was, and what to do. */
  readonly message: string;
}

const rows: Readonly<Record<string, Row>> = {
  AskedBeforeError: {
    code: 'ERR_ASKED_BEFORE',
    provoke: ({ listener }) => {
      const get = new Get();
      listener.speech.ask(get, 1);
      listener.speech.ask(get, 1);
    },
    fields: { request: 'Get' },
    message: 'this Get was asked before: make a new one for each time',
  },
  ComponentFault: {
    code: 'ERR_COMPONENT_FAULT',
    provoke: ({ faults, start, say }) => {
      start();
      say('!');
      return Promise.reject(faults[0] ?? new Error('no fault'));
    },
    fields: {
      component: 'p/Speaker',
      port: 'speech',
      event: new Say('!'),
      cause: new RangeError('!'),
    },
    message: 'p/Speaker failed while handling Say at its port speech: !',
  },
  DeadLetterError: {
    code: 'ERR_DEAD_LETTER',
    provoke: ({ system, speaker, start }) => {
      start();
      return system.ask(speaker.speech, new Get());
    },
    fields: { port: 'p/Speaker.speech', request: 'Get', reason: 'unhandled' },
    message:
      'Get became a dead letter at p/Speaker.speech: unhandled; let whoever it reaches take it',
  },
  DuplicateChannelError: {
    code: 'ERR_DUPLICATE_CHANNEL',
    provoke: ({ speaker, listener }) => speaker.speech.connect(listener.speech),
    fields: { provided: 'p/Speaker.speech', required: 'p/Listener.speech' },
    message:
      'p/Speaker.speech and p/Listener.speech are connected already: remove the second connect',
  },
  ForeignEventError: {
    code: 'ERR_FOREIGN_EVENT',
    provoke: ({ speaker }) => {
      speaker.speech.next(new Say('') as core.PortEvent as Said);
    },
    fields: { port: 'p/Speaker.speech', event: 'Say' },
    message: 'p/Speaker.speech does not carry Say: trigger it on a port whose type lists it',
  },
  ForeignPortError: {
    code: 'ERR_FOREIGN_PORT',
    provoke: ({ speaker, channel }) => {
      channel.hold();
      channel.unplug(speaker.other);
    },
    fields: { channel: 'p/Speaker.speech - p/Listener.speech', port: 'p/Speaker.other' },
    message:
      'the channel p/Speaker.speech - p/Listener.speech has nothing to do with p/Speaker.other: ' +
      'unplug the port at which it ends',
  },
  InvalidOptionError: {
    code: 'ERR_INVALID_OPTION',
    provoke: ({ system }) =>
      system.createWith({ mailbox: { capacity: 0, overflow: 'fault' } }, Listener),
    fields: { option: 'mailbox.capacity', rule: 'is a whole number of at least 1', value: 0 },
    message:
      'the option mailbox.capacity is a whole number of at least 1, not 0: correct it where it is given',
  },
  InvariantViolation: {
    code: 'ERR_INVARIANT',
    provoke: ({ speaker }) => {
      speaker.context.counter('words');
      speaker.context.gauge('words');
    },
    fields: {},
    message: 'words is either a counter or a gauge',
  },
  KilledError: {
    code: 'ERR_KILLED',
    provoke: async ({ system }) => {
      await system.kill();
      await system.start();
    },
    fields: { component: 'p' },
    message: 'p was killed: create a new one instead of starting it again',
  },
  LivelockError: {
    code: 'ERR_LIVELOCK',
    provoke: ({ host }) => {
      const again = (): void => host.soon(again);
      again();
      host.advance(0, 10);
    },
    fields: { nowMs: 0, tasks: 10 },
    message:
      '10 tasks ran at 0 ms and there are more: find what makes them, and let time pass there',
  },
  MailboxOverflowError: {
    code: 'ERR_MAILBOX_OVERFLOW',
    options: { mailbox: { capacity: 1, overflow: 'fault' } },
    provoke: ({ faults, start, say }) => {
      start();
      say('a', 'b', 'c');
      throw faults[0]?.cause;
    },
    fields: { component: 'p/Speaker', capacity: 1 },
    message:
      'more than 1 events wait for p/Speaker: ' +
      'let it have fewer, or give its mailbox more room or another policy of overflow',
  },
  ReplacementError: {
    code: 'ERR_REPLACEMENT',
    provoke: ({ speaker, listener }) => {
      speaker.takePlaceOf(listener);
    },
    fields: { component: 'p/Listener', reason: 'only the component that created it does that' },
    message: 'p/Listener cannot be replaced: only the component that created it does that',
  },
  UnansweredError: {
    code: 'ERR_UNANSWERED',
    provoke: async ({ host, system, speaker, start }) => {
      speaker.speech.upon(Get, () => undefined);
      start();
      const answer = system.ask(speaker.speech, new Get(), { timeoutMs: 20 });
      host.advance(20);
      await answer;
    },
    fields: { port: 'p/Speaker.speech', request: 'Get', afterMs: 20 },
    message:
      'p/Speaker.speech did not answer Get in 20 ms: give it longer, or let it answer always',
  },
  UnaskedError: {
    code: 'ERR_UNASKED',
    provoke: ({ faults, start, say }) => {
      start();
      say('?');
      throw faults[0]?.cause;
    },
    fields: { request: 'Get' },
    message: 'nobody asked this Get: answer one that arrived at a port',
  },
  UnconnectedPortError: {
    code: 'ERR_UNCONNECTED_PORT',
    provoke: ({ system, channel }) => {
      channel.unsubscribe();
      void system.start();
    },
    fields: { component: 'p/Listener', port: 'Speech (speech)' },
    message:
      'p/Listener requires Speech (speech), which nothing provides: connect it in the assembly',
  },
  UnheldChannelError: {
    code: 'ERR_UNHELD_CHANNEL',
    provoke: ({ speaker, channel }) => {
      channel.unplug(speaker.speech);
    },
    fields: { channel: 'p/Speaker.speech - p/Listener.speech' },
    message:
      'the channel p/Speaker.speech - p/Listener.speech is not held: ' +
      'hold it before you unplug or plug an end',
  },
  UnlistedResponseError: {
    code: 'ERR_UNLISTED_RESPONSE',
    provoke: () => {
      const requests: EventClass[] = [Get]; // The compiler does not know that a response is due.
      return portType('Silent', { requests, indications: [] });
    },
    fields: { portType: 'Silent', request: 'Get', response: 'Said' },
    message: 'Silent lists Get, but not Said, which answers it: list both',
  },
  UnpluggedChannelError: {
    code: 'ERR_UNPLUGGED_CHANNEL',
    provoke: ({ speaker, channel }) => {
      channel.hold();
      channel.unplug(speaker.speech);
      channel.resume();
    },
    fields: { channel: 'p/Speaker.speech - p/Listener.speech' },
    message:
      'an end of the channel p/Speaker.speech - p/Listener.speech is unplugged: ' +
      'plug a port in before you resume it',
  },
};

function isErrorClass(exported: unknown): exported is abstract new () => core.RuntimeError {
  return typeof exported === 'function' && exported.prototype instanceof core.RuntimeError;
}

describe('2.14 Errors', () => {
  test('every error of the package has a row in the table of codes, and every code is used once', () => {
    const exported = Object.entries(core).filter(([, value]) => isErrorClass(value));

    expect(exported.map(([name]) => name).sort()).toStrictEqual(Object.keys(rows).sort());
    expect(new Set(Object.values(rows).map(({ code }) => code)).size).toBe(exported.length);
  });

  test.each(Object.entries(rows))(
    '%s has a stable code, its data as fields, and says where and what to do',
    async (name, { code, provoke, options, fields, message }) => {
      const setting = setUp(options);

      const error: unknown = await new Promise((resolve) => {
        resolve(provoke(setting));
      }).catch((thrown: unknown) => thrown);

      expect(error).toBeInstanceOf(core.RuntimeError);
      expect(error).toMatchObject({ name, code, ...fields });
      expect((error as Error).message).toBe(message);
    },
  );

  describe('what is thrown', () => {
    const reported: unknown[] = [];
    const { onUnhandledError } = config;

    beforeEach(() => {
      reported.length = 0;
      config.onUnhandledError = (error) => reported.push(error);
      jest.useFakeTimers();
    });
    afterEach(() => {
      jest.useRealTimers();
      config.onUnhandledError = onUnhandledError;
    });

    test('by a handler is a fault of its component, and not of the Observable that feeds the port', () => {
      const { system, host, speaker, listener, start } = setUp({
        supervision: { decide: 'resume' },
      });
      const treated: TreatedFault[] = [];
      system.faults.subscribe((fault) => treated.push(fault));
      start();
      const feed = new Subject<Say>();
      const others: string[] = [];
      const fed = feed.subscribe(listener.speech);
      feed.subscribe({
        next: ({ word }) => others.push(word),
        error: () => others.push('error'),
        complete: () => others.push('complete'),
      });

      from(['a', '!', 'b'])
        .pipe(map((word) => new Say(word)))
        .subscribe((said) => {
          feed.next(said);
          host.advance(0); // The handler throws while the feed is at it.
        });
      jest.runAllTimers();

      expect(speaker.words).toStrictEqual(['a', 'b']);
      expect(treated).toMatchObject([
        { component: 'p/Speaker', fault: { cause: new RangeError('!') } },
      ]);
      expect(others).toStrictEqual(['a', '!', 'b']);
      expect([fed.closed, feed.observed]).toStrictEqual([false, true]);
      expect(reported).toStrictEqual([]);
    });

    test('by a plain observer of a port is no fault: it surfaces later, and from elsewhere', () => {
      const { faults, speaker, start, say } = setUp();
      speaker.speech.subscribe(({ type }) => {
        throw new Error(`observed ${type}`);
      });
      start();

      say('a', 'b');
      const before = [...reported];
      jest.runAllTimers();

      expect(before).toStrictEqual([]);
      expect(reported).toStrictEqual([new Error('observed Say'), new Error('observed Say')]);
      expect(speaker.words).toStrictEqual(['a', 'b']);
      expect(faults).toStrictEqual([]);
    });
  });
});
