/**
 * A pipeline whose stage is replaced by a new version while orders stream through it: none is lost, none
 * is doubled, none overtakes another, and the invoice numbers go on.
 */
import {
  Component,
  Start,
  System,
  event,
  invariant,
  portType,
  type Context,
  type Replaceable,
} from '@jbstore/core';

class Order extends event('Order') {
  constructor(
    readonly number: number,
    readonly cents: number,
  ) {
    super();
  }
}

/** The next orders may come. */
class Ready extends event('Ready') {}

class Invoice extends event('Invoice') {
  constructor(
    readonly order: Order,
    readonly number: number,
    readonly cents: number,
    readonly version: number,
  ) {
    super();
  }
}

const Orders = portType('Orders', { requests: [Ready], indications: [Order] });
const Invoices = portType('Invoices', { requests: [Ready], indications: [Invoice] });

/** The first stage: a hundred orders each time that somebody is ready for more. */
class Shop extends Component {
  readonly orders = this.provides(Orders);

  constructor(context: Context, orders: number) {
    super(context);
    let number = 0;

    this.orders.upon(Ready, () => {
      for (const end = Math.min(orders, number + 100); number < end;) {
        number += 1;
        this.orders.next(new Order(number, (number % 90) + 10));
      }
    });
  }
}

/** The middle stage. To go on, the next version must know the number of the last invoice. */
class Billing extends Component implements Replaceable<number> {
  readonly orders = this.requires(Orders);
  readonly invoices = this.provides(Invoices);
  protected readonly version: number = 1;
  #lastNumber: number;

  constructor(context: Context, lastNumber: number) {
    super(context);
    this.#lastNumber = lastNumber;

    this.invoices.upon(Ready, (ready) => {
      this.orders.next(ready);
    });

    this.orders.upon(Order, (order) => {
      this.#lastNumber += 1;
      const cents = this.price(order);
      this.invoices.next(new Invoice(order, this.#lastNumber, cents, this.version));
    });
  }

  handOver(): number {
    return this.#lastNumber;
  }

  protected price({ cents }: Order): number {
    return cents;
  }
}

/** The new version: there is a tax. */
class BillingWithTax extends Billing {
  protected override readonly version = 2;

  protected override price({ cents }: Order): number {
    return Math.round(cents * 1.2);
  }
}

/** The last stage: asks for more when a hundred have come, and checks every one. */
class Ledger extends Component {
  readonly invoices = this.requires(Invoices);

  constructor(context: Context, noted: (invoice: Invoice) => void) {
    super(context);
    let last = 0;

    this.control.upon(Start, () => {
      this.invoices.next(new Ready());
    });

    this.invoices.upon(Invoice, (invoice) => {
      last += 1;
      invariant(invoice.order.number === last, 'no order is lost, doubled or overtaken');
      invariant(invoice.number === last, 'the invoices are numbered without a gap');
      noted(invoice);
      if (last % 100 === 0) this.invoices.next(new Ready());
    });
  }
}

async function main(orders: number): Promise<void> {
  await using system = new System('pipeline');
  const shop = system.create(Shop, orders);
  const billing = system.create(Billing, 0);
  const cents = new Map<number, number>();

  await new Promise<void>((done, failed) => {
    const ledger = system.create(Ledger, ({ number, version, ...invoice }) => {
      cents.set(version, (cents.get(version) ?? 0) + invoice.cents);
      if (number === orders / 2) {
        console.log(`${String(number)} invoices so far: replacing the stage, while more come`);
        system.replace(billing, BillingWithTax, (lastNumber) => [lastNumber]).catch(failed);
      }
      if (number === orders) done();
    });
    shop.orders.connect(billing.orders);
    billing.invoices.connect(ledger.invoices);
    system.start().catch(failed);
  });

  console.log(`${String(orders)} orders, ${String(orders)} invoices, in order`);
  for (const [version, sum] of cents) {
    console.log(`version ${String(version)}: ${String(sum)} cents`);
  }
}

void main(100_000);
