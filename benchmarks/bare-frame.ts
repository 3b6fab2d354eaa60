/** What a message asks or tells; one byte on the wire. */
export const Kind = {
  /** A client to the lead of the key, which answers by `done`. */
  put: 1,
  /** A client to the lead of the key, which answers by `found` or `missing`. */
  get: 2,
  done: 3,
  found: 4,
  missing: 5,
  /** The lead to another replica, which keeps the value and answers by `holds`. */
  keep: 6,
  /** The lead to another replica, which answers by `holds`. */
  ask: 7,
  /** The tag of what a replica has under the key that it was asked for. */
  holds: 8,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

const headerBytes = 15;
const slabBytes = 256 * 1024;
const nothing = Buffer.alloc(0);

/**
 * Packs messages one behind the other: kind, id and tag, the lengths of key and value, and these. Bytes that
 * were packed are never written again, so that a frame may be on its way for any time.
 */
export class FrameWriter {
  #slab = Buffer.allocUnsafeSlow(slabBytes);
  #start = 0;
  #end = 0;

  get isEmpty(): boolean {
    return this.#start === this.#end;
  }

  /**
   * @param id - below 2^32, like `tag`
   * @param key - of letters of one byte each
   */
  add(kind: Kind, id: number, tag: number, key = '', value: Uint8Array = nothing): void {
    const bytes = headerBytes + key.length + value.length;
    if (this.#end + bytes > this.#slab.length) this.#makeRoom(bytes);
    const slab = this.#slab;
    let at = this.#end;
    slab[at] = kind;
    slab.writeUInt32LE(id, at + 1);
    slab.writeUInt32LE(tag, at + 5);
    slab.writeUInt16LE(key.length, at + 9);
    slab.writeUInt32LE(value.length, at + 11);
    at += headerBytes;
    // For keys as short as these it is quicker than a call out of JavaScript.
    for (let index = 0; index < key.length; index += 1) slab[at + index] = key.charCodeAt(index);
    if (value.length > 0) slab.set(value, at + key.length);
    this.#end += bytes;
  }

  /** All that was added since the last call. */
  take(): Buffer {
    const frame = this.#slab.subarray(this.#start, this.#end);
    this.#start = this.#end;
    return frame;
  }

  #makeRoom(bytes: number): void {
    const begun = this.take();
    this.#slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, 2 * (begun.length + bytes)));
    this.#slab.set(begun);
    this.#start = 0;
    this.#end = begun.length;
  }
}

/** Goes through the messages of a frame. */
export class FrameReader {
  kind = 0;
  id = 0;
  tag = 0;
  #frame: Buffer = nothing;
  #keyStart = 0;
  #valueStart = 0;
  #end = 0;

  /** Begins a frame; {@link next} leads to its first message. */
  open(frame: Buffer): void {
    this.#frame = frame;
    this.#end = 0;
  }

  /** False when there is no further message. */
  next(): boolean {
    const frame = this.#frame;
    const at = this.#end;
    if (at === frame.length) return false;
    this.kind = frame.readUInt8(at);
    this.id = frame.readUInt32LE(at + 1);
    this.tag = frame.readUInt32LE(at + 5);
    this.#keyStart = at + headerBytes;
    this.#valueStart = this.#keyStart + frame.readUInt16LE(at + 9);
    this.#end = this.#valueStart + frame.readUInt32LE(at + 11);
    return true;
  }

  get key(): string {
    return this.#frame.toString('latin1', this.#keyStart, this.#valueStart);
  }

  /** A part of the frame: whoever keeps it copies it. */
  get value(): Buffer {
    return this.#frame.subarray(this.#valueStart, this.#end);
  }
}
