import { Component, Start, System, event, portType, type Context } from '@jbstore/core';

import { serve } from './core-process';
import { completion, roundsPerLook, type CoreSubject } from './core-subject';
import { verify } from './harness';

class Ping extends event('Ping') {
  constructor(readonly count: number) {
    super();
  }
}
class Pong extends event('Pong') {
  constructor(readonly count: number) {
    super();
  }
}
const Exchange = portType('Exchange', { requests: [Ping], indications: [Pong] });
const News = portType('News', { requests: [Pong], indications: [Ping] });

interface Work {
  events: number;
  readonly finish: () => void;
}

class Ponger extends Component {
  readonly exchange = this.provides(Exchange);

  constructor(context: Context, work: Work) {
    super(context);
    this.exchange.upon(Ping, ({ count }) => {
      work.events += 1;
      this.exchange.next(new Pong(count));
    });
  }
}

class Pinger extends Component {
  readonly exchange = this.requires(Exchange);

  constructor(context: Context, work: Work, rounds: number, inFlight: number) {
    super(context);
    let asked = Math.min(inFlight, rounds);
    let answered = 0;
    this.control.upon(Start, () => {
      for (let count = 0; count < asked; count += 1) this.exchange.next(new Ping(count));
    });
    this.exchange.upon(Pong, ({ count }) => {
      work.events += 1;
      answered += 1;
      if (answered === rounds) work.finish();
      if (asked === rounds) return;
      asked += 1;
      this.exchange.next(new Ping(count));
    });
  }
}

/** Asks anew as soon as it is answered, until the time is over. */
class Insister extends Component {
  readonly exchange = this.requires(Exchange);

  constructor(context: Context, work: Work, isOver: () => boolean) {
    super(context);
    let answered = 0;
    this.control.upon(Start, () => {
      this.exchange.next(new Ping(0));
    });
    this.exchange.upon(Pong, ({ count }) => {
      work.events += 1;
      answered += 1;
      if (answered % roundsPerLook === 0 && isOver()) work.finish();
      else this.exchange.next(new Ping(count));
    });
  }
}

class Speaker extends Component {
  readonly news = this.provides(News);

  constructor(context: Context, rounds: number) {
    super(context);
    let left = rounds;
    const speak = (): void => {
      if (left > 0) this.news.next(new Ping((left -= 1)));
    };
    this.control.upon(Start, speak);
    this.news.upon(Pong, speak);
  }
}

class Hearer extends Component {
  readonly news = this.requires(News);

  /** @param last - it is the last to hear, and asks for the next round */
  constructor(context: Context, work: Work, last: boolean) {
    super(context);
    this.news.upon(Ping, ({ count }) => {
      work.events += 1;
      if (!last) return;
      if (count === 0) work.finish();
      else this.news.next(new Pong(count));
    });
  }
}

class Passer extends Component {
  readonly out = this.provides(News);
  readonly in = this.requires(News);

  constructor(context: Context, work: Work, steps: number) {
    super(context);
    this.in.upon(Ping, ({ count }) => {
      work.events += 1;
      if (work.events === steps) work.finish();
      else this.out.next(new Ping(count + 1));
    });
  }
}

async function counting(assemble: (system: System, work: Work) => () => void): Promise<number> {
  const { done, finish } = completion();
  const work: Work = { events: 0, finish };
  const system = new System('benchmark', { seed: 'benchmark' });
  const begin = assemble(system, work);
  await system.start();
  begin();
  await done;
  await system.kill();
  return work.events;
}

const jbstore: CoreSubject = {
  exchange: async (rounds, inFlight, tap) => {
    let seen = 0;
    const observer = (): void => void (seen += 1);
    const handled = await counting((system, work) => {
      const { exchange } = system.create(Ponger, work);
      const asking = system.create(Pinger, work, rounds, inFlight).exchange;
      const [channel] = exchange.connect(asking);
      if (tap === 'channel') {
        channel?.requests.subscribe(observer);
        channel?.indications.subscribe(observer);
      } else if (tap === 'port') {
        exchange.subscribe(observer);
        asking.subscribe(observer);
      }
      return () => undefined;
    });
    if (tap) verify('events observed', seen, handled);
    return handled;
  },
  fanOut: (width, rounds) =>
    counting((system, work) => {
      const speaker = system.create(Speaker, rounds);
      for (let index = 1; index <= width; index += 1) {
        speaker.news.connect(system.create(Hearer, work, index === width).news);
      }
      return () => undefined;
    }),
  ring: (size, events) =>
    counting((system, work) => {
      const passers = Array.from({ length: size }, () => system.create(Passer, work, events));
      passers.forEach(({ out }, index) => {
        const next = passers[(index + 1) % size];
        if (next) out.connect(next.in);
      });
      return () => passers[0]?.out.next(new Ping(0));
    }),
  saturate: (isOver) =>
    counting((system, work) => {
      const ponger = system.create(Ponger, work);
      ponger.exchange.connect(system.create(Insister, work, isOver).exchange);
      return () => undefined;
    }),
  createIdle: (components) => {
    const system = new System('benchmark', { seed: 'benchmark' });
    const work: Work = { events: 0, finish: () => undefined };
    for (let index = 0; index < components; index += 1) system.create(Ponger, work);
    return Promise.resolve({
      // Counted when asked for: it is no part of making them.
      get made() {
        return system.graph().components.length - 1;
      },
      end: () => system.kill(),
    });
  },
};

serve(jbstore);
