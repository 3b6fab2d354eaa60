/**
 * A tree that heals. What is done about a fault is decided above the component that failed: a page that
 * nobody can read is skipped, a printer without paper is restarted and prints the page after all, and
 * a printer that fails too often is a matter for those above the shop, who open it anew.
 */
import {
  Component,
  Start,
  System,
  Unanswered,
  event,
  portType,
  request,
  type Context,
  type Supervision,
} from '@jbstore/core';

class Printed extends event('Printed') {
  constructor(readonly page: number) {
    super();
  }
}

class Print extends request('Print', Printed) {
  constructor(readonly page: number) {
    super();
  }
}

const Printing = portType('Printing', { requests: [Print], indications: [Printed] });

class IllegibleError extends Error {}
class OutOfPaperError extends Error {}

/** Its tray holds three pages; a new printer comes with a full one. */
class Printer extends Component {
  readonly printing = this.provides(Printing);
  #sheets = 3;

  constructor(context: Context, illegible: number) {
    super(context);

    this.printing.upon(Print, (print) => {
      if (print.page === illegible) throw new IllegibleError(`page ${String(illegible)} is a blot`);
      if (this.#sheets === 0) throw new OutOfPaperError('the tray is empty');
      this.#sheets -= 1;
      this.printing.answer(print, new Printed(print.page));
    });
  }
}

/** What a shop does about its printer; the third fault in a minute is one too many for it. */
const supervision: Supervision = {
  decide: ({ cause }) =>
    cause instanceof OutOfPaperError
      ? { directive: 'restart', event: 'retry' }
      : { directive: 'resume', event: 'dead-letter' },
  budget: { faults: 2, withinMs: 60_000 },
  backoff: { firstMs: 5, factor: 2, longestMs: 100 },
};

/** Hands the orders on. The answers go past it, to who asked. */
class Shop extends Component {
  readonly printing = this.provides(Printing);
  readonly printer = this.requires(Printing);

  constructor(context: Context, illegible: number) {
    super(context);
    const { printing } = this.createWith({ supervision }, Printer, illegible);
    printing.connect(this.printer);

    this.printing.upon(Print, (print) => {
      this.printer.next(print);
    });
  }
}

/** Asks for one page after another; for a page that does not come, it asks once more. */
class Customer extends Component {
  readonly printing = this.requires(Printing);

  constructor(context: Context, pages: number, done: () => void) {
    super(context);
    const timeoutMs = 100;
    let asked = 0;

    const ask = (page: number): void => {
      asked += 1;
      if (page <= pages) this.printing.ask(new Print(page), timeoutMs);
      else done();
    };
    const goOn = (page: number): void => {
      asked = 0;
      ask(page + 1);
    };

    this.control.upon(Start, () => {
      ask(1);
    });

    this.printing.upon(Printed, ({ page }) => {
      console.log(`page ${String(page)}`);
      goOn(page);
    });

    this.printing.upon(Unanswered, ({ request: print }) => {
      if (!(print instanceof Print)) return;
      if (asked === 1) ask(print.page);
      else goOn(print.page);
    });
  }
}

async function main(): Promise<void> {
  await using system = new System('street');
  system.faults.subscribe(({ fault, component, decision }) => {
    console.log(`  ${String(fault.cause)}: ${decision} ${component}`);
  });
  system.deadLetters.subscribe(({ event: lost, reason }) => {
    if (lost instanceof Print) {
      console.log(`  page ${String(lost.page)} is a dead letter: ${reason}`);
    }
  });

  await new Promise<void>((done, failed) => {
    const shop = system.createWith({ supervision: { decide: 'restart' } }, Shop, 5);
    const customer = system.create(Customer, 8, done);
    shop.printing.connect(customer.printing);
    system.start().catch(failed);
  });
}

void main();
