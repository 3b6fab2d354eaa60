import { type Reader } from './reader';
import { type Writer } from './writer';

/**
 * How values of one schema lie on the wire. Every value takes at least one byte, so that a length read
 * from the wire is checked against the bytes that are there before anything is made for it.
 */
export interface Field {
  /** @throws {@link Misfit} if the schema does not allow `value`. */
  write(writer: Writer, value: unknown): void;
  /** @throws {@link Misfit} if there is no value there that the schema allows. */
  read(reader: Reader): unknown;
  /** A value through which nobody can change `value`; itself, where it cannot be changed at all. */
  copy(value: unknown): unknown;
}
