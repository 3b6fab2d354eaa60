import { type Lane } from './message';

/**
 * A binary WebSocket message: a header, and then the messages of one lane, each behind its length (of
 * the body, u32) and its wire id (u32). Every message has a sequence number of its lane, counted from 1;
 * the header holds the first one. Little-endian; sequence numbers have 48 bits.
 *
 * | offset | bytes | |
 * | --- | --- | --- |
 * | 0 | 1 | 0: messages of the normal lane, 1: of the priority lane, 2: no messages |
 * | 1 | 6 | sequence number of the first message |
 * | 7 | 6 | messages of the normal lane which the sender of this frame has received |
 * | 13 | 6 | messages of the priority lane which it has received |
 */
export const frameHeaderBytes = 19;

/** In front of every message in a frame. */
export const messageHeaderBytes = 8;

/** How many messages of each lane. */
export interface Counts {
  readonly normal: number;
  readonly priority: number;
}

export interface FrameHeader {
  /** Undefined for a frame that only acknowledges. */
  readonly lane: Lane | undefined;
  readonly first: number;
  readonly received: Counts;
}

/** Bytes which are no frame, or no frame that may come now. The connection cannot be trusted further. */
export class BrokenFrame extends Error {}

const lanes: readonly (Lane | undefined)[] = ['normal', 'priority', undefined];

export function writeFrameHeader(buffer: Buffer, at: number, header: FrameHeader): void {
  buffer[at] = lanes.indexOf(header.lane);
  buffer.writeUIntLE(header.first, at + 1, 6);
  buffer.writeUIntLE(header.received.normal, at + 7, 6);
  buffer.writeUIntLE(header.received.priority, at + 13, 6);
}

/** @throws {@link BrokenFrame} */
export function readFrameHeader(frame: Buffer): FrameHeader {
  const kind = frame[0] ?? 0;
  if (frame.length < frameHeaderBytes) throw new BrokenFrame('a frame shorter than its header');
  if (kind >= lanes.length) throw new BrokenFrame(`a frame of an unknown kind ${kind}`);
  return {
    lane: lanes[kind],
    first: frame.readUIntLE(1, 6),
    received: { normal: frame.readUIntLE(7, 6), priority: frame.readUIntLE(13, 6) },
  };
}
