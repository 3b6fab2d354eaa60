import { types } from 'node:util';

import { lilconfigSync, type LoaderSync } from 'lilconfig';
import { z } from 'zod';

import { ConfigurationError, type ConfigurationIssue, type SettingSource } from './errors';
import {
  NodeConfiguration,
  Settings,
  settingDescriptions,
  type NodeSettings,
  type Setting,
  type SettingDescription,
} from './settings';

/** Where settings are looked for, the strongest first. What is undefined counts as not said. */
export interface ConfigurationSources {
  /** From a program. */
  readonly code?: NodeSettings | undefined;
  /** From a command line: by the name of the setting, as typed. */
  readonly flags?: Readonly<Partial<Record<Setting, string | number | boolean | undefined>>>;
  /** Usually `process.env`; see {@link SettingDescription.variable}. An empty one counts as not said. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** A file to read: `.json`, or `.js` or `.cjs` that exports an object. */
  readonly file?: string | undefined;
  /** Where to look for {@link fileNames}, if no `file` is named. Without it no file is read. */
  readonly directory?: string | undefined;
}

/** The files that are looked for in a directory. The first one found is read. */
export const fileNames = ['jbstore.config.json', '.jbstorerc', '.jbstorerc.json'] as const;

/** What one source says. */
interface Layer {
  readonly source: SettingSource;
  readonly values: Readonly<Record<string, unknown>>;
  /** How this source writes a setting: `--port`, `JBSTORE_PORT`. */
  readonly nameOf: (
    description: Pick<SettingDescription, 'setting' | 'flag' | 'variable'>,
  ) => string;
  /** As a whole. */
  readonly name: string;
}

/**
 * The configuration that the sources make together: each setting is taken from the strongest that says
 * it, and what nobody says is by default.
 * @throws {@link ConfigurationError} which lists everything that is wrong, with its source.
 */
export function readConfiguration(sources: ConfigurationSources): NodeConfiguration {
  const layers = [
    codeLayer(sources.code ?? {}),
    flagLayer(sources.flags ?? {}),
    environmentLayer(sources.environment ?? {}),
    ...fileLayers(sources),
  ];
  const unknown = layers.flatMap(unknownSettings);
  if (unknown.length > 0) throw new ConfigurationError(unknown);

  const values = Object.assign(
    {},
    ...layers.toReversed().map(({ values }) => said(values)),
  ) as unknown;
  const parsed = NodeConfiguration.safeParse(values);
  if (parsed.success) return parsed.data;
  throw new ConfigurationError(parsed.error.issues.map((issue) => issueOf(issue, layers)));
}

function codeLayer(values: NodeSettings): Layer {
  return { source: 'code', values, nameOf: ({ setting }) => setting, name: 'the given settings' };
}

function flagLayer(flags: NonNullable<ConfigurationSources['flags']>): Layer {
  const values = mapValues(said(flags), fromText);
  return { source: 'flag', values, nameOf: ({ flag }) => flag, name: 'the command line' };
}

function environmentLayer(environment: NonNullable<ConfigurationSources['environment']>): Layer {
  const texts = settingDescriptions.flatMap(({ setting, variable }) => {
    const text = environment[variable]?.trim();
    return text ? [[setting, text] as const] : [];
  });
  const values = mapValues(Object.fromEntries(texts), fromText);
  const nameOf: Layer['nameOf'] = ({ variable }) => `${variable} in the environment`;
  return { source: 'environment', values, nameOf, name: 'the environment' };
}

function fileLayers({ file, directory }: ConfigurationSources): Layer[] {
  const found = file === undefined ? searchFile(directory) : loadFile(file);
  if (!found) return [];
  const { path, content } = found;
  const values = z.record(z.string(), z.unknown()).safeParse(content);
  if (!values.success) throw fileError(path, 'must hold an object, such as {"port": 7100}');
  const nameOf: Layer['nameOf'] = ({ setting }) => `"${setting}" in ${path}`;
  return [{ source: 'file', values: values.data, nameOf, name: path }];
}

/** Those of lilconfig read JSON by `require`, which does not look at a file twice. */
const parseJson: LoaderSync = (_path, content) => JSON.parse(content) as unknown;
const loaders = { '.json': parseJson, noExt: parseJson };

interface FoundFile {
  readonly path: string;
  readonly content: unknown;
}

function loadFile(path: string): FoundFile {
  try {
    const found: unknown = lilconfigSync('jbstore', { cache: false, loaders }).load(path)?.config;
    return { path, content: found };
  } catch (error) {
    throw fileError(path, `cannot be read: ${messageOf(error)}`, error);
  }
}

/** Looks in `directory` alone, so that a file that is far away is never obeyed by surprise. */
function searchFile(directory: string | undefined): FoundFile | undefined {
  if (directory === undefined) return undefined;
  const searchPlaces = [...fileNames];
  const options = { cache: false, loaders, searchPlaces, stopDir: directory };
  try {
    const found = lilconfigSync('jbstore', options).search(directory);
    return found ? { path: found.filepath, content: found.config as unknown } : undefined;
  } catch (error) {
    throw fileError(
      directory,
      `has a configuration file that cannot be read: ${messageOf(error)}`,
      error,
    );
  }
}

function fileError(path: string, problem: string, cause?: unknown): ConfigurationError {
  const text = `the configuration file ${path} ${problem}`;
  return new ConfigurationError([{ setting: undefined, source: 'file', text }], { cause });
}

function messageOf(error: unknown): string {
  return types.isNativeError(error) ? error.message : String(error);
}

function said(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function mapValues(
  values: Readonly<Record<string, unknown>>,
  change: (name: string, value: unknown) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, change(name, value)]),
  );
}

/** The value that a text stands for. A text that stands for none is left to the schema to refuse. */
function fromText(name: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const kind = settingDescriptions.find(({ setting }) => setting === name)?.kind;
  if (kind === 'whole number' && /^-?[0-9]{1,15}$/.test(value)) return Number(value);
  if (kind === 'boolean') return booleans.get(value.toLowerCase()) ?? value;
  return value;
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['false', false],
  ['0', false],
  ['no', false],
]);

function unknownSettings({ source, values, name }: Layer): ConfigurationIssue[] {
  const names = Object.keys(said(values)).filter((key) => !(key in Settings.shape));
  return names.map((setting) => ({
    setting,
    source,
    text: `${name} has no setting "${setting}": choose from ${Object.keys(Settings.shape).join(', ')}`,
  }));
}

function issueOf(issue: z.core.$ZodIssue, layers: readonly Layer[]): ConfigurationIssue {
  const description = settingDescriptions.find(({ setting }) => setting === issue.path[0]);
  if (!description) return { setting: undefined, source: 'code', text: issue.message };
  const { setting } = description;
  const layer = layers.find(({ values }) => values[setting] !== undefined);
  if (!layer) return { setting, source: 'default', text: `${setting} ${issue.message}` };
  const is = JSON.stringify(layer.values[setting]);
  const text = `${layer.nameOf(description)} is ${is}: it ${issue.message}`;
  return { setting, source: layer.source, text };
}
