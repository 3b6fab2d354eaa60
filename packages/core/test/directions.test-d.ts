// Checked by tsc, never run: what must not compile does not, each for the reason beside it.
import {
  Component,
  Key,
  Start,
  Unanswered,
  event,
  portType,
  request,
  type Context,
  type PortEvent,
  type System,
} from '@jbstore/core';
import { of, type Observable } from 'rxjs';

class Ask extends event('Ask') {
  constructor(readonly word: string) {
    super();
  }
}
class AskLouder extends Ask {}
class Answer extends event('Answer') {
  constructor(readonly word: string) {
    super();
  }
}
/** Of equal shape, but another class. */
class Order extends event('Order') {
  constructor(readonly word: string) {
    super();
  }
}
const Oracle = portType('Oracle', { requests: [Ask], indications: [Answer] });
/** The same events under another name. */
const Prophet = portType('Prophet', { requests: [Ask], indications: [Answer] });
/** The same events both ways. */
const Talk = portType('Talk', { requests: [Ask], indications: [Ask] });
const Silent = portType('Silent', { requests: [], indications: [Answer] });
class Value extends event('Value') {
  constructor(readonly value: number) {
    super();
  }
}
class Exact extends Value {}
class Get extends request('Get', Value) {
  constructor(readonly key: string) {
    super();
  }
}
class Refresh extends event('Refresh') {}
const Cache = portType('Cache', { requests: [Get, Refresh], indications: [Value] });
/** It is the provider that asks. */
const Poll = portType('Poll', { requests: [Value], indications: [Get] });

export class Client extends Component {
  readonly oracle = this.requires(Oracle);
  readonly prophet = this.requires(Prophet);
  readonly talk = this.requires(Talk);
  readonly silent = this.requires(Silent);

  constructor(context: Context) {
    super(context);
    // The class of the event gives the type of the handler's argument.
    this.oracle.upon(Answer, (answer) => answer.word satisfies string);
    this.oracle.next(new Ask('why'));
    this.oracle.next(new AskLouder('why'));
    of(new Ask('why')).subscribe(this.oracle);
    this.oracle satisfies Observable<Answer>;
    this.control.upon(Start, () => undefined);

    // @ts-expect-error A client does not trigger indications.
    this.oracle.next(new Answer('because'));
    // @ts-expect-error A client does not handle requests.
    this.oracle.upon(Ask, () => undefined);
    // @ts-expect-error A port does not carry events that its type does not list.
    this.oracle.next(new Order('why'));
    // @ts-expect-error An event of equal shape but another class is another event.
    this.oracle.upon(Order, () => undefined);
    // @ts-expect-error An object that looks like an event is none.
    this.oracle.next({ type: 'Ask', word: 'why' });
    // @ts-expect-error An Observable of indications does not feed a port that takes requests.
    of(new Answer('because')).subscribe(this.oracle);
    // @ts-expect-error A port is no Observable of requests to its client.
    this.oracle satisfies Observable<Ask>;
    // @ts-expect-error A port type without requests takes none.
    this.silent.next(new Ask('why'));
    // @ts-expect-error A field is missing.
    new Ask();
    // @ts-expect-error A component does not start itself.
    this.control.next(new Start());
    // @ts-expect-error An event is immutable.
    new Ask('why').word = 'how';
    // @ts-expect-error A handler takes the event of its class, not of another.
    this.oracle.upon(Answer, (ask: Order) => ask);
  }
}

export class Tuned extends Component {
  constructor(context: Context, init: { readonly retryMs?: number }) {
    super(context);
    context.log.info('tuned', init);
  }
}

export class Provider extends Component {
  readonly oracle = this.provides(Oracle);
  readonly prophet = this.provides(Prophet);
  readonly talk = this.provides(Talk);

