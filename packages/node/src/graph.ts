import { System, type Graph } from '@jbstore/core';
import { ProcessId, address } from '@jbstore/network/port';
import { z } from 'zod';

import { StoreNode } from './assembly';
import { readConfiguration } from './configuration';
import type { NodeSettings } from './settings';
import { storeNodeInit } from './store-node-init';

/** A {@link Graph} as a node serves it at /graph. */
const ServedGraph = z.object({
  components: z.array(
    z.object({
      path: z.string(),
      type: z.string(),
      state: z.enum([
        'created',
        'starting',
        'started',
        'stopping',
        'stopped',
        'suspended',
        'killed',
      ]),
      queuedEvents: z.number(),
      handledEvents: z.number(),
      ports: z.array(
        z.object({ name: z.string(), type: z.string(), role: z.enum(['provided', 'required']) }),
      ),
    }),
  ),
  channels: z.array(
    z.object({
      type: z.string(),
      provided: z.string(),
      required: z.string(),
      selected: z.literal(true).exactOptional(),
      held: z.object({ requests: z.number(), indications: z.number() }).exactOptional(),
    }),
  ),
});

/** The graph that `text`, from /graph of a node, is the JSON of; undefined if it is of something else. */
export function parseGraph(text: string): Graph | undefined {
  try {
    return ServedGraph.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/**
 * The components, ports and channels of a node with these settings. It is assembled, and never
 * started: nothing listens.
 * @throws {@link ConfigurationError}
 */
export async function graphOfNode(settings: NodeSettings = {}): Promise<Graph> {
  const configuration = readConfiguration({ code: settings });
  const id = ProcessId.parse('0'.repeat(32));
  const { host } = configuration;
  const port = Math.max(1, configuration.port); // 0 stands for a port that is found at the start.
  await using system = new System('node');
  const init = storeNodeInit(address({ id, host, port }), { ...configuration, port });
  system.create(StoreNode, init);
  return system.graph();
}
