import { byteString, bytes, message } from '@jbstore/network/port';
import { z } from 'zod';

/**
 * The book's rid: which phase of which operation. `boot` is drawn once in the life of a process and
 * `phase` is counted up, so that no phase of this life or of another one has the same.
 */
const rid = { boot: z.int().nonnegative(), phase: z.int().nonnegative() };

/** Which timestamp do you hold? And with which value, if the timestamp is greater than `above`? */
export class ReadMessage extends message('register/Read', {
  ...rid,
  register: byteString(),
  above: z.int().nonnegative(),
}) {}

/** The answer: 0 where there is no value, and no bytes unless they were asked for. */
export class ValueMessage extends message('register/Value', {
  ...rid,
  timestamp: z.int().nonnegative(),
  value: bytes(),
}) {}

/** Hold this value, unless you hold one of this timestamp or a later one. */
export class WriteMessage extends message('register/Write', {
  ...rid,
  register: byteString(),
  timestamp: z.int().positive(),
  value: bytes(),
}) {}

/** The answer: the sender holds that timestamp or a later one. */
export class AckMessage extends message('register/Ack', rid) {}
