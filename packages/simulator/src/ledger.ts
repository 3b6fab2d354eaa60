import type { Operation } from '@jbstore/linearizability';

/** What is known of one counter: how often it was counted up for sure, and how often perhaps. */
class Account {
  #acknowledged = 0;
  #unknown = 0;
  /** When the last sure increment was over. */
  #lastReturn = 0;

  count({ status, return: at }: Operation): void {
    if (status === 'ok') this.#acknowledged += 1;
    else this.#unknown += 1;
    if (status === 'ok') this.#lastReturn = Math.max(this.#lastReturn, at ?? 0);
  }

  /** True if it may have been `found` by somebody who looked from `call` on. */
  allows(found: number, call: number): boolean {
    const isLate = call > this.#lastReturn;
    if (isLate && found < this.#acknowledged) return false;
    return found <= this.#acknowledged + this.#unknown;
  }

  get text(): string {
    return `${String(this.#acknowledged)} increments acknowledged, and ${String(this.#unknown)} more asked for`;
  }
}

/**
 * I2, of keys that are only counted up, one by one: nobody finds more than was asked for, and who looks when all is
 * acknowledged finds no less than that. Undefined if it is so.
 */
export function flawOfCounts(history: readonly Operation[]): string | undefined {
  const accounts = new Map<string, Account>();
  for (const operation of history) {
    if (operation.op !== 'increment') continue;
    const { key = '' } = operation;
    const account = accounts.get(key) ?? new Account();
    accounts.set(key, account);
    account.count(operation);
  }
  for (const operation of history) {
    const isCounted = operation.op === 'get' || operation.op === 'increment';
    if (!isCounted && 'key' in operation) accounts.delete(operation.key ?? '');
  }
  for (const operation of history) {
    if (operation.op !== 'get' || operation.status !== 'ok') continue;
    const { key = '', value, call } = operation;
    const account = accounts.get(key);
    if (!account || account.allows(Number(value ?? 0), call)) continue;
    return `I2: ${key} is ${String(value)}: ${account.text}`;
  }
  return undefined;
}
