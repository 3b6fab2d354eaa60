import { invariant, PortEvent } from '@jbstore/core';
import { z } from 'zod';

import { type Address, type Unit, nobody, processOf, unitAt, unitOf } from './address';
import { BodyCodec } from './codec';
import { DuplicateMessageError } from './errors';
import { messageClassOf, receivedClassOf } from './generated';
import { type Reader } from './reader';
import { type Writer } from './writer';

/** Messages of the priority lane overtake those of the normal one. For heartbeats and the like. */
export type Lane = 'priority' | 'normal';

export interface MessageOptions {
  /** `normal` unless told. */
  readonly lane?: Lane;
  /** Set by the network that received the message; a sender leaves it out. */
  readonly source?: Address;
  /** Which unit of its process sends it; left out by the process itself. */
  readonly unit?: Unit;
}

/** An event which crosses the network. Declare its subclasses with {@link message}. */
export abstract class Message extends PortEvent {
  declare readonly destination: Address;
  /** Who sent it, as the network that received it knows; before that, {@link nobody}, or its unit. */
  declare readonly source: Address;
  declare readonly lane: Lane;
  /** What {@link message} made of the declaration. On the prototype. */
  declare readonly declaration: Declaration;
}

function originOf(options: MessageOptions | undefined): Address {
  return options?.source ?? (options?.unit ? unitAt(nobody, options.unit) : nobody);
}

export type BodyOf<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>>;

/** What {@link message} returns: a class to be extended, whose fields are those of the body. */
export interface MessageClass<Type extends string, Shape extends z.ZodRawShape> {
  readonly type: Type;
  readonly declaration: Declaration;
  new (
    destination: Address,
    body: BodyOf<Shape>,
    options?: MessageOptions,
  ): Message & { readonly type: Type } & Readonly<BodyOf<Shape>>;
}

/** How messages of one type lie on the wire. */
export interface Declaration {
  readonly type: string;
  /** Its place among all that were declared in this process, from 0: tables of them are arrays. */
  readonly ordinal: number;
  /** The 32-bit FNV-1a hash of the type's name, in UTF-8. */
  readonly wireId: number;
  readonly schema: z.ZodObject;
  /** @throws {@link MalformedMessageError} if a field of `message` does not fit. */
  write(writer: Writer, message: Message): void;
  /** @throws {@link MalformedMessageError} unless just one body lies between here and the reader's end. */
  read(reader: Reader, destination: Address, options: MessageOptions): Message;
  /** `message` as its destination gets it: with `source`, and sharing no bytes with the sender's. */
  received(message: Message, source: Address, destination: Address): Message;
}

const byWireId = new Map<number, Declaration>();

/** The declaration with this wire id, among all that were loaded in this process. */
export function declarationOf(wireId: number): Declaration | undefined {
  return byWireId.get(wireId);
}

/**
 * In place of the type of a message that goes to a unit, or comes from one: the units follow, and then
 * the type. A process that knows no units passes over it.
 */
export const envelopeWireId = fnv1a('network/Envelope');

const reserved = [
  'source',
  'destination',
  'lane',
  'type',
  'declaration',
  'constructor',
  '__proto__',
];

/**
 * Declares a message in one line. `type` is its name on the wire, in every process and version: prefix
 * it with the package. The class it becomes has no members of its own, because a message that came
 * over the wire would not have them.
 *
 * @throws {@link DuplicateMessageError}
 *
 * @example
 * ```ts
 * import { Address, bytes, message } from '@jbstore/network/port';
 * import { z } from 'zod';
 *
 * class Read extends message('hall/Read', { rid: z.int().nonnegative(), key: bytes() }) {}
 *
 * const request = new Read(Address.parse('@127.0.0.1:7100'), { rid: 1, key: Buffer.from('x') });
 * ```
 */
export function message<const Type extends string, const Shape extends z.ZodRawShape>(
  type: Type,
  body: Shape,
): MessageClass<Type, Shape> {
  const schema = z.object(body);
  const codec = new BodyCodec(type, schema);
  const clash = reserved.find((name) => Object.hasOwn(body, name));
  invariant(clash === undefined, `a field of ${type} may not be called ${clash ?? ''}`);
  const made = messageClassOf(codec.names, Message, originOf);
  const Declared = made as unknown as MessageClass<Type, Shape>;
  const Received = receivedClassOf(codec.names, made.prototype);
  const declaration: Declaration = {
    type,
    ordinal: byWireId.size,
    wireId: fnv1a(type),
    schema,
    write: (writer, sent) => {
      codec.write(writer, sent);
    },
    read: (reader, destination, { source = nobody, lane = 'normal' }) =>
      codec.read(reader, Received, destination, source, lane) as Message,
    received: (sent, source, destination) =>
      new Declared(destination, codec.copy(sent) as BodyOf<Shape>, { lane: sent.lane, source }),
  };
  Object.defineProperties(Declared, {
    name: { value: type.slice(type.lastIndexOf('/') + 1) },
    type: { value: type },
    declaration: { value: declaration },
    // What came over the wire is made here, below the class that extends this one, and is one of it.
    [Symbol.hasInstance]: { value: (instance: unknown) => isOf(declaration, instance) },
  });
  Object.defineProperties(made.prototype, {
    type: { value: type },
    declaration: { value: declaration },
  });
  register(declaration);
  return Declared;
}

function isOf(declaration: Declaration, value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'declaration' in value &&
    value.declaration === declaration
  );
}

function register(declaration: Declaration): void {
  const { type, wireId } = declaration;
  const other = wireId === envelopeWireId ? 'network/Envelope' : byWireId.get(wireId)?.type;
  if (other !== undefined) throw new DuplicateMessageError(type, other);
  byWireId.set(wireId, declaration);
}

/** Fowler, Noll and Vo's hash: 32 bits, variant 1a. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Which unit of this process sends `message`. What was received before is sent by the process itself. */
export function sendingUnit({ source }: Message): Unit | undefined {
  return source === nobody || processOf(source) !== nobody ? undefined : unitOf(source);
}

/** A message as people read it; bytes become base64. For logs and traces, not for the wire. */
export function toJson(sent: Message): Record<string, unknown> {
  const { type, source, destination, lane } = sent;
  const fields: [string, unknown][] = Object.keys(sent.declaration.schema.shape).map((name) => [
    name,
    readable(Reflect.get(sent, name)),
  ]);
  return { type, source, destination, lane, ...Object.fromEntries(fields) };
}

function readable(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, readable(inner)]));
}
