import { settingDescriptions, type NodeConfiguration, type Setting } from '@jbstore/node';
import { Option, type Command } from 'commander';

/** What commander parsed: each setting as typed. */
export type NodeFlags = Readonly<Partial<Record<Setting, string | boolean>>>;

/** Adds a flag for every setting of a node but the excepted ones. What is not typed stays undefined. */
export function withNodeFlags(command: Command, except: readonly Setting[] = []): Command {
  for (const { setting, flag, kind, choices, defaultValue, description } of settingDescriptions) {
    if (except.includes(setting)) continue;
    const placeholder = choices ? choices.join('|') : kind === 'text' ? 'text' : 'number';
    const form = kind === 'boolean' ? flag : `${flag} <${placeholder}>`;
    const shown =
      kind === 'boolean' || defaultValue === undefined ? '' : ` (default: ${defaultValue})`;
    command.addOption(new Option(form, `${description}${shown}`));
  }
  return command
    .option('--config <file>', 'read settings from this file, not from one in this directory')
    .option('--json', 'write logs and errors as JSON, one object a line');
}

/** The flags among what commander parsed. */
export function nodeFlagsOf(options: NodeFlags): NodeFlags {
  const typed = settingDescriptions.map(({ setting }) => [setting, options[setting]] as const);
  return Object.fromEntries(typed.filter(([, value]) => value !== undefined));
}

/** The words that give a node these settings, whatever stands in the environment or in files. */
export function wordsOf(settings: Partial<NodeConfiguration>): readonly string[] {
  const words = settingDescriptions.flatMap(({ setting, flag, kind }) => {
    const value = settings[setting];
    if (value === undefined || value === false) return [];
    return kind === 'boolean' ? [flag] : [`${flag}=${value}`];
  });
  return ['--only-flags', ...words];
}
