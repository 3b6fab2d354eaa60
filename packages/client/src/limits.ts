import { Put, Scan, flawOfKey, flawOfValue, type Failure, type Get } from '@jbstore/store/port';

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
  const keyFlaw = flawOfKey(request.key);
  if (keyFlaw !== undefined) return { failure: 'key size', text: keyFlaw };
  const valueFlaw = request instanceof Put ? flawOfValue(request.value) : undefined;
  return valueFlaw === undefined ? undefined : { failure: 'value size', text: valueFlaw };
}
