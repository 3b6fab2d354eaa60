import { unitAt, type Address } from './address';
import { readEnvelope, type Envelope } from './envelope';
import { MalformedMessageError } from './errors';
import {
  BrokenFrame,
  frameHeaderBytes,
  messageHeaderBytes,
  readFrameHeader,
  writeFrameHeader,
  type Counts,
} from './frame';
import { declarationOf, envelopeWireId, type Lane, type Message } from './message';
import { Outbox } from './outbox';
import { Reader } from './reader';

export interface SessionBounds {
  /** What may wait for acknowledgement. */
  readonly queuedMessages: number;
  readonly queuedBytes: number;
  /** A frame of this size is closed, and the next one begun. */
  readonly frameBytes: number;
  readonly messageBytes: number;
}

/** What becomes of a message that came in. */
export interface Receiver {
  deliver(message: Message, bytes: number): void;
  /** It was none of ours, or malformed. The session goes on behind it. */
  reject(reason: 'unknown type' | 'malformed message', text: string): void;
}

/** After so many messages, or bytes, an acknowledgement is sent even if nothing else is. */
const acknowledgeAfterMessages = 512;
const acknowledgeAfterBytes = 128 * 1024;

/**
 * One session between two processes, as one of them sees it: two lanes, in each of them sequence
 * numbers, what is not acknowledged, and what was received. It lives through any number of connections,
 * one at a time, and knows neither clock nor socket: frames go in and come out.
 */
export class Session {
  /** True once the other side has it too. Before, nothing was sent. */
  established = false;
  readonly #bounds: SessionBounds;
  readonly #normal: Half;
  readonly #priority: Half;
  readonly #reader = new Reader(Buffer.alloc(0));
  #unacknowledgedMessages = 0;
  #unacknowledgedBytes = 0;

  constructor(
    public id: string,
    bounds: SessionBounds,
  ) {
    this.#bounds = bounds;
    const { frameBytes, messageBytes } = bounds;
    this.#normal = { outbox: new Outbox(frameBytes, messageBytes), received: 0 };
    this.#priority = { outbox: new Outbox(frameBytes, messageBytes), received: 0 };
  }

