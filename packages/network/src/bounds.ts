import { type z } from 'zod';

/** What a schema demands beyond its kind, as far as the packed forms check it themselves. */
export interface Bounds {
  minimum: number;
  maximum: number;
  integer: boolean;
  pattern?: RegExp;
  /** False if something is demanded that only zod can judge. */
  complete: boolean;
}

interface Checked {
  readonly checks?: readonly z.core.$ZodCheck[] | undefined;
}

/** The bounds of a number: of its value. */
export function boundsOfNumber(definition: z.core.$ZodNumberDef): Bounds {
  const bounds: Bounds = { minimum: -Infinity, maximum: Infinity, integer: false, complete: true };
  const checks = checksOf(definition);
  for (const check of checks) {
    if (check.check === 'number_format') limitToFormat(bounds, check.format);
  }
  for (const check of checks) {
    if (check.check === 'greater_than') above(bounds, Number(check.value), check.inclusive);
    else if (check.check === 'less_than') below(bounds, Number(check.value), check.inclusive);
    else if (check.check !== 'number_format') bounds.complete = false;
  }
  if (bounds.integer) {
    raise(bounds, Number.MIN_SAFE_INTEGER);
    lower(bounds, Number.MAX_SAFE_INTEGER);
  }
  return bounds;
}

/** The bounds of a text or a list: of its length. */
export function boundsOfLength(definition: z.core.$ZodTypeDef): Bounds {
  const bounds: Bounds = { minimum: 0, maximum: Infinity, integer: true, complete: true };
  for (const check of checksOf(definition)) {
    if (check.check === 'min_length') raise(bounds, check.minimum);
    else if (check.check === 'max_length') lower(bounds, check.maximum);
    else if (check.check === 'length_equals') {
      raise(bounds, check.length);
      lower(bounds, check.length);
    } else if (isPattern(check) && !bounds.pattern) bounds.pattern = check.pattern;
    else bounds.complete = false;
  }
  return bounds;
}

/** True if nothing is demanded of a schema beyond its kind. */
export function hasNoChecks(definition: z.core.$ZodTypeDef): boolean {
  return checksOf(definition).length === 0;
}

/** A schema such as `z.int()` is a check itself; `z.custom()` is too, but its kind says all of it. */
function checksOf(definition: z.core.$ZodTypeDef): readonly z.core.$ZodChecks['_zod']['def'][] {
  const checks = ((definition as Checked).checks ?? []).map((check) => check._zod.def);
  const own = 'check' in definition && definition.type !== 'custom' ? [definition] : [];
  return [...own, ...checks] as unknown as readonly z.core.$ZodChecks['_zod']['def'][];
}

function isPattern(
  check: z.core.$ZodChecks['_zod']['def'],
): check is z.core.$ZodChecks['_zod']['def'] & { readonly pattern: RegExp } {
  return (
    check.check === 'string_format' &&
    check.format === 'regex' &&
    'pattern' in check &&
    check.pattern instanceof RegExp
  );
}

function limitToFormat(bounds: Bounds, format: z.core.$ZodNumberFormats): void {
  if (format === 'float32' || format === 'float64') {
    bounds.complete = false;
    return;
  }
  bounds.integer = true;
  if (format === 'int32') {
    raise(bounds, -(2 ** 31));
    lower(bounds, 2 ** 31 - 1);
  } else if (format === 'uint32') {
    raise(bounds, 0);
    lower(bounds, 2 ** 32 - 1);
  }
}

/** A bound that is excluded is the next whole number; of other numbers only zod can judge it. */
function above(bounds: Bounds, value: number, inclusive: boolean): void {
  if (inclusive) raise(bounds, value);
  else if (bounds.integer) raise(bounds, Math.floor(value) + 1);
  else bounds.complete = false;
}

function below(bounds: Bounds, value: number, inclusive: boolean): void {
  if (inclusive) lower(bounds, value);
  else if (bounds.integer) lower(bounds, Math.ceil(value) - 1);
  else bounds.complete = false;
}

function raise(bounds: Bounds, minimum: number): void {
  bounds.minimum = Math.max(bounds.minimum, minimum);
}

function lower(bounds: Bounds, maximum: number): void {
  bounds.maximum = Math.min(bounds.maximum, maximum);
}
