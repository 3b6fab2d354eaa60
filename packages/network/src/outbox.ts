import { writeEnvelope } from './envelope';
import { MalformedMessageError } from './errors';
import { frameHeaderBytes, messageHeaderBytes } from './frame';
import { type Message } from './message';
import { Writer } from './writer';

/** Messages that are sent in one frame: encoded, one behind the other, with room for the header. */
export interface Batch {
  /** The sequence number of the first message. */
  first: number;
  count: number;
  readonly buffer: Buffer;
  /** Where the header goes. */
  readonly start: number;
  end: number;
}

const smallestBuffer = 4 * 1024;

/**
 * What one process sends on one lane of a session: all that is not acknowledged, in order. A message is
 * encoded once, straight into the frame in which it is sent, and sent again from there.
 */
export class Outbox {
  readonly #frameBytes: number;
  readonly #messageBytes: number;
  #writer: Writer;
  #batches: Batch[] = [];
  /** Takes further messages; not among the batches yet. */
  #open: Batch | undefined;
  /** How many of the batches were sent on this connection. */
  #sent = 0;
  #next = 1;
  /** How many messages the other side is known to have received. */
  #acknowledged = 0;
  queuedMessages = 0;
  queuedBytes = 0;

  /**
   * @param frameBytes - a frame of this size is closed, and the next one begun
   * @param messageBytes - what one message may have
   */
  constructor(frameBytes: number, messageBytes: number) {
    this.#frameBytes = frameBytes;
    this.#messageBytes = messageBytes;
    this.#writer = this.#freshWriter();
  }

  /** @throws {@link MalformedMessageError} if `message` does not fit its schema; nothing is added. */
  add(message: Message): void {
    const writer = this.#writer;
    let batch = this.#open ?? this.#begin();
    const before = writer.position;
    writer.mark = before;
    try {
      this.#encode(message);
    } catch (error) {
      writer.rewind(writer.mark);
      if (writer.buffer !== batch.buffer) this.#seal();
      throw error;
    }
    if (writer.buffer !== batch.buffer) {
      // The buffer was full: the message was moved into a new one, and is the first of a new batch.
      this.#seal();
      batch = this.#batchAt(writer.mark - frameHeaderBytes);
    }
    batch.count += 1;
    batch.end = writer.position;
    this.#next += 1;
    this.queuedMessages += 1;
    this.queuedBytes += writer.position - writer.mark;
    if (batch.end - batch.start >= this.#frameBytes) this.#seal();
  }

  /** The next batch that was not sent on this connection. */
  take(): Batch | undefined {
    if (this.#sent === this.#batches.length) this.#seal();
    const batch = this.#batches[this.#sent];
    if (batch) this.#sent += 1;
    return batch;
  }

  /** True if {@link take} has something to give. */
  get waiting(): boolean {
    return this.#sent < this.#batches.length || this.#open !== undefined;
  }

  /**
   * The other side has received `received` messages: what they were in is let go.
   * @returns false if it cannot have received as many
   */
  acknowledge(received: number): boolean {
    const last = this.#batches[this.#sent - 1];
    const sent = last ? last.first + last.count - 1 : 0;
    if (received > Math.max(sent, this.#acknowledged)) return false;
    this.#acknowledged = Math.max(received, this.#acknowledged);
    let done = 0;
    for (const batch of this.#batches) {
      if (batch.first + batch.count - 1 > received) break;
      this.queuedMessages -= batch.count;
      this.queuedBytes -= batch.end - batch.start - frameHeaderBytes;
      done += 1;
    }
    if (done === 0) return true;
    this.#batches.splice(0, done);
    this.#sent -= done;
    // All of the buffer was received, so nothing refers to it: it can be used again.
    if (this.queuedMessages === 0) {
      this.#open = undefined;
      this.#writer.rewind(0);
    }
    return true;
  }

  /**
   * There is a new connection, and up to the last one `received` messages came through.
   * @returns false if it cannot have been as many
   */
  resume(received: number): boolean {
    this.#seal();
    // It may have received more than was acknowledged, or sent again, on this connection.
    this.#sent = this.#batches.length;
    const possible = this.acknowledge(received);
    this.#sent = 0;
    return possible;
  }

  /** Sends what `other` holds, and was never sent, behind what is here. */
  adopt(other: Outbox): void {
    this.#seal();
    other.#seal();
    for (const batch of other.#batches) {
      this.#batches.push({ ...batch, first: this.#next });
      this.#next += batch.count;
    }
    this.queuedMessages += other.queuedMessages;
    this.queuedBytes += other.queuedBytes;
    other.#batches = [];
    other.queuedMessages = other.queuedBytes = 0;
    other.#writer = other.#freshWriter();
  }

  /** Gives memory back, if there is nothing to send. */
  shrink(): void {
    const idle = this.queuedMessages === 0 && this.#writer.buffer.length > smallestBuffer;
    if (idle) this.#writer = this.#freshWriter();
  }

  #encode(message: Message): void {
    const writer = this.#writer;
    const { declaration } = message;
    writer.take(messageHeaderBytes);
    const wireId = writeEnvelope(writer, message);
    declaration.write(writer, message);
    const length = writer.position - writer.mark - messageHeaderBytes;
    if (length > this.#messageBytes) {
      const issue = `has ${length} bytes, and may have ${this.#messageBytes}`;
      throw new MalformedMessageError(declaration.type, [issue]);
    }
    writer.buffer.writeUInt32LE(length, writer.mark);
    writer.buffer.writeUInt32LE(wireId, writer.mark + 4);
  }

  #begin(): Batch {
    const writer = this.#writer;
    writer.mark = writer.position;
    return this.#batchAt(writer.take(frameHeaderBytes));
  }

  #batchAt(start: number): Batch {
    const end = start + frameHeaderBytes;
    return (this.#open = { first: this.#next, count: 0, buffer: this.#writer.buffer, start, end });
  }

  #seal(): void {
    if (this.#open && this.#open.count > 0) this.#batches.push(this.#open);
    this.#open = undefined;
  }

  #freshWriter(): Writer {
    return new Writer(smallestBuffer, 2 * this.#frameBytes, frameHeaderBytes);
  }
}
