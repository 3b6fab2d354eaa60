import {
  type Context,
  type Counter,
  type Gauge,
  type IndicationOf,
  type Random,
} from '@jbstore/core';

import { address, type Address } from './address';
import { type Message } from './message';
import { Listening, Rejected, type NetworkStatus, type RejectionReason } from './port';
import { type Settings } from './web-socket-network-init';

/** Where WebSockets are expected: everything else is a visitor who took the wrong door. */
export const path = '/jbstore';

/** A connection, as far as the process as a whole looks after it. */
export interface OpenConnection {
  /** When the socket is gone. */
  readonly ended: Promise<unknown>;
  /** This process was held up: the other end's silence does not count. */
  forgive(now: number): void;
  /** Ends it at once. */
  cut(reason: string): void;
}

/** The process itself, as the parts of the network that serves it see it. */
export class Site {
  readonly incarnation: string;
  readonly random: Random;
  readonly figures: Figures;
  readonly connections = new Set<OpenConnection>();
  /** Of this process; its port is known once it listens. */
  address: Address;
  /** How many Hellos were sent. */
  dials = 0;
  /** True while connections are welcome: from Start, and listening, to Stop. */
  running = false;

  /**
   * @param deliver - hands a message out, through the network port
   * @param tell - hands an indication out, through the status port
   */
  constructor(
    readonly settings: Settings,
    readonly context: Context,
    readonly deliver: (message: Message) => void,
    readonly tell: (indication: IndicationOf<typeof NetworkStatus>) => void,
  ) {
    this.random = context.random('network');
    this.incarnation = settings.incarnation ?? this.random.hex(16);
    this.figures = new Figures(context);
    this.address = addressOf(settings, settings.listen?.port ?? 0);
  }

  /** This process accepts connections at `port`. */
  listensAt(port: number): void {
    this.address = addressOf(this.settings, port);
    this.tell(new Listening(this.address));
  }

  /** Counts and tells what came in and is none of ours. */
  reject(source: Address, reason: RejectionReason, text: string): void {
    this.figures.rejected(reason);
    this.tell(new Rejected(source, reason, text));
  }
}

/** Where others reach a process that listens at `port`; nowhere, as long as that is not known. */
function addressOf({ id, listen, advertise }: Settings, port: number): Address {
  const place = advertise ?? (listen && { host: listen.host, port });
  return address(place && place.port !== 0 ? { id, ...place } : { id });
}

/** The live figures of a network. */
export class Figures {
  readonly framesSent: Counter;
  readonly framesReceived: Counter;
  readonly bytesSent: Counter;
  readonly bytesReceived: Counter;
  readonly reconnects: Counter;
  readonly sessionsLost: Counter;
  readonly messagesDropped: Counter;
  readonly connections: Gauge;
  readonly queuedMessages: Gauge;
  readonly queuedBytes: Gauge;
  readonly #context: Context;
  /** By the place of the declaration. */
  readonly #sent: (Counter | undefined)[] = [];
  readonly #received: (Counter | undefined)[] = [];

  constructor(context: Context) {
    this.#context = context;
    this.framesSent = context.counter('network.frames.sent');
    this.framesReceived = context.counter('network.frames.received');
    this.bytesSent = context.counter('network.bytes.sent');
    this.bytesReceived = context.counter('network.bytes.received');
    this.reconnects = context.counter('network.reconnects');
    this.sessionsLost = context.counter('network.sessions.lost');
    this.messagesDropped = context.counter('network.messages.dropped');
    this.connections = context.gauge('network.connections');
    this.queuedMessages = context.gauge('network.queue.messages');
    this.queuedBytes = context.gauge('network.queue.bytes');
  }

  sent({ declaration }: Message): void {
    this.#of(this.#sent, 'network.messages.sent', declaration).value += 1;
  }

  received({ declaration }: Message): void {
    this.#of(this.#received, 'network.messages.received', declaration).value += 1;
  }

  rejected(reason: RejectionReason): void {
    this.#context.counter('network.rejected', { reason }).add();
  }

  #of(
    counters: (Counter | undefined)[],
    name: string,
    { type, ordinal }: Message['declaration'],
  ): Counter {
    return (counters[ordinal] ??= this.#context.counter(name, { type }));
  }
}
