import { Key, event, portType } from '@jbstore/core';

import { unitOf, type Address } from './address';
import { Message } from './message';

export {
  Address,
  InvalidAddressError,
  ProcessId,
  Unit,
  address,
  interned,
  nobody,
  parseAddress,
  processOf,
  unitAt,
  unitOf,
} from './address';
export type { AddressParts } from './address';
export { DuplicateMessageError, MalformedMessageError, UnsupportedFieldError } from './errors';
export { Message, message, sendingUnit, toJson } from './message';
export type { BodyOf, Declaration, Lane, MessageClass, MessageOptions } from './message';
export { byteString, bytes } from './byte-schemas';
export type { ByteLimits } from './byte-schemas';
export { Packing } from './packing';
export { decode, encode } from './wire-form';
export type { Passage } from './wire-form';

/**
 * Point-to-point links: a requested message is sent, an indicated one was received. Perfect while a
 * session between the two processes lives (Cachin, Guerraoui, Rodrigues, Module 2.3):
 *
 * - *Reliable delivery* [while both are correct and the session lives]: what is sent is delivered.
 * - *No duplication* [always]: no message is delivered more than once.
 * - *No creation* [always]: what is delivered with source p was sent by p.
 * - *FIFO order* [always]: messages of one lane are delivered in the order in which they were sent.
 *
 * A session that ends is reported by {@link SessionLost}, at both ends. A message to the process itself
 * is delivered to it. Messages to and from units of a process go over the links of the process, and
 * together they are FIFO. To send what does not fit its own schema is a mistake of the program, and a fault
 * of the provider.
 */
export const Network = portType('Network', { requests: [Message], indications: [Message] });

/**
 * Selects by the unit that a message is to, for `network.connectBy`: one look-up in a table, however many
 * units share the port. `byUnit.is(undefined)` selects what is to the process itself. A message to a unit
 * that nobody has is a dead letter, `unselected`.
 */
export const byUnit = new Key(Network.indications, ({ destination }) => unitOf(destination));

/** This process accepts connections at `address`; its port is the real one where 0 was asked for. */
export class Listening extends event('Listening') {
  constructor(readonly address: Address) {
    super();
  }
}

/** There is a connection with `peer`, for the first time or again. */
export class Connected extends event('Connected') {
  constructor(
    readonly peer: Address,
    /** True if the session of an earlier connection goes on. */
    readonly resumed: boolean,
  ) {
    super();
  }
}

/** The connection with `peer` is gone. Its session goes on until {@link SessionLost}. */
export class Disconnected extends event('Disconnected') {
  constructor(
    readonly peer: Address,
    readonly reason: string,
  ) {
    super();
  }
}

/** Nobody could be reached at `peer`; the next attempt follows by itself. */
export class Unreachable extends event('Unreachable') {
  constructor(
    readonly peer: Address,
    /** Attempts in a row that failed. */
    readonly attempts: number,
    readonly reason: string,
  ) {
    super();
  }
}

/** Why two processes do not talk to one another. */
export type RefusalCode =
  'ERR_WRONG_PROCESS' | 'ERR_FOREIGN_CLUSTER' | 'ERR_PROTOCOL_VERSION' | 'ERR_REFUSED';

/** Somebody answers at `peer`, but it is not whom we look for, or it does not want us. */
export class ConnectionRefused extends event('ConnectionRefused') {
  constructor(
    readonly peer: Address,
    readonly code: RefusalCode,
    readonly text: string,
    /** What this process looked for, where that can be said: a process id, a cluster id, a version. */
    readonly expected?: string,
    /** What it found instead. */
    readonly found?: string,
  ) {
    super();
  }
}

/**
 * The session with `peer` has ended. At most `dropped` messages which were handed to the network were
 * not delivered; the next message begins a new session.
 */
export class SessionLost extends event('SessionLost') {
  constructor(
    readonly peer: Address,
    readonly dropped: number,
    readonly reason: SessionEnd,
  ) {
    super();
  }
}

/** Why a session ended. */
export type SessionEnd =
  /** No connection for longer than the longest outage. */
  | 'outage'
  /** More messages, or bytes, wait for acknowledgement than the bounds allow. */
  | 'overflow'
  /** The process was restarted, or another one answers in its place. */
  | 'other process'
  /** The other side ended it, does not know it, or has stopped and listens nowhere. */
  | 'ended by peer'
  /** The other side refuses us for good. */
  | 'refused';

/** Much waits to be sent to `peer`: more than the mark set for that. Senders should slow down. */
export class Congested extends event('Congested') {
  constructor(
    readonly peer: Address,
    readonly queuedMessages: number,
    readonly queuedBytes: number,
  ) {
    super();
  }
}

/** The queue for `peer` is short again. */
export class Relieved extends event('Relieved') {
  constructor(readonly peer: Address) {
    super();
  }
}

/** What was wrong with something that came in. */
export type RejectionReason =
  /** A request that is no WebSocket handshake, or for another path. */
  | 'http'
  /** Bytes that are no HTTP, or no WebSocket frame, or more than a frame may have. */
  | 'bytes'
  /** No handshake in time, or one that is none of ours. */
  | 'handshake'
  /** A stranger: another cluster, another protocol version, a wrong process id. */
  | 'stranger'
  /** A frame that is cut short, or out of sequence. */
  | 'frame'
  /** A message of a type that this process does not know. */
  | 'unknown type'
  /** A message with a field that is not as declared. */
  | 'malformed message';

/** Something came in that is not ours to handle. It was counted, and reached nobody. */
export class Rejected extends event('Rejected') {
  constructor(
    /** The process, where one has introduced itself; else `@<host>:<port>` of the other end. */
    readonly source: Address,
    readonly reason: RejectionReason,
    readonly text: string,
  ) {
    super();
  }
}

/** What becomes of connections and sessions. Nothing can be asked for. */
export const NetworkStatus = portType('NetworkStatus', {
  requests: [],
  indications: [
    Listening,
    Connected,
    Disconnected,
    Unreachable,
    ConnectionRefused,
    SessionLost,
    Congested,
    Relieved,
    Rejected,
  ],
});