  get received(): Counts {
    return { normal: this.#normal.received, priority: this.#priority.received };
  }

  get queuedMessages(): number {
    return this.#normal.outbox.queuedMessages + this.#priority.outbox.queuedMessages;
  }

  get queuedBytes(): number {
    return this.#normal.outbox.queuedBytes + this.#priority.outbox.queuedBytes;
  }

  /** True if more waits than the bounds allow: the session must end. */
  get overflows(): boolean {
    return (
      this.queuedMessages > this.#bounds.queuedMessages ||
      this.queuedBytes > this.#bounds.queuedBytes
    );
  }

  /** @throws {@link MalformedMessageError} if `message` does not fit its schema. */
  send(message: Message): void {
    this.#on(message.lane).outbox.add(message);
  }

  /** Takes over what `other` holds, of which nothing was ever sent. */
  adopt(other: Session): void {
    this.#normal.outbox.adopt(other.#normal.outbox);
    this.#priority.outbox.adopt(other.#priority.outbox);
  }

  /**
   * There is a new connection, and the other side has received so much of what was sent here.
   * @returns false if it cannot have received that: it is another session than the other side's
   */
  resume(received: Counts): boolean {
    const normal = this.#normal.outbox.resume(received.normal);
    const priority = this.#priority.outbox.resume(received.priority);
    return normal && priority;
  }

  /** The next frame to send, the priority lane's first; undefined if all was sent. */
  nextFrame(): Buffer | undefined {
    const lane = this.#priority.outbox.waiting ? 'priority' : 'normal';
    const batch = this.#on(lane).outbox.take();
    if (!batch) return undefined;
    const { buffer, start, end, first } = batch;
    writeFrameHeader(buffer, start, { lane, first, received: this.received });
    this.#acknowledged();
    return buffer.subarray(start, end);
  }

  /** True if so much was received that the other side must be told before it is sent anything. */
  get acknowledgementDue(): boolean {
    return (
      this.#unacknowledgedMessages >= acknowledgeAfterMessages ||
      this.#unacknowledgedBytes >= acknowledgeAfterBytes
    );
  }

  /** A frame that only acknowledges; undefined if the other side knows all. */
  acknowledgement(): Buffer | undefined {
    if (this.#unacknowledgedMessages === 0) return undefined;
    const frame = Buffer.allocUnsafe(frameHeaderBytes);
    writeFrameHeader(frame, 0, { lane: undefined, first: 0, received: this.received });
    this.#acknowledged();
    return frame;
  }

  /**
   * Hands out the messages of a frame that came in, each once, in order.
   * @throws {@link BrokenFrame} if it is no frame that may come now; what came before it in the same
   * frame was handed out.
   */
  receive(frame: Buffer, source: Address, destination: Address, receiver: Receiver): void {
    const { lane, first, received } = readFrameHeader(frame);
    const { outbox: normal } = this.#normal;
    const { outbox: priority } = this.#priority;
    if (!normal.acknowledge(received.normal) || !priority.acknowledge(received.priority)) {
      throw new BrokenFrame('a frame that acknowledges what was never sent');
    }
    if (lane === undefined) return;
    const next = this.#on(lane).received + 1;
    if (first === 0 || first > next) {
      throw new BrokenFrame(`message ${first} where ${next} comes next`);
    }
    this.#unacknowledgedBytes += frame.length;
    this.#handOut(frame, lane, first, { source, destination, receiver });
  }

  /** Hands out at once what was to be sent: it is for this process itself. */
  drain(self: Address, receiver: Receiver): void {
    const way = { source: self, destination: self, receiver };
    for (let frame = this.nextFrame(); frame; frame = this.nextFrame()) {
      const { lane, first } = readFrameHeader(frame);
      if (lane) this.#handOut(frame, lane, first, way);
    }
  }

  /** True if something waits to be sent on this connection. */
  get waiting(): boolean {
    return this.#priority.outbox.waiting || this.#normal.outbox.waiting;
  }

  /** Gives memory back that is not needed at the moment. */
  shrink(): void {
    this.#normal.outbox.shrink();
    this.#priority.outbox.shrink();
  }

  #handOut(frame: Buffer, lane: Lane, first: number, way: Way): void {
    const options = { lane, source: way.source };
    const half = this.#on(lane);
    let sequence = first;
    let position = frameHeaderBytes;
    while (position < frame.length) {
      const start = position + messageHeaderBytes;
      if (start > frame.length) throw new BrokenFrame('a frame that was cut short');
      const end = start + frame.readUInt32LE(position);
      if (end > frame.length) throw new BrokenFrame('a frame that was cut short');
      this.#unacknowledgedMessages += 1;
      if (sequence > half.received) {
        half.received = sequence;
        const wireId = frame.readUInt32LE(position + 4);
        this.#locate(frame, start, end);
        if (wireId === envelopeWireId) this.#open(options, way);
        else this.#decode(wireId, options, way);
      }
      sequence += 1;
      position = end;
    }
  }

  #on(lane: Lane): Half {
    return lane === 'priority' ? this.#priority : this.#normal;
  }

  #locate(buffer: Buffer, start: number, end: number): void {
    const reader = this.#reader;
    reader.buffer = buffer;
    reader.position = start;
    reader.end = end;
  }

  /** Takes a message out of its envelope, which names units of the two processes. */
  #open(options: Received, way: Way): void {
    let envelope: Envelope;
    try {
      envelope = readEnvelope(this.#reader);
    } catch (error) {
      refuse(error, way);
      return;
    }
    const { to, from, wireId } = envelope;
    const source = unitAt(options.source, from);
    const destination = unitAt(way.destination, to);
    this.#decode(wireId, { lane: options.lane, source }, { ...way, destination });
  }

  #decode(wireId: number, options: Received, way: Way): void {
    const declaration = declarationOf(wireId);
    if (!declaration) {
      way.receiver.reject('unknown type', `unknown wire id ${wireId.toString(16)}`);
      return;
    }
    const reader = this.#reader;
    const start = reader.position;
    let message: Message;
    try {
      message = declaration.read(reader, way.destination, options);
    } catch (error) {
      refuse(error, way);
      return;
    }
    way.receiver.deliver(message, reader.end - start);
  }

  #acknowledged(): void {
    this.#unacknowledgedMessages = 0;
    this.#unacknowledgedBytes = 0;
  }
}

/** One of the two lanes. */
interface Half {
  readonly outbox: Outbox;
  /** How many messages have come on it. */
  received: number;
}

/** What the network knows of a message that came. */
interface Received {
  readonly lane: Lane;
  readonly source: Address;
}

interface Way {
  readonly source: Address;
  readonly destination: Address;
  readonly receiver: Receiver;
}

/** What came is no message of ours; anything else that failed is a mistake. */
function refuse(error: unknown, { receiver }: Way): void {
  if (!(error instanceof MalformedMessageError)) throw error;
  receiver.reject('malformed message', error.message);
}
