import { type WebSocket } from 'ws';

import { FrameReader, FrameWriter, type Kind } from './bare-frame';

/** @param message - as long as the call lasts */
export type Receive = (from: Link, message: FrameReader) => void;

/** A connection. What is sent in one turn of the event loop goes out in one frame at its end. */
export class Link {
  readonly #socket: WebSocket;
  readonly #writer = new FrameWriter();
  readonly #flush = (): void => {
    this.#socket.send(this.#writer.take());
  };

  constructor(socket: WebSocket, receive: Receive) {
    const reader = new FrameReader();
    this.#socket = socket;
    socket.on('message', (frame: Buffer) => {
      reader.open(frame);
      while (reader.next()) receive(this, reader);
    });
  }

  send(kind: Kind, id: number, tag: number, key?: string, value?: Uint8Array): void {
    if (this.#writer.isEmpty) setImmediate(this.#flush);
    this.#writer.add(kind, id, tag, key, value);
  }
}