  constructor(context: Context, client: Client, system: System) {
    super(context);
    this.oracle.upon(Ask, ({ word }) => {
      this.oracle.next(new Answer(word));
    });
    this.oracle.upon(AskLouder, () => undefined);
    this.oracle.connect(client.oracle);
    system.clientOf(this.oracle).next(new Ask('why'));
    system.providerOf(client.oracle).next(new Answer('because'));
    this.create(Client);

    const byWord = new Key(Answer, ({ word }) => word);
    const askedWord = new Key(Oracle.requests, ({ word }) => word);
    const channel = this.oracle.connectBy(client.oracle, {
      requests: ({ word }) => word === 'why',
      indications: byWord.is('because'),
    });
    this.oracle.connectBy(client.oracle, { requests: askedWord.is('why') });
    channel.plug(client.oracle);
    channel.unplug(this.oracle);

    // @ts-expect-error A selector of requests takes no indications.
    this.oracle.connectBy(client.oracle, { requests: (answer: Answer) => answer.word === 'why' });
    // @ts-expect-error Nor does the key of an indication select requests.
    this.oracle.connectBy(client.oracle, { requests: byWord.is('why') });
    // @ts-expect-error A key of events that the port type does not list selects none of its channels.
    this.oracle.connectBy(client.oracle, { indications: new Key(Order, () => 1).is(1) });
    // @ts-expect-error A value of another type than that of the key selects nothing.
    byWord.is(1);
    // @ts-expect-error What objects have in common is not found in a table.
    new Key(Answer, (answer) => answer);
    // @ts-expect-error A port of another type is not plugged in.
    channel.plug(client.prophet);
    // @ts-expect-error Nor is one unplugged.
    channel.unplug(this.talk);
    // @ts-expect-error A provider does not trigger requests.
    this.oracle.next(new Ask('why'));
    // @ts-expect-error A provider does not handle indications.
    this.oracle.upon(Answer, () => undefined);
    // @ts-expect-error Two port types do not connect.
    this.oracle.connect(client.talk);
    // @ts-expect-error Two port types with the same events do not connect.
    this.oracle.connect(client.prophet);
    // @ts-expect-error Two provided ends do not connect.
    this.oracle.connect(this.oracle);
    // @ts-expect-error Not even where both carry the same events both ways.
    this.talk.connect(this.talk);
    // @ts-expect-error A required end connects nothing by itself.
    client.oracle.connect satisfies unknown;
    // @ts-expect-error The client of a required port is a provider.
    system.clientOf(client.oracle);
    // @ts-expect-error What stands outside in a client's place does not trigger indications.
    system.clientOf(this.oracle).next(new Answer('because'));
    // @ts-expect-error A component is created with what its constructor asks for.
    this.create(Provider, client);
    this.create(Tuned, { retryMs: 1 });
    // @ts-expect-error A misspelt setting is none, even where all of them may be left out.
    this.create(Tuned, { retryMS: 1 });
    // @ts-expect-error Nor is it at the top of the tree.
    system.create(Tuned, { retryMS: 1 });
    // @ts-expect-error The channels and routes of a port are its own affair.
    this.oracle.links satisfies unknown;
    // @ts-expect-error Only a component declares ports.
    client.provides(Oracle);
  }
}

export class Asker extends Component {
  readonly cache = this.requires(Cache);
  readonly served = this.provides(Cache);
  readonly poll = this.provides(Poll);
  readonly polled = this.requires(Poll);

  constructor(context: Context, system: System) {
    super(context);
    this.cache.ask(new Get('x'), 1_000);
    this.cache.next(new Get('x'));
    this.cache.upon(Unanswered, ({ afterMs }) => afterMs satisfies number);
    this.cache satisfies Observable<Value>;
    this.served.upon(Get, (get) => {
      this.served.answer(get, new Value(1));
      this.served.answer(get, new Exact(1));
      // @ts-expect-error A request is answered with its response, not with another event.
      this.served.answer(get, new Answer('one'));
      // @ts-expect-error Nor with an object that looks like its response.
      this.served.answer(get, { type: 'Value', value: 1 });
      // @ts-expect-error Responses leave from the end at which requests arrive.
      this.cache.answer(get, new Value(1));
    });
    this.served.upon(Refresh, (refresh) => {
      // @ts-expect-error An event that is no request has no answer.
      this.served.answer(refresh, new Value(1));
    });
    this.poll.ask(new Get('x'), 1_000);
    this.polled.upon(Get, (get) => {
      this.polled.answer(get, new Value(1));
    });
    void (system.ask(this.served, new Get('x')) satisfies Promise<Value>);

    // @ts-expect-error Nobody asks who requires what it provides.
    this.served.ask(new Get('x'), 1_000);
    // @ts-expect-error An event that is no request is triggered, not asked.
    this.cache.ask(new Refresh(), 1_000);
    // @ts-expect-error A limit of time is needed: without one, trigger it.
    this.cache.ask(new Get('x'));
    // @ts-expect-error Whoever observes a port sees what its type lists.
    this.cache satisfies Observable<Unanswered>;
    // @ts-expect-error An event that is no request has no answer for the program outside.
    void system.ask(this.served, new Refresh());
    // @ts-expect-error A request that the port type does not list is not asked there.
    void system.ask(this.served, new Question());
    // @ts-expect-error The promise is one of its response.
    void (system.ask(this.served, new Get('x')) satisfies Promise<Answer>);
    // @ts-expect-error The program outside asks providers.
    void system.ask(this.cache, new Get('x'));
  }
}

class Question extends request('Question', Answer) {}
// @ts-expect-error The response to a request is listed too.
portType('Deaf', { requests: [Question], indications: [Value] });
// @ts-expect-error In the other direction.
portType('Dumb', { requests: [Question, Answer], indications: [] });
// @ts-expect-error A request is answered by an event.
request('Today', Date);
new Question() satisfies PortEvent;

// @ts-expect-error A port type lists classes of events, and nothing else.
portType('Dates', { requests: [Date], indications: [] });
// @ts-expect-error What bears an event's fields is no event: it lacks the base.
new Ask('why') satisfies Order;
