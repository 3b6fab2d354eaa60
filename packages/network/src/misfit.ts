/** A value, or bytes, that do not fit the schema of a field. The codec names the message around it. */
export class Misfit extends Error {
  /** From the field of the message inwards. */
  readonly path: string[] = [];

  /** `name: what is wrong with it`. */
  get issue(): string {
    return this.path.length === 0 ? this.message : `${this.path.join('.')}: ${this.message}`;
  }
}

/** `cause`, as it is seen from one level further out. */
export function inside(name: string, cause: unknown): unknown {
  if (cause instanceof Misfit) cause.path.unshift(name);
  return cause;
}

/** How a value looks in an error: short, and without its bytes. */
export function shown(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value) ? 'a list' : 'an object';
  }
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
