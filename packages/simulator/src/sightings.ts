import type { Address, Message } from '@jbstore/network/port';
import { GetRequest, GlanceMessage, MutateRequest, PutRequest } from '@jbstore/store/port';

import type { Copy } from './link';
import type { ProbeName } from './probes';
import type { SimulatedProcess } from './simulated-process';
import type { Station } from './station';

const longMs = 1_000;

/** Which rare paths a run has taken, as far as they are seen from outside. */
export class Sightings {
  readonly #counts = new Map<ProbeName, number>();
  /** To whom each request of a client went at first. */
  readonly #askedFirst = new Map<string, Address>();
  readonly #glances = new Set<string>();

  get counts(): ReadonlyMap<ProbeName, number> {
    return this.#counts;
  }

  sometimes(probe: ProbeName): void {
    this.#counts.set(probe, (this.#counts.get(probe) ?? 0) + 1);
  }

  sent({ self }: Station, message: Message): void {
    if (message instanceof GlanceMessage) this.#glances.add(`${self} ${String(message.phase)}`);
    if (!isRequest(message)) return;
    const request = `${self} ${String(message.id)}`;
    if (this.#glances.delete(request)) this.sometimes('a glance came to nothing');
    const asked = this.#askedFirst.get(request);
    if (asked === undefined) this.#askedFirst.set(request, message.destination);
    else if (asked !== message.destination) this.sometimes('a request went to a second member');
  }

  /** @param afterMs - how long it was on its way */
  arrived(kind: Copy['kind'], afterMs: number, isFromTheDead: boolean): void {
    if (kind === 'replayed' && afterMs > longMs) {
      this.sometimes('a message came again, a second later');
    }
    if (isFromTheDead) this.sometimes('a message of a dead process arrived');
  }

  /** `process` is about to be killed by plan. */
  dies(process: SimulatedProcess): void {
    if (!process.place.startsWith('n')) return;
    if (!process.view) this.sometimes('a node died before there was a view');
    const busy = process.gauges(/^store\.running$/).some(({ value }) => value > 0);
    if (busy) this.sometimes('a node died with requests on their way');
  }
}

const requests: ReadonlySet<string> = new Set([
  MutateRequest.type,
  PutRequest.type,
  GetRequest.type,
]);

/** Front ends ask such things. */
function isRequest(message: Message): message is MutateRequest | PutRequest | GetRequest {
  return requests.has(message.declaration.type);
}
