import { Subject, type Observable } from 'rxjs';

import type { Counter } from './counter';
import type { ComponentFault } from './errors';
import type { Host } from './host';
import type { Logger } from './logger';
import type { FaultDecision } from './supervision';

/** A fault, and what was decided about it. */
export class TreatedFault {
  /**
   * @param component - the path of the component about which it was decided: the one that failed, or
   *   one above it; the name of the system if that stops
   */
  constructor(
    readonly fault: ComponentFault,
    readonly component: string,
    readonly decision: FaultDecision,
  ) {}
}

/** Tells operators of the faults of one system. */
export class Faults {
  readonly #treated = new Subject<TreatedFault>();
  readonly #counterOf: (decision: FaultDecision) => Counter;
  readonly #loggerOf: (path: string) => Logger;
  readonly #host: Host;

  constructor(
    counterOf: (decision: FaultDecision) => Counter,
    loggerOf: (path: string) => Logger,
    host: Host,
  ) {
    this.#counterOf = counterOf;
    this.#loggerOf = loggerOf;
    this.#host = host;
  }

  get treated(): Observable<TreatedFault> {
    return this.#treated;
  }

  tell(fault: ComponentFault, path: string, decision: FaultDecision): void {
    this.#loggerOf(path).warn('a component failed', { ...fieldsOf(fault), decision });
    this.#publish(fault, path, decision);
  }

  /** @param stopped - the system stops for it; it does already otherwise */
  tellFatal(fault: ComponentFault, system: string, seed: string, stopped: boolean): void {
    const message = stopped ? 'a component failed, so the system stops' : 'a component failed too';
    this.#loggerOf(system).error(message, { ...fieldsOf(fault), seed });
    this.#publish(fault, system, 'stop');
  }

  /** Tells whoever asked to be told; what that throws must not upset the turn in which this runs. */
  callBack(onFault: (fault: ComponentFault) => void, fault: ComponentFault): void {
    try {
      onFault(fault);
    } catch (error) {
      this.#host.soon(() => {
        throw error;
      });
    }
  }

  #publish(fault: ComponentFault, path: string, decision: FaultDecision): void {
    this.#counterOf(decision).add();
    this.#treated.next(new TreatedFault(fault, path, decision));
  }
}

function fieldsOf({ component, port, event, cause }: ComponentFault): object {
  return { failed: component, port, event: event?.constructor.name, cause };
}
