import { Component, Start, Stop, type Context } from '@jbstore/core';

import { Door } from './door';
import { Message } from './message';
import { Network, NetworkStatus } from './port';
import { Site } from './site';
import { Switchboard } from './switchboard';
import { WebSocketNetworkInit } from './web-socket-network-init';

/**
 * Implements perfect point-to-point links (Cachin, Guerraoui, Rodrigues, Module 2.3) by sessions over
 * WebSocket connections: what is not acknowledged is sent again after a lost connection, and what came
 * twice is dropped (after Retransmit Forever and Eliminate Duplicates, Algorithms 2.1 and 2.2).
 *
 * Departs from the book: messages are acknowledged, so that nothing is repeated without need; and a
 * session is bounded: it ends, and says so, if it is without a connection for too long, if too much
 * waits in it, or if the other process was started again.
 *
 * What is sent in one turn of the event loop goes out in one frame at its end. State: what is not
 * acknowledged, and a table of the processes that were spoken with in the last while.
 */
export class WebSocketNetwork extends Component {
  readonly network = this.provides(Network);
  readonly status = this.provides(NetworkStatus);

  readonly #site: Site;
  readonly #switchboard: Switchboard;
  readonly #tick: () => void;
  #door: Door | undefined;
  #doorClosed: Promise<void> | undefined;
  #cancelTick: (() => void) | undefined;

  constructor(context: Context, init: WebSocketNetworkInit) {
    super(context);
    this.#site = new Site(
      WebSocketNetworkInit.parse(init),
      context,
      (message) => {
        this.network.next(message);
      },
      (indication) => {
        this.status.next(indication);
      },
    );
    this.#switchboard = new Switchboard(this.#site);
    this.#tick = context.edge(this.#ticked.bind(this));
    context.onRelease(this.#release.bind(this));

    this.control.upon(Start, () => {
      this.#ticked();
      if (this.#site.settings.listen) this.#listen(this.#site.settings.listen);
      else this.#open();
    });

    this.control.upon(Stop, () => {
      this.#close();
    });

    this.network.upon(Message, (message) => {
      this.#switchboard.send(message);
    });
  }

  #listen({ host, port }: { readonly host: string; readonly port: number }): void {
    this.#door = new Door(this.#site, {
      listening: (realPort) => {
        this.#open();
        this.#site.listensAt(realPort);
      },
      entered: (socket, remote) => {
        this.#switchboard.entered(socket, remote);
      },
    });
    this.#door.open(host, port);
  }

  #open(): void {
    this.#site.running = true;
    this.#switchboard.open();
  }

  #ticked(): void {
    const { host } = this.#site.context;
    this.#door?.tick(host.now());
    this.#switchboard.tick();
    this.#cancelTick = host.after(this.#site.settings.tickMs, this.#tick);
  }

  #close(): void {
    this.#cancelTick?.();
    this.#site.running = false;
    this.#switchboard.close();
    this.#doorClosed = this.#door?.close();
    this.#door = undefined;
  }

  /** Waits for the connections that are being closed, but not for long. */
  async #release(): Promise<void> {
    const { connections, context, settings } = this.#site;
    if (this.#site.running || this.#door) this.#close();
    const cut = (): void => {
      for (const connection of connections) connection.cut('the process ends');
    };
    const cancel = context.host.after(settings.closeMs, cut);
    await Promise.all([...connections].map((connection) => connection.ended));
    await this.#doorClosed;
    cancel();
  }
}
