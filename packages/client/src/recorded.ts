import type { Call, Recorder, Result } from '@jbstore/linearizability';
import {
  Cas,
  Delete,
  Get,
  Increment,
  Incremented,
  Mismatch,
  Value,
  type Mutation,
} from '@jbstore/store/port';

import {
  KeySizeError,
  NotANumberError,
  UnavailableError,
  UnsupportedOperationError,
  ValueSizeError,
} from './errors';
import type { Answer } from './requests';
import { textOf } from './text';

/** What a recorder is told that is called. */
type Recorded = Parameters<Recorder['call']>[0];

/**
 * Asks, and tells `recorder` of it: what is called before it is sent, and what came of it when that is
 * known. What surely was not performed has failed; of what else rejects, for an abort or a close too,
 * nobody knows.
 */
export async function recorded(
  recorder: Recorder,
  request: Mutation | Get,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const call = recorder.call(recordedAs(request));
  try {
    const answer = await ask();
    if (answer instanceof Mismatch) call.fail();
    else call.ok(resultOf(answer));
    return answer;
  } catch (error) {
    tellFailure(call, request, error);
    throw error;
  }
}

/** A history knows values, but no versions: what was set because of a version is a put there. */
export function recordedAs(request: Mutation | Get): Recorded {
  const key = historyTextOf(request.key);
  if (request instanceof Get) return { op: 'get', key };
  if (request instanceof Delete) return { op: 'delete', key };
  if (request instanceof Increment) return { op: 'increment', key, by: request.by };
  const value = historyTextOf(request.value);
  if (!(request instanceof Cas) || request.expected.kind === 'version') {
    return { op: 'put', key, value };
  }
  const { expected } = request;
  const from = expected.kind === 'value' ? historyTextOf(expected.value) : null;
  return { op: 'cas', key, from, to: value };
}

/** What a history knows of an answer. */
export function resultOf(answer: Answer): Result {
  if (answer instanceof Value) return historyTextOf(answer.value);
  return answer instanceof Incremented ? String(answer.value) : null;
}

/** `bytes` as text in UTF-8; where they are none, their hexadecimal digits after `bytes:`. */
function historyTextOf(bytes: Uint8Array): string {
  const text = textOf(bytes);
  if (Buffer.from(text).equals(bytes)) return text;
  return `bytes:${Buffer.from(bytes).toString('hex')}`;
}

/** That a cas has failed says in a history that it found something else: not so if it was not performed. */
function tellFailure(call: Call, request: Mutation | Get, error: unknown): void {
  const surelyNotPerformed =
    error instanceof UnavailableError ||
    error instanceof KeySizeError ||
    error instanceof NotANumberError ||
    error instanceof UnsupportedOperationError ||
    error instanceof ValueSizeError;
  if (surelyNotPerformed && !(request instanceof Cas)) call.fail();
  else call.unknown();
}
