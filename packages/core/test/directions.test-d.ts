// Checked by tsc, never run: what must not compile does not, each for the reason beside it.
import { Component, Start, event, portType, type Context, type System } from '@jbstore/core';
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

// @ts-expect-error A port type lists classes of events, and nothing else.
portType('Dates', { requests: [Date], indications: [] });
// @ts-expect-error What bears an event's fields is no event: it lacks the base.
new Ask('why') satisfies Order;
