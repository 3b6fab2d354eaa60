import { Component, System, event, portType, type Context } from '@jbstore/core';

class Greet extends event('Greet') {
  constructor(readonly whom: string) {
    super();
  }
}
class Greeted extends event('Greeted') {
  constructor(readonly text: string) {
    super();
  }
}
const Greeting = portType('Greeting', { requests: [Greet], indications: [Greeted] });

class Greeter extends Component {
  readonly greeting = this.provides(Greeting);

  constructor(context: Context) {
    super(context);
    this.greeting.upon(Greet, ({ whom }) => {
      this.greeting.next(new Greeted(`Hello, ${whom}!`));
    });
  }
}

export async function greet(whom: string): Promise<string> {
  await using system = new System('example');
  const greeting = system.clientOf(system.create(Greeter).greeting);
  await system.start();
  return await new Promise((resolve) => {
    greeting.subscribe(({ text }) => {
      resolve(text);
    });
    greeting.next(new Greet(whom));
  });
}
