import {
  Component,
  Start,
  Unanswered,
  type Context,
  type PortEvent,
  type Replaceable,
} from '@jbstore/core';

import {
  Archive,
  Catch,
  Deposit,
  Found,
  Intake,
  Item,
  Lookup,
  Outflow,
  Pacing,
  Notice,
  Pulse,
  Receipt,
  Sorted,
  Work,
} from './events';
import type { Lane } from './lane';
import { HandOver, handledBefore, type Post } from './post';
import { supervisionOf } from './supervision';

/** How long a collector waits for an answer. */
const patienceMs = 40;

/** A component that works at a post. It counts what it handles and hands that over. */
export abstract class Stage extends Component implements Replaceable<HandOver> {
  readonly #post: Post;
  readonly #instance: number;
  #handled: number;

  constructor(context: Context, post: Post, handOver?: HandOver) {
    super(context);
    this.#post = post;
    this.#handled = handledBefore(handOver);
    this.#instance = post.begin(this, context.path, handOver);
    if (handOver) handOver.used = true;
  }

  handOver(): HandOver {
    return new HandOver(this.#instance, this.#handled);
  }

  /** Enters into the books that `event` is handled; or fails, if that is planned. */
  protected take(
    event: PortEvent & { readonly lane: Lane; readonly number: number },
    lane = event.lane,
  ): void {
    this.#post.take(event, lane, event.number);
    this.#handled += 1;
  }
}

/** Where items come from. */
export abstract class Feeder extends Stage {
  readonly intake = this.requires(Intake);
}

/** Makes items when told to. */
export class Source extends Feeder {
  readonly pacing = this.provides(Pacing);

  constructor(context: Context, post: Post, handOver?: HandOver) {
    super(context, post, handOver);
    const items = post.lane('item');
    const notices = post.lane('notice');
    this.pacing.upon(Pulse, (pulse) => {
      this.take(pulse);
      for (let item = 0; item < pulse.burst; item += 1) {
        this.intake.next(new Item(items, items.send()));
      }
      this.intake.next(new Notice(notices, notices.send()));
    });
  }
}

/** Makes items of what an edge brings. */
export class Harbour extends Feeder {
  constructor(context: Context, post: Post, handOver?: HandOver) {
    super(context, post, handOver);
    const items = post.lane('item');
    this.control.upon(Start, () => {
      this.edge.bring((signal) => catches(post, signal));
    });
    this.edge.upon(Catch, (caught) => {
      this.take(caught);
      this.intake.next(new Item(items, items.send()));
    });
  }
}

async function* catches(post: Post, signal: AbortSignal): AsyncGenerator<Catch> {
  const lane = post.lane('catch');
  for (;;) {
    await post.world.tide.next;
    if (signal.aborted) return;
    yield new Catch(lane, lane.send());
  }
}

/** Sends each item on to whom its key selects. */
export class Splitter extends Stage {
  readonly intake = this.provides(Intake);
  readonly sorted = this.provides(Sorted);

  constructor(context: Context, post: Post, handOver?: HandOver) {
    super(context, post, handOver);
    const lane = post.lane('sorted');
    this.intake.upon(Item, (item) => {
      this.take(item);
      this.sorted.next(new Item(lane, lane.send()));
    });
  }
}

/** Takes what was sorted and delivers it. */
export abstract class Carrier extends Stage {
  readonly sorted = this.requires(Sorted);
  readonly deposit = this.requires(Deposit);

  constructor(context: Context, post: Post, handOver?: HandOver) {
    super(context, post, handOver);
    this.deposit.upon(Receipt, (receipt) => {
      this.take(receipt);
    });
  }
}

/** Delivers itself. */
export class Worker extends Carrier {
  constructor(context: Context, post: Post, _clerk: Post<Clerk>, handOver?: HandOver) {
    super(context, post, handOver);
    const lane = post.lane('deposit');
    this.sorted.upon(Item, (item) => {
      this.take(item);
      this.deposit.next(new Item(lane, lane.send()));
    });
  }
}

/** Lets a clerk do it, whom it supervises. */
export class Station extends Carrier {
  readonly work = this.requires(Work);

