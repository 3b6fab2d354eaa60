import { type Address, unitAt } from './address';
import { readEnvelope, writeEnvelope } from './envelope';
import { MalformedMessageError } from './errors';
import { declarationOf, envelopeWireId, type Lane, type Message } from './message';
import { Reader } from './reader';
import { Writer } from './writer';

/** What a network knows of a message that came, beside its bytes. */
export interface Passage {
  /** The process that sent it. */
  readonly source: Address;
  /** The process that receives it. */
  readonly destination: Address;
  readonly lane: Lane;
}

const wireIdBytes = 4;
const largestScratchBytes = 1024 * 1024;
const scratch = new Writer(4 * 1024, largestScratchBytes);

/**
 * `message` in the form in which it crosses a wire: its type, the units that it is to and from, and its
 * body. For networks that carry one message at a time; sessions put many into a frame.
 * @throws {@link MalformedMessageError} if a field does not fit
 */
export function encode(message: Message): Buffer {
  scratch.rewind(0);
  scratch.mark = 0;
  scratch.take(wireIdBytes);
  const wireId = writeEnvelope(scratch, message);
  message.declaration.write(scratch, message);
  scratch.buffer.writeUInt32LE(wireId, 0);
  return Buffer.from(scratch.buffer.subarray(0, scratch.position));
}

/**
 * What {@link encode} wrote, as its destination gets it: it shares the bytes of values with `bytes`.
 * @throws {@link MalformedMessageError} if it is no message that this process knows
 */
export function decode(bytes: Buffer, { source, destination, lane }: Passage): Message {
  const reader = new Reader(bytes);
  const wireId = bytes.readUInt32LE(reader.skip(wireIdBytes));
  if (wireId !== envelopeWireId) return read(reader, wireId, { source, destination, lane });
  const { to, from, wireId: inner } = readEnvelope(reader);
  const passage = { source: unitAt(source, from), destination: unitAt(destination, to), lane };
  return read(reader, inner, passage);
}

function read(reader: Reader, wireId: number, { source, destination, lane }: Passage): Message {
  const declaration = declarationOf(wireId);
  if (declaration) return declaration.read(reader, destination, { lane, source });
  throw new MalformedMessageError(`message ${wireId.toString(16)}`, ['its type is not known here']);
}
