import type { System } from '@jbstore/core';
import { Counter as PrometheusCounter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';

/**
 * What renders the figures of a node when it is asked: counting them costs nothing meanwhile. Those of
 * the process, such as the event loop's lag, are watched from now on.
 */
export function prometheusFigures(system: System): () => Promise<string> {
  const ofProcess = processFigures();
  return async () => {
    const own = new Registry();
    for (const [name, figures] of byName(system.counters())) register(own, name, figures);
    registerQueues(own, system);
    return (await own.metrics()) + (await ofProcess.metrics());
  };
}

/** Of the Prometheus text format, which {@link prometheusFigures} writes. */
export const prometheusContentType = Registry.PROMETHEUS_CONTENT_TYPE;

const prefix = 'jbstore_';

let watched: Registry | undefined;

/** Memory, processor time, event loop lag: of the whole process, so once for all its nodes. */
function processFigures(): Registry {
  if (!watched) collectDefaultMetrics({ register: (watched = new Registry()) });
  return watched;
}

type Figure = ReturnType<System['counters']>[number];

function byName(figures: readonly Figure[]): Map<string, Figure[]> {
  const named = new Map<string, Figure[]>();
  for (const figure of figures) {
    const others = named.get(figure.name);
    if (others) others.push(figure);
    else named.set(figure.name, [figure]);
  }
  return named;
}

function register(registry: Registry, name: string, figures: readonly Figure[]): void {
  const labelNames = new Set(figures.flatMap(({ labels }) => Object.keys(labels)));
  const metric = { labelNames: ['component', ...labelNames], registers: [registry] };
  const snake =
    prefix +
    name
      .replace(/[A-Z]/g, (letter) => `_${letter}`)
      .replace(/\W/g, '_')
      .toLowerCase();
  const help = `${name} of a component.`;
  if (figures.every(({ kind }) => kind === 'counter')) {
    const total = new PrometheusCounter({ ...metric, name: `${snake}_total`, help });
    for (const { component, labels, value } of figures) total.inc({ component, ...labels }, value);
  } else {
    const gauge = new Gauge({ ...metric, name: snake, help });
    for (const { component, labels, value } of figures) gauge.set({ component, ...labels }, value);
  }
}

function registerQueues(registry: Registry, system: System): void {
  const queued = new Gauge({
    name: `${prefix}component_queued_events`,
    help: 'Events that wait to be handled by a component.',
    labelNames: ['component'],
    registers: [registry],
  });
  for (const { path, queuedEvents } of system.graph().components) {
    queued.set({ component: path }, queuedEvents);
  }
}
