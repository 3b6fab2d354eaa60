import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, type Socket } from 'node:net';
import { type Duplex } from 'node:stream';

import { WebSocketServer, type WebSocket } from 'ws';

import { address, type Address } from './address';
import { CannotListenError, PortInUseError } from './errors';
import { path, type Site } from './site';

/** Who listens, and what it does with those who come. */
export interface DoorKeeper {
  listening(port: number): void;
  entered(socket: WebSocket, remote: Address): void;
}

const wrongDoor = 'Here is a JBstore node, which speaks its own protocol over WebSocket.\n';

/** The port on which a process accepts connections. Whoever speaks no WebSocket is told so, and counted. */
export class Door {
  readonly #site: Site;
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  /** When those came who have not said yet what they want. */
  readonly #waiting = new Map<Duplex, number>();

  constructor(site: Site, keeper: DoorKeeper) {
    this.#site = site;
    const { context } = site;
    const { messageBytes, frameBytes } = site.settings;
    this.#sockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      clientTracking: false,
      maxPayload: messageBytes + 2 * frameBytes,
    });
    this.#server = createServer({ noDelay: true });
    this.#server.on('connection', context.edge(this.#came.bind(this)));
    this.#server.on('request', context.edge(this.#asked.bind(this)));
    this.#server.on('clientError', context.edge(this.#babbled.bind(this)));
    this.#server.on('error', context.edge(this.#failed.bind(this)));
    this.#server.on('upgrade', context.edge(this.#upgrade.bind(this, keeper)));
    this.#server.on(
      'listening',
      context.edge(() => {
        keeper.listening((this.#server.address() as AddressInfo).port);
      }),
    );
  }

  open(host: string, port: number): void {
    this.#server.listen({ host, port });
  }

  /** Sends away who says nothing. */
  tick(now: number): void {
    for (const [socket, since] of this.#waiting) {
      if (now - since <= this.#site.settings.handshakeMs) continue;
      this.#site.reject(remoteOf(socket), 'handshake', 'no request in time');
      socket.destroy();
    }
  }

  close(): Promise<void> {
    for (const socket of this.#waiting.keys()) socket.destroy();
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  #came(socket: Socket): void {
    this.#waiting.set(socket, this.#site.context.host.now());
    socket.on('close', () => this.#waiting.delete(socket));
  }

  #asked(request: IncomingMessage, response: ServerResponse): void {
    const what = `${request.method ?? ''} ${request.url ?? ''}`;
    this.#site.reject(remoteOf(request.socket), 'http', `an HTTP request: ${what.slice(0, 200)}`);
    response.writeHead(426, {
      'content-type': 'text/plain; charset=utf-8',
      connection: 'close, upgrade',
      upgrade: 'websocket',
    });
    response.end(wrongDoor);
  }

  #upgrade(keeper: DoorKeeper, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const remote = remoteOf(socket);
    if (request.url !== path || request.headers.upgrade?.toLowerCase() !== 'websocket') {
      this.#site.reject(remote, 'http', `a request for ${(request.url ?? '').slice(0, 200)}`);
      socket.end(`HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n${wrongDoor}`);
      return;
    }
    const { context } = this.#site;
    const entered = context.edge((webSocket: WebSocket) => {
      this.#waiting.delete(socket);
      keeper.entered(webSocket, remote);
    });
    this.#sockets.handleUpgrade(request, socket, head, entered);
  }

  #babbled(error: Error, socket: Duplex): void {
    // Bytes that are no HTTP; a connection that was reset is nobody's fault.
    if ('code' in error && error.code === 'ECONNRESET') return;
    this.#site.reject(remoteOf(socket), 'bytes', `no HTTP: ${error.message}`);
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
    else socket.destroy();
  }

  #failed(error: Error & { readonly code?: string }): void {
    const { host, port } = this.#site.settings.listen ?? { host: '', port: 0 };
    const cause = { cause: error };
    this.#site.context.fault(
      error.code === 'EADDRINUSE'
        ? new PortInUseError(host, port, cause)
        : new CannotListenError(host, port, cause),
    );
  }
}

function remoteOf(socket: Duplex): Address {
  const { remoteAddress, remotePort } = socket as Socket;
  const host = remoteAddress?.replace(/^::ffff:/, '').replace(/%.*$/, '');
  return address({ host: host ?? '0.0.0.0', port: remotePort ?? 0 });
}
