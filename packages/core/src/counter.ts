/** A live figure of a component, such as the number of messages it refused. */
export class Counter {
  /** May be set as well, for figures that go down: a queue's depth. */
  value = 0;

  /**
   * @param component - the path of the component that counts
   * @param name - what is counted, in words joined by dots: `register.rounds`
   * @param labels - tells apart what is counted under one name: `{ type: 'register/Read' }`
   */
  constructor(
    readonly component: string,
    readonly name: string,
    readonly labels: Readonly<Record<string, string>>,
  ) {}

  add(amount = 1): void {
    this.value += amount;
  }
}

/** The counters of one system. The same name and labels in one component give the same counter. */
export class Counters {
  readonly #counters = new Map<string, Counter>();

  counter(component: string, name: string, labels: Readonly<Record<string, string>>): Counter {
    const key = JSON.stringify([component, name, ...Object.entries(labels)]);
    let counter = this.#counters.get(key);
    if (!counter) this.#counters.set(key, (counter = new Counter(component, name, labels)));
    return counter;
  }

  list(): readonly Counter[] {
    return [...this.#counters.values()];
  }
}
