import type { Call, Recorder } from '@jbstore/linearizability';
import { Put, Value, type Get } from '@jbstore/store/port';

import { KeySizeError, UnavailableError, ValueSizeError } from './errors';
import type { Answer } from './requests';
import { textOf } from './text';

/**
 * Asks, and tells `recorder` of it: what is called before it is sent, and what came of it when that is
 * known. What surely was not performed has failed; of what else rejects, for an abort or a close too,
 * nobody knows.
 */
export async function recorded(
  recorder: Recorder,
  request: Put | Get,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const key = historyTextOf(request.key);
  const call = recorder.call(
    request instanceof Put
      ? { op: 'put', key, value: historyTextOf(request.value) }
      : { op: 'get', key },
  );
  try {
    const answer = await ask();
    call.ok(answer instanceof Value ? historyTextOf(answer.value) : null);
    return answer;
  } catch (error) {
    tellFailure(call, error);
    throw error;
  }
}

/** `bytes` as text in UTF-8; where they are none, their hexadecimal digits after `bytes:`. */
function historyTextOf(bytes: Uint8Array): string {
  const text = textOf(bytes);
  if (Buffer.from(text).equals(bytes)) return text;
  return `bytes:${Buffer.from(bytes).toString('hex')}`;
}

function tellFailure(call: Call, error: unknown): void {
  const surelyNotPerformed =
    error instanceof UnavailableError ||
    error instanceof KeySizeError ||
    error instanceof ValueSizeError;
  if (surelyNotPerformed) call.fail();
  else call.unknown();
}
