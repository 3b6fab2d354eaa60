import {
  Scan,
  keyLimitBytes,
  valueLimitBytes,
  type Failure,
  type Get,
  Put,
} from '@jbstore/store/port';

/** Why `request` is not taken, while `running` others of `most` run; undefined if it is. */
export function flawOf(
  request: Put | Get | Scan,
  running: number,
  most: number,
): { failure: Failure; text: string } | undefined {
  if (running >= most) {
    const text = `${String(running)} requests are running already: await some of them`;
    return { failure: 'unavailable', text };
  }
  if (request instanceof Scan) return undefined;
  const { length } = request.key;
  if (length === 0 || length > keyLimitBytes) {
    const text = `a key has 1 to ${String(keyLimitBytes)} bytes, not ${String(length)}`;
    return { failure: 'key size', text };
  }
  if (request instanceof Put && request.value.length > valueLimitBytes) {
    const size = String(request.value.length);
    return {
      failure: 'value size',
      text: `a value has at most ${String(valueLimitBytes)} bytes, not ${size}`,
    };
  }
  return undefined;
}
