import { Component, type Context } from '@jbstore/core';
import {
  BootTimedOut,
  JoinRefused,
  Membership,
  NewView,
  SuspicionsChanged,
  Waiting,
} from '@jbstore/gms/port';
import {
  Congested,
  Connected,
  ConnectionRefused,
  Disconnected,
  Listening,
  NetworkStatus,
  Rejected,
  SessionLost,
  Unreachable,
  parseAddress,
  type Address,
  type SessionEnd,
} from '@jbstore/network/port';
import { ScheduleTimeout, Timeout, Timer } from '@jbstore/timer/port';

/** Lines of one kind were held back for long enough. */
class QuietOver extends Timeout {
  constructor(readonly kind: string) {
    super();
  }
}

/** Lines of one kind since the last one that was written. */
interface HeldBack {
  count: number;
  last: object;
}

/** After a line that others can provoke, no line of its kind is written for this long. */
const quietMs = 10_000;

/**
 * Writes to the log what becomes of a node, for its operator: who it waits for, the view, suspicions,
 * and trouble with connections. It changes nothing and answers nobody.
 *
 * What anybody on the network can provoke without end (bad input, sessions that break) is written at
 * once, but then counted only, and summed up every ten seconds: a flood does not flood the log.
 */
export class Journal extends Component {
  readonly membership = this.requires(Membership);
  readonly status = this.requires(NetworkStatus);
  readonly timer = this.requires(Timer);

  readonly #context: Context;
  readonly #heldBack = new Map<string, HeldBack>();
  /** Those who are suspected, each with the ends of its sessions that were warned of meanwhile. */
  #suspected = new Map<Address, Set<SessionEnd>>();

  constructor(context: Context) {
    super(context);
    this.#context = context;
    const { log } = context;

    this.membership.upon(Waiting, ({ waitingFor }) => log.info(waitingFor));

    this.membership.upon(NewView, ({ view }) => {
      const { tokens, runs, ...others } = view;
      const [tokenCount, runCount] = [tokens.length, runs.length];
      log.info('the cluster is complete: this node serves requests', {
        ...others,
        tokens: tokenCount,
        runs: runCount,
      });
    });

    this.membership.upon(SuspicionsChanged, ({ suspected }) => {
      const before = this.#suspected;
      this.#suspected = new Map(suspected.map((node) => [node, before.get(node) ?? new Set()]));
      for (const node of suspected.filter((address) => !before.has(address))) {
        log.warn('a node does not answer: suspected', { node });
      }
      for (const node of before.keys()) {
        if (!suspected.includes(node)) log.info('a node answers again: restored', { node });
      }
    });

    this.membership.upon(JoinRefused, ({ code, text }) => log.error(`refused: ${text}`, { code }));

    this.membership.upon(BootTimedOut, ({ waitingFor }) => {
      log.error(`gave up waiting: ${waitingFor}`);
    });

    this.#followConnections();

    this.timer.upon(QuietOver, ({ kind }) => {
      const heldBack = this.#heldBack.get(kind);
      if (!heldBack) return; // A shared timer: it is the journal of another node.
      this.#heldBack.delete(kind);
      if (heldBack.count === 0) return;
      this.#warn(kind, { ...heldBack.last, more: heldBack.count, withinMs: quietMs });
    });
  }

  #followConnections(): void {
    const { log } = this.#context;

    this.status.upon(Listening, ({ address }) => log.info('listening', { address }));

    this.status.upon(Connected, ({ peer, resumed }) => log.debug('connected', { peer, resumed }));

    this.status.upon(Disconnected, ({ peer, reason }) => {
      log.debug('disconnected', { peer, reason });
    });

    this.status.upon(Unreachable, ({ peer, attempts, reason }) => {
      log.debug('unreachable', { peer, attempts, reason });
    });

    this.status.upon(ConnectionRefused, ({ peer, code, text }) => {
      this.#warn(`connection refused: ${code}`, { peer, text });
    });

    this.status.upon(SessionLost, (lost) => {
      this.#sessionLost(lost);
    });

    this.status.upon(Congested, ({ peer, queuedMessages, queuedBytes }) => {
      this.#warn('congested: a process takes messages more slowly than they come', {
        peer,
        queuedMessages,
        queuedBytes,
      });
    });

    this.status.upon(Rejected, ({ source, reason, text }) => {
      this.#warn(`rejected input: ${reason}`, { source, text });
    });
  }

  #sessionLost({ peer, dropped, reason }: SessionLost): void {
    const { log } = this.#context;
    // A client that is done leaves, and nobody misses it; nor does it miss what it did not wait for.
    if (listensNowhere(peer) && (dropped === 0 || reason === 'ended by peer')) {
      log.debug('a client left', { peer, dropped, reason });
      return;
    }
    // What is sent to a node that is down is lost again and again: that it is down was said.
    const warned = this.#suspected.get(peer);
    if (warned?.has(reason)) log.debug(`session lost: ${reason}`, { peer, dropped });
    else this.#warn(`session lost: ${reason}`, { peer, dropped });
    warned?.add(reason);
  }

  /** Writes a line of one of a few kinds, unless there was one a short while ago. */
  #warn(kind: string, fields: object): void {
    const heldBack = this.#heldBack.get(kind);
    if (heldBack) {
      heldBack.count += 1;
      heldBack.last = fields;
      return;
    }
    this.#context.log.warn(kind, fields);
    this.#heldBack.set(kind, { count: 0, last: fields });
    this.timer.next(new ScheduleTimeout(quietMs, new QuietOver(kind)));
  }
}

function listensNowhere(process: Address): boolean {
  return parseAddress(process).host === undefined;
}
