import { Component, event, portType } from '@jbstore/core';
import { Harness } from '@jbstore/testkit';

class Ask extends event('Ask') {}
class Told extends event('Told') {
  constructor(readonly text: string) {
    super();
  }
}
class Refused extends event('Refused') {}
const Question = portType('Question', { requests: [Ask], indications: [Told, Refused] });

class Oracle extends Component {
  readonly question = this.provides(Question);
  readonly source = this.requires(Question);
}

const harness = new Harness();
const oracle = harness.create(Oracle);
const client = harness.clientOf(oracle.question);
const source = harness.providerOf(oracle.source);
const relay = harness.between(harness.create(Oracle).question, oracle.source);
const script = harness.script();

script
  .allow(client)
  .drop(relay.indications, Told, ({ text }) => text === '')
  .sometime(relay.requests, Ask)
  .trigger(client, new Ask())
  .expect(client, Told, ({ text }) => text.length > 0)
  .expect(client, new Told('so'))
  .answer(source, Ask, () => new Told('so'))
  .fault(RangeError, { condition: ({ message }) => message === '', decision: 'restart' })
  .trigger(source, (came) => new Told(came.last(client, Told).text))
  .trigger(relay.requests, new Ask());

// @ts-expect-error what a supervisor cannot decide
script.fault(RangeError, { decision: 'ignore' });
// @ts-expect-error a client is told indications only
script.expect(client, Ask);
// @ts-expect-error an event of the other direction
script.expect(client, new Ask());
// @ts-expect-error a provider is asked requests only
script.expect(source, Told);
// @ts-expect-error a client triggers requests only
script.trigger(client, new Told(''));
// @ts-expect-error what is answered is an indication
script.answer(source, Ask, () => new Ask());
// @ts-expect-error of each direction of a relay only its own events
script.expect(relay.requests, Told);
// @ts-expect-error behind a probe is nobody from whom to keep an event
script.drop(client, Told);
// @ts-expect-error the condition is on the class that is named
script.expect(client, Refused, ({ text }) => text === '');
