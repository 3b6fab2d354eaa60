import type { Gauge } from '@jbstore/core';
import { Message, processOf } from '@jbstore/network/port';

import { agreedViews } from './agreed-views';
import type { Invariant, InvariantFactory, Step } from './invariant';
import { Replicas } from './replicas';
import { soundLineages } from './slot-ghosts';
import type { SimulatedProcess } from './simulated-process';
import { toldEras } from './told-eras';

/** I5, I6, I12, I20: what replicas say of a register fits what they, and others, said before. */
function soundReplicas(): Invariant {
  const replicas = new Replicas();
  return { name: 'sound replicas', check: (_world, step) => replicas.flawOf(step) };
}

/** I18: what comes from another cluster reaches no component. */
function oneCluster(): Invariant {
  return {
    name: 'one cluster',
    check(world, { process, event }) {
      if (!(event instanceof Message)) return undefined;
      const source = world.processAt(processOf(event.source));
      if (!source || source.clusterId === process.clusterId) return undefined;
      return `I18: ${process.self} handles a ${event.declaration.type} of ${source.self}`;
    },
  };
}

/** What a node may have on its way at one time, for each client that there is. */
const mostRunningPerClient = 32;
const mostWaiting = 20_000;
const stepsPerLook = 64;

/** I15: what waits at a process is bounded. */
function boundedQueues(): Invariant {
  const gauges = new Map<SimulatedProcess, readonly Gauge[]>();
  let steps = 0;
  const gaugesOf = (process: SimulatedProcess): readonly Gauge[] => {
    let known = gauges.get(process);
    if (!known) gauges.set(process, (known = process.gauges(/\.running$/)));
    return known;
  };
  return {
    name: 'bounded queues',
    check(world, { process }: Step) {
      steps += 1;
      if (steps % stepsPerLook > 0) return undefined;
      const most = mostRunningPerClient * world.clients;
      const full = gaugesOf(process).find(({ value }) => value > most);
      if (full) return `I15: ${String(full.value)} in ${full.name} of ${process.self}`;
      const { waiting } = process.lane;
      return waiting > mostWaiting ? `I15: ${String(waiting)} wait at ${process.self}` : undefined;
    },
  };
}

/** All that hold in every scenario. */
export const invariants: readonly InvariantFactory[] = [
  agreedViews,
  soundReplicas,
  soundLineages,
  toldEras,
  oneCluster,
  boundedQueues,
];
