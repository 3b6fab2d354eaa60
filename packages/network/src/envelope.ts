import { z } from 'zod';

import { Unit, unitOf } from './address';
import { MalformedMessageError } from './errors';
import { type Field } from './field';
import { envelopeWireId, sendingUnit, type Message } from './message';
import { Misfit } from './misfit';
import { type Reader } from './reader';
import { fieldOf } from './schema-fields';
import { type Writer } from './writer';

const Units = z.object({ to: Unit.optional(), from: Unit.optional() });
const type = 'network/Envelope';
const field: Field = fieldOf(Units, type);

/** Which units of two processes a message is from and to, and of which type it is. */
export interface Envelope extends z.infer<typeof Units> {
  readonly wireId: number;
}

/** Destinations that are processes: the same come again and again. */
const plain = new Set<string>();
const mostPlain = 4_096;

/**
 * Writes the envelope of `message`, if it needs one. Returns the wire id that goes before all.
 * @throws {@link MalformedMessageError} if it is from a unit that cannot be
 */
export function writeEnvelope(writer: Writer, message: Message): number {
  const { wireId } = message.declaration;
  const from = sendingUnit(message);
  if (from === undefined && plain.has(message.destination)) return wireId;
  const to = unitOf(message.destination);
  if (to === undefined) {
    if (plain.size >= mostPlain) plain.clear();
    plain.add(message.destination);
  }
  if (to === undefined && from === undefined) return wireId;
  try {
    field.write(writer, { to, from });
  } catch (cause) {
    throw malformed(cause);
  }
  const at = writer.take(4);
  writer.buffer.writeUInt32LE(wireId, at);
  return envelopeWireId;
}

/** @throws {@link MalformedMessageError} unless an envelope lies there */
export function readEnvelope(reader: Reader): Envelope {
  try {
    const units = field.read(reader) as z.infer<typeof Units>;
    const at = reader.skip(4);
    return { ...units, wireId: reader.buffer.readUInt32LE(at) };
  } catch (cause) {
    throw malformed(cause);
  }
}

function malformed(cause: unknown): unknown {
  return cause instanceof Misfit ? new MalformedMessageError(type, [cause.issue]) : cause;
}
