import { randomBytes } from 'node:crypto';

import { RuntimeError } from '@jbstore/core';
import { ProcessId, address } from '@jbstore/network/port';
import type { DestinationStream } from 'pino';

import { readConfiguration } from './configuration';
import { PortError } from './errors';
import { freePort } from './free-port';
import { loggers, type LoggerOf } from './log';
import { RunningNode } from './node';
import type { NodeConfiguration, NodeSettings } from './settings';

/** What a program may give to a node besides its configuration. */
export interface NodeOptions {
  /** Where log lines go; default: standard error. */
  readonly output?: DestinationStream;
  /** A logger for each component, in place of the one that the configuration describes. */
  readonly loggerOf?: LoggerOf;
}

/** How often a port that was free a moment ago may be taken by another program. */
const mostAttempts = 5;

/**
 * Starts a node, a member of a JBstore cluster; resolves when it listens.
 *
 * Nothing is read from the environment or from a file: `readConfiguration` does that, and what it
 * returns can be given here.
 * @throws {@link ConfigurationError}, or an error with the code `ERR_PORT_IN_USE` or `ERR_CANNOT_LISTEN`.
 */
export async function startNode(
  settings: NodeSettings,
  options: NodeOptions = {},
): Promise<RunningNode> {
  const configuration = readConfiguration({ code: settings });
  const loggerOf = options.loggerOf ?? loggers(configuration, options.output);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(configuration, loggerOf);
    } catch (error) {
      if (configuration.port !== 0 || !wasTaken(error) || attempt === mostAttempts) throw error;
    }
  }
}

/** True if the network, not the server of figures, found its port in use. */
function wasTaken(error: unknown): boolean {
  if (!(error instanceof RuntimeError) || error instanceof PortError) return false;
  return error.code === 'ERR_PORT_IN_USE';
}

async function start(settings: NodeConfiguration, loggerOf: LoggerOf): Promise<RunningNode> {
  const { host, advertiseHost = host } = settings;
  const port = settings.port === 0 ? await freePort(host) : settings.port;
  const self = address({ id: freshId(), host: advertiseHost, port });
  const node = new RunningNode(self, { ...settings, port }, loggerOf);
  await node.start();
  return node;
}

/**
 * 128 bits of the operating system's chance. They do not follow from the seed: a node that is started
 * again has lost its memory, and must never be taken for the one it was.
 */
function freshId(): ProcessId {
  return ProcessId.parse(randomBytes(16).toString('hex'));
}
