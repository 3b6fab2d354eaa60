import { isAtomic } from '@jbstore/register/compliance';

/** A put or get of the one key, as its client saw it. Moments are counted up, one for each event. */
export interface Operation {
  readonly client: number;
  readonly op: 'put' | 'get';
  readonly key: string;
  /** What was put, or found; null for nothing. */
  value: string | null;
  readonly call: number;
  return: number | null;
  /** `fail`: the client was told that it surely was not performed. */
  status: 'ok' | 'fail' | 'unknown';
}

/** What a client was told. */
export type Outcome =
  | { readonly status: 'ok'; readonly value?: string | null }
  | { readonly status: 'fail' | 'unknown' };

/** The history of a schedule, while it is made. */
export class Calls {
  readonly operations: Operation[] = [];
  #moment = 0;

  begin(op: Operation['op'], value: string | null): Operation {
    const client = this.operations.length + 1;
    const operation: Operation = {
      client,
      op,
      key: 'x',
      value,
      call: ++this.#moment,
      return: null,
      status: 'unknown',
    };
    this.operations.push(operation);
    return operation;
  }

  /** A second answer to one operation changes nothing. */
  end(operation: Operation, outcome: Outcome): void {
    if (operation.return !== null) return;
    operation.return = ++this.#moment;
    operation.status = outcome.status;
    if (outcome.status === 'ok' && operation.op === 'get') operation.value = outcome.value ?? null;
  }

  /** @param answersDemanded - no request may have been refused, or be unanswered */
  finding(answersDemanded: boolean): string {
    if (!this.#linearizable()) return 'not linearizable';
    const refused = this.operations.some(({ status }) => status !== 'ok');
    return answersDemanded && refused ? 'a request was refused' : 'linearizable';
  }

  #linearizable(): boolean {
    const told = this.operations.filter(
      ({ op, status }) => status === 'ok' || (op === 'put' && status === 'unknown'),
    );
    return isAtomic(
      told.map(({ op, value, call, return: end, status }) => ({
        written: op === 'put' ? (value ?? '') : undefined,
        invokedAt: call,
        returnedAt: status === 'ok' && end !== null ? end : Infinity,
        found: op === 'get' ? (value ?? undefined) : undefined,
      })),
    );
  }
}
