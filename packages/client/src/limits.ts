import {
  Cas,
  Increment,
  Put,
  Scan,
  flawOfKey,
  flawOfValue,
  type Failure,
  type Get,
  type Mutation,
} from '@jbstore/store/port';

/** Why a request is not taken. */
export interface Flaw {
  readonly failure: Failure;
  readonly text: string;
}

/** Why `request` is not taken, while `running` others of `most` run; undefined if it is. */
export function flawOf(
  request: Mutation | Get | Scan,
  running: number,
  most: number,
): Flaw | undefined {
  if (running >= most) {
    const text = `${String(running)} requests are running already: await some of them`;
    return { failure: 'unavailable', text };
  }
  if (request instanceof Scan) return undefined;
  const keyFlaw = flawOfKey(request.key);
  if (keyFlaw !== undefined) return { failure: 'key size', text: keyFlaw };
  if (request instanceof Increment && !Number.isSafeInteger(request.by)) {
    const text = `a counter counts by a safe integer, not by ${String(request.by)}`;
    return { failure: 'not a number', text };
  }
  const valueFlaw = valuesOf(request)
    .map(flawOfValue)
    .find((flaw) => flaw !== undefined);
  return valueFlaw === undefined ? undefined : { failure: 'value size', text: valueFlaw };
}

/** Says that the registers of this kind cannot do `what`: only those that perform each request exactly once can. */
export function unsupportedBy(register: string, what: string): string {
  return (
    `the registers of this cluster, ${register}, know no ${what}: ` +
    'start its nodes with --register exactly-once'
  );
}

function valuesOf(request: Mutation | Get): readonly Uint8Array[] {
  if (request instanceof Put) return [request.value];
  if (!(request instanceof Cas)) return [];
  const { expected, value } = request;
  return expected.kind === 'value' ? [expected.value, value] : [value];
}
