import type { Expected } from '@jbstore/store/port';

import { InvalidArgumentError } from './errors';
import { bytesOf, type Bytes } from './text';

/** What must be there: this value, the value of this version, or none. */
export type Expectation = { readonly value: Bytes } | { readonly version: number } | 'absent';

/** @throws {@link InvalidArgumentError} if it is none of those */
export function expectedOf(expectation: Expectation): Expected {
  if (expectation === 'absent') return { kind: 'absent' };
  if (has(expectation, 'value')) {
    return { kind: 'value', value: bytesOf('value', expectation.value) };
  }
  if (has(expectation, 'version') && Number.isSafeInteger(expectation.version)) {
    const { version } = expectation;
    if (version > 0) return { kind: 'version', version };
  }
  throw new InvalidArgumentError(
    "what is expected is { value }, or { version } with a whole number from 1 on, or 'absent'",
  );
}

/** Programs without types hand in anything. */
function has<Name extends string>(
  expectation: unknown,
  name: Name,
): expectation is Extract<Expectation, Record<Name, unknown>> {
  return typeof expectation === 'object' && expectation !== null && name in expectation;
}
