import { ForeignEventError } from './errors';
import { isKindOf, type EventClass } from './event';
import type { PortType } from './port-type';
import { Unanswered, responseOf } from './request';

/** What must be known of a port to say what passes there. */
interface End {
  readonly name: string;
  readonly type: PortType;
  readonly role: 'provided' | 'required';
}

/** The classes of the events that arrive at `end`; where it can ask, it may get no answer. */
export function arriving(end: End): readonly EventClass[] {
  const listed = end.role === 'provided' ? end.type.requests : end.type.indications;
  return leaving(end).some(responseOf) ? [...listed, Unanswered] : listed;
}

/** The classes of the events that leave `end`. */
export function leaving(end: End): readonly EventClass[] {
  return end.role === 'provided' ? end.type.indications : end.type.requests;
}

/** @throws {@link ForeignEventError} if `type` is none of the classes `listed`, nor below one */
export function refuseForeign(end: End, listed: readonly EventClass[], type: EventClass): void {
  if (!listed.some((base) => isKindOf(type, base))) {
    throw new ForeignEventError(end.name, type.name);
  }
}
