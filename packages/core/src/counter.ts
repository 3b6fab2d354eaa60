import { invariant } from './errors';

/** A live figure of a component. */
abstract class Figure {
  value = 0;

  /**
   * @param component - the path of the component that has it
   * @param name - what it tells, in words joined by dots: `register.rounds`
   * @param labels - tells apart what bears one name: `{ type: 'register/Read' }`
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

/** A figure that only grows, such as the number of messages that were refused. */
export class Counter extends Figure {
  readonly kind = 'counter';
}

/** A figure that goes down as well, such as the depth of a queue; `value` may be set. */
export class Gauge extends Figure {
  readonly kind = 'gauge';
}

type FigureClass<F extends Figure> = new (...identity: ConstructorParameters<typeof Figure>) => F;

/**
 * The figures of one system. The same name and labels in one component give the same figure. Those of
 * a component that was killed stay as they were: what happened has happened, and a component that is
 * made anew at the same path goes on counting where it was.
 */
export class Figures {
  readonly #figures = new Map<string, Counter | Gauge>();

  /** @throws {@link InvariantViolation} if it is there, and of the other kind */
  get<F extends Counter | Gauge>(
    kind: FigureClass<F>,
    ...[component, name, labels]: ConstructorParameters<typeof Figure>
  ): F {
    const key = JSON.stringify([component, name, ...Object.entries(labels)]);
    let figure = this.#figures.get(key);
    if (!figure) this.#figures.set(key, (figure = new kind(component, name, labels)));
    invariant(figure instanceof kind, `${name} is either a counter or a gauge`);
    return figure;
  }

  list(): readonly (Counter | Gauge)[] {
    return [...this.#figures.values()];
  }
}
