/** Where encoded messages are put, one behind the other, in a buffer that is replaced when it is full. */
export class Writer {
  buffer: Buffer;
  /** Where the next byte goes. */
  position: number;
  /** Where what must stay in one piece begins: it moves along when the buffer is replaced. */
  mark = 0;
  readonly #room: number;
  readonly #largest: number;

  /**
   * @param size - bytes of the first buffer; every further one is twice as large, up to `largest`, or
   * as large as what must stay in one piece needs
   * @param room - bytes that stay free in front of what is moved into a new buffer
   */
  constructor(size: number, largest = size, room = 0) {
    this.buffer = Buffer.allocUnsafeSlow(size);
    this.position = room;
    this.#room = room;
    this.#largest = largest;
  }

  /** Makes room for `count` bytes, and returns where they go. */
  take(count: number): number {
    if (this.position + count > this.buffer.length) this.#replace(count);
    const at = this.position;
    this.position = at + count;
    return at;
  }

  byte(value: number): void {
    const at = this.take(1);
    this.buffer[at] = value;
  }

  /** A whole number in [0, 2^53), seven bits a byte, the lowest first. */
  unsigned(value: number): void {
    if (value < 0x80) {
      this.byte(value);
      return;
    }
    let rest = value;
    while (rest >= 0x80000000) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  /** Takes back what was written since `position`. The buffer must not have been replaced since. */
  rewind(position: number): void {
    this.position = position;
  }

  #replace(count: number): void {
    const kept = this.buffer.subarray(this.mark, this.position);
    const needed = 2 * (this.#room + kept.length + count);
    this.buffer = Buffer.allocUnsafeSlow(
      Math.max(needed, Math.min(2 * this.buffer.length, this.#largest)),
    );
    this.mark = this.#room;
    this.position = this.mark + kept.copy(this.buffer, this.mark);
  }
}
