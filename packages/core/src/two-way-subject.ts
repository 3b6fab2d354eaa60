import { Subject, type Observable, type Observer } from 'rxjs';

/** What `subscribe` of RxJS takes. */
export type ObserverOf<E> = Partial<Observer<E>> | ((event: E) => void);

/** An RxJS subject that takes events of one type and emits events of another. */
export interface TwoWaySubject<In, Out> extends Observable<In> {
  readonly observed: boolean;
  next(event: Out): void;
  error(cause: unknown): void;
  complete(): void;
}

/**
 * `Subject` without the fields of one, which weigh more than the rest of a port: few ports are ever
 * observed, and those that are make a subject for it.
 */
function BareSubject(): void {
  // Nothing to set up.
}
BareSubject.prototype = Subject.prototype;
export const TwoWaySubject = BareSubject as unknown as abstract new <In, Out>() => TwoWaySubject<
  In,
  Out
>;
