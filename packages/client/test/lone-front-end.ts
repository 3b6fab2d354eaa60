import type { EventClass } from '@jbstore/core';
import { firstView, type FirstViewSettings, type View } from '@jbstore/gms/port';
import { ProcessId, address, type Address, type Message } from '@jbstore/network/port';
import { OkReply, RefusedReply, type RefusalCode } from '@jbstore/store/port';
import { Harness } from '@jbstore/testkit';
import { HostTimer } from '@jbstore/timer';

import { FrontEnd } from '../src/front-end';
import { Reached, ViewLearned } from '../src/port';

const node = (name: string, port: number): Address =>
  address({ id: ProcessId.parse(name), host: '127.0.0.1', port });
export const [a, b, c, d] = [node('a', 1), node('b', 2), node('c', 3), node('d', 4)];
export const me = address({ id: ProcessId.parse('me') });

const settings = { clusterId: 'test', replication: 3, register: 'multi-writer' } as const;
export const viewOf = (
  members: readonly Address[],
  options: Partial<FirstViewSettings> = {},
): View => firstView({ ...settings, ...options }, members);

export const bytes = (text: string): Uint8Array => Buffer.from(text);

/** A front end alone: its ports are in the hands of a test. */
export function setUp({ mostCalls = 100, glances = true } = {}) {
  const harness = new Harness();
  const frontEnd = harness.create(FrontEnd, {
    timeoutMs: 1_000,
    attemptMs: 100,
    retryMs: 20,
    tickMs: 10,
    mostCalls,
    glances,
  });
  const jb = harness.clientOf(frontEnd.jb);
  const cluster = harness.providerOf(frontEnd.cluster);
  const network = harness.providerOf(frontEnd.network);
  harness.create(HostTimer).timer.connect(frontEnd.timer);
  harness.start();
  const pass = (ms: number): void => {
    harness.advance(ms);
  };
  const join = (view: View, reached: readonly Address[]): void => {
    cluster.trigger(new ViewLearned(view));
    for (const member of reached) cluster.trigger(new Reached(member));
  };
  /** Where the only message sent since the last call went, and its number. */
  const sent = (
    type: EventClass<Message & { readonly id: number }>,
  ): { to: Address; id: number } => {
    const { destination, id } = network.takeOne(type);
    return { to: destination, id };
  };
  const refuse = (source: Address, id: number, code: RefusalCode): void => {
    network.trigger(new RefusedReply(me, { id, code, text: `says ${source}` }, { source }));
  };
  const ok = (source: Address, id: number): void => {
    network.trigger(new OkReply(me, { id, era: 0 }, { source }));
  };
  return { jb, cluster, network, pass, join, sent, refuse, ok };
}