  constructor(context: Context, post: Post, clerk: Post<Clerk>, handOver?: HandOver) {
    super(context, post, handOver);
    const child = this.createWith({ supervision: supervisionOf(clerk) }, Clerk, clerk);
    clerk.occupy(child);
    child.work.connect(this.work);
    const tasks = post.lane('task');
    this.sorted.upon(Item, (item) => {
      this.take(item);
      this.work.next(new Item(tasks, tasks.send()));
    });
    const lane = post.lane('deposit');
    this.work.upon(Item, (item) => {
      this.take(item);
      this.deposit.next(new Item(lane, lane.send()));
    });
  }
}

export class Clerk extends Stage {
  readonly work = this.provides(Work);

  constructor(context: Context, post: Post, handOver?: HandOver) {
    super(context, post, handOver);
    const lane = post.lane('result');
    this.work.upon(Item, (item) => {
      this.take(item);
      this.work.next(new Item(lane, lane.send()));
    });
  }
}

/** Passes items on to all sinks, and looks some of them up. */
export class Collector extends Stage {
  readonly deposit = this.provides(Deposit);
  readonly outflow = this.provides(Outflow);
  readonly archive = this.requires(Archive);

  constructor(context: Context, post: Post, handOver?: HandOver) {
    super(context, post, handOver);
    const items = post.lane('outflow');
    const receipts = post.lane('receipt');
    this.deposit.upon(Item, (item) => {
      this.take(item);
      this.outflow.next(new Item(items, items.send()));
      if (item.number % 8 === 0) this.#lookUp(post);
      if (item.number % 64 === 0) this.deposit.next(new Receipt(receipts, receipts.send()));
    });
    this.archive.upon(Found, (found) => {
      this.take(found);
      found.asks.end(found.asked, 'answered');
    });
    this.archive.upon(Unanswered, (unanswered) => {
      post.disturb(unanswered);
      const { request } = unanswered;
      if (request instanceof Lookup) request.asks.end(request.number, 'unanswered');
    });
  }

  #lookUp(post: Post): void {
    const lane = post.lane('lookup');
    const number = lane.send();
    post.asks.ask(number);
    this.archive.ask(new Lookup(lane, number, post.asks, post.lane('onward')), patienceMs);
  }
}

export class Sink extends Stage {
  readonly outflow = this.requires(Outflow);

  constructor(context: Context, post: Post, handOver?: HandOver) {
    super(context, post, handOver);
    this.outflow.upon(Item, (item) => {
      this.take(item);
    });
  }
}

/** Hands requests on; the answers do not come back this way. */
export class Broker extends Stage {
  readonly archive = this.provides(Archive);
  readonly below = this.requires(Archive);

  constructor(context: Context, post: Post, handOver?: HandOver) {
    super(context, post, handOver);
    this.archive.upon(Lookup, (lookup) => {
      this.take(lookup);
      lookup.onward.sent.add(lookup.number);
      this.below.next(lookup);
    });
  }
}

/** Answers most lookups, a few of them twice, and some not at all. */
export class Vault extends Stage {
  readonly vault = this.provides(Archive);

  constructor(context: Context, post: Post, handOver?: HandOver) {
    super(context, post, handOver);
    const lane = post.lane('answer');
    this.vault.upon(Lookup, (lookup) => {
      this.take(lookup, lookup.onward);
      const { asks, number } = lookup;
      if (number % 97 === 0) return;
      this.vault.answer(lookup, new Found(lane, lane.send(), asks, number));
      if (number % 101 !== 0) return;
      this.vault.answer(lookup, new Found(lane, lane.send(), asks, number));
    });
  }
}
