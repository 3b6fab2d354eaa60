import { RegisterKind, largestReplication, mostMembers } from '@jbstore/gms/port';
import { z } from 'zod';

import { isLoopback, isWildcard, parseEndpoint } from './endpoint';

const longestMs = 86_400_000;
const defaultReplication = 3;

/** What a node can be told, field by field. */
export const Settings = z.strictObject({
  host: host()
    .default('127.0.0.1')
    .describe('The host at which this node listens, and others reach it'),
  port: wholeNumber(0, 65_535)
    .default(7100)
    .describe('The port at which it listens; 0 takes any free one'),
  advertiseHost: host()
    .optional()
    .describe('The host by which others reach it, if that is not where it listens'),
  nodes: wholeNumber(1, mostMembers)
    .default(3)
    .describe('N: of how many nodes the cluster consists'),
  replication: wholeNumber(1, largestReplication)
    .optional()
    .describe('δ: how many nodes hold each key; default: 3, or all if there are fewer'),
  join: z
    .string('must be host:port')
    .refine(
      (text) => parseEndpoint(text) !== undefined,
      'must be host:port, such as 127.0.0.1:7100',
    )
    .optional()
    .describe('Where the first node of the cluster listens; without it this node is the first'),
  clusterId: z
    .string('must be a name')
    .regex(/^[^\s]{1,128}$/, 'must be a name of 1 to 128 characters without blanks')
    .default('jbstore')
    .describe('Which cluster: nodes and clients of another one are refused'),
  register: oneOf(RegisterKind.options)
    .default('exactly-once')
    .describe(
      'How keys are written: each request exactly once; or at most once, by any holder, or the lead alone',
    ),
  bootTimeoutMs: wholeNumber(1, longestMs)
    .default(60_000)
    .describe('How long a node waits for a silent first node before it gives up'),
  allowRemote: z
    .boolean('must be true or false')
    .default(false)
    .describe(
      'Allows hosts that other machines reach, though nothing is encrypted or authenticated',
    ),
  metricsPort: wholeNumber(0, 65_535)
    .optional()
    .describe('Serves /metrics, /graph, /health and /ready there; 0 takes any free port'),
  metricsHost: host().optional().describe('The host for that; default: that of the node'),
  logLevel: oneOf(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('The least severe lines that are written'),
  logFormat: oneOf(['json', 'text'])
    .default('json')
    .describe('One JSON object a line, or text for people'),
  seed: z
    .string('must be a text')
    .min(1, 'must not be empty')
    .optional()
    .describe('Chance of the components follows from it (not the id of the node); default: fresh'),
  heartbeatDelayMs: wholeNumber(10, longestMs)
    .default(500)
    .describe('How long a node has to answer a heartbeat before it is suspected'),
  heartbeatIncreaseMs: wholeNumber(1, longestMs)
    .default(250)
    .describe('How much longer it has after each suspicion that was wrong'),
  queuedMessages: wholeNumber(1, 10_000_000)
    .default(100_000)
    .describe('How many messages may wait for one process before they are given up'),
  queuedBytes: wholeNumber(1024, 2 ** 40)
    .default(64 * 1024 * 1024)
    .describe('How many bytes of them'),
  outageMs: wholeNumber(1, longestMs)
    .default(30_000)
    .describe('How long a process may be unreachable before they are given up'),
  fewestTombstones: wholeNumber(1, 1_000_000_000)
    .default(100)
    .describe(
      'How many deleted keys of a slot, and 30 % of all it has, are worth another epoch to be forgotten',
    ),
  stopTimeoutMs: wholeNumber(1, longestMs)
    .default(5_000)
    .describe('How long a graceful stop may take before what is left is dropped'),
});

/** The name of a setting. */
export type Setting = keyof z.output<typeof Settings>;

/** Everything a node is told, complete and in agreement with itself. Parsing it again changes nothing. */
export const NodeConfiguration = Settings.superRefine((settings, context) => {
  const {
    host,
    port,
    nodes,
    replication = 1,
    join,
    advertiseHost,
    allowRemote,
    metricsHost,
  } = settings;
  const disagree = (setting: Setting, message: string): void => {
    context.addIssue({ code: 'custom', path: [setting], message, input: settings[setting] });
  };
  if (replication > nodes) {
    disagree(
      'replication',
      `must be at most the number of nodes, ${nodes}: a key cannot be held by more nodes than ` +
        'there are; lower the replication, or raise the number of nodes',
    );
  }
  if (isWildcard(advertiseHost ?? host)) {
    disagree(
      advertiseHost === undefined ? 'host' : 'advertiseHost',
      'stands for every address of this machine: say by advertiseHost (--advertise-host) by which one ' +
        'the other nodes and the clients reach this node',
    );
  }
  const remote = 'is reached by other machines, but nothing is encrypted or authenticated yet: ';
  const remedy = 'keep to 127.0.0.1, or allow it by allowRemote (--allow-remote)';
  if (!allowRemote && !isLoopback(host)) disagree('host', remote + remedy);
  if (!allowRemote && metricsHost !== undefined && !isLoopback(metricsHost)) {
    disagree('metricsHost', remote + remedy);
  }
  if (join !== undefined && nodes === 1) {
    disagree('join', 'has no sense in a cluster of 1 node: say of how many nodes it consists');
  }
  const first = join === undefined ? undefined : parseEndpoint(join);
  if (first?.host === (advertiseHost ?? host) && first.port === port) {
    disagree(
      'join',
      'must be another node: the first node of a cluster joins nobody, so leave it away there',
    );
  }
}).transform((settings) => ({
  ...settings,
  replication: settings.replication ?? Math.min(defaultReplication, settings.nodes),
  metricsHost: settings.metricsHost ?? settings.host,
}));
export type NodeConfiguration = z.output<typeof NodeConfiguration>;

/** What a program may say of it; the rest is by default. */
export type NodeSettings = z.input<typeof NodeConfiguration>;

/** What the documentation of the command and of the package say of a setting. */
export interface SettingDescription {
  readonly setting: Setting;
  /** On the command line: `--boot-timeout-ms`. */
  readonly flag: string;
  /** In the environment: `JBSTORE_BOOT_TIMEOUT_MS`. */
  readonly variable: string;
  readonly kind: 'whole number' | 'boolean' | 'text';
  /** The values it may have, if they are few. */
  readonly choices: readonly string[] | undefined;
  readonly defaultValue: string | number | boolean | undefined;
  readonly description: string;
}

const Described = z.object({
  type: z.enum(['integer', 'boolean', 'string']),
  enum: z.array(z.string()).optional(),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  description: z.string(),
});

/** Every setting, in the order in which they are documented. */
export const settingDescriptions: readonly SettingDescription[] = Object.entries(
  z.toJSONSchema(Settings, { io: 'input' }).properties ?? {},
).map(([name, schema]) => {
  const { type, enum: choices, default: defaultValue, description } = Described.parse(schema);
  const words = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return {
    setting: Settings.keyof().parse(name),
    flag: `--${words}`,
    variable: `JBSTORE_${words.replaceAll('-', '_').toUpperCase()}`,
    kind: type === 'integer' ? 'whole number' : type === 'boolean' ? 'boolean' : 'text',
    choices,
    defaultValue,
    description,
  };
});

function wholeNumber(from: number, to: number): z.ZodInt {
  const expected = `must be a whole number from ${from} to ${to}`;
  return z.int(expected).min(from, expected).max(to, expected);
}

function oneOf<const Choices extends readonly [string, ...string[]] | readonly string[]>(
  choices: Choices,
): z.ZodEnum<{ [Choice in Choices[number]]: Choice }> {
  return z.enum(choices, `must be one of ${choices.join(', ')}`);
}

function host(): z.ZodString {
  const expected = 'must be a host name or an IP address (an IPv6 address without brackets)';
  return z.string(expected).regex(/^(?:[0-9A-Za-z](?:[-0-9A-Za-z._]*)|[0-9a-fA-F:.]+)$/, expected);
}
