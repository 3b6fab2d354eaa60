import { Writable } from 'node:stream';
import { types } from 'node:util';

import type { Logger } from '@jbstore/core';
import {
  destination,
  pino,
  stdTimeFunctions,
  type DestinationStream,
  type Logger as Pino,
} from 'pino';

import type { NodeConfiguration } from './settings';

/** Makes the logger of the component at `path`. */
export type LoggerOf = (path: string) => Logger;

/**
 * Loggers that write through pino, each line with the path of its component. A line costs some
 * microseconds, so nothing is written per message.
 *
 * @param output - where the lines go; default: standard error, since standard output is the program's
 */
export function loggers(
  { logLevel, logFormat }: Pick<NodeConfiguration, 'logLevel' | 'logFormat'>,
  output: DestinationStream = destination({ dest: 2, sync: true }),
): LoggerOf {
  const options = {
    level: logLevel,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    messageKey: 'message',
    errorKey: 'error',
    serializers: { cause: serializable },
  };
  const root = pino(options, logFormat === 'text' ? textTo(output) : output);
  const known = new Map<string, Logger>();
  return (path) => {
    let logger = known.get(path);
    if (!logger) known.set(path, (logger = adapt(root.child({ component: path }))));
    return logger;
  };
}

function adapt(logger: Pino): Logger {
  return {
    debug: (message, fields) => {
      logger.debug(fields ?? {}, message);
    },
    info: (message, fields) => {
      logger.info(fields ?? {}, message);
    },
    warn: (message, fields) => {
      logger.warn(fields ?? {}, message);
    },
    error: (message, fields) => {
      logger.error(fields ?? {}, message);
    },
  };
}

/** An error as an object that JSON can show, with what caused it. */
function serializable(error: unknown): unknown {
  if (!types.isNativeError(error)) return error;
  const { name, message, stack, cause } = error;
  const code = 'code' in error ? { code: error.code } : {};
  return { name, message, ...code, stack, ...(cause ? { cause: serializable(cause) } : {}) };
}

/** Turns lines of JSON to text for people, `time level message field=value …`. */
function textTo(output: DestinationStream): Writable {
  return new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      output.write(textOf(JSON.parse(line) as Readonly<Record<string, unknown>>));
      done();
    },
  });
}

function textOf(line: Readonly<Record<string, unknown>>): string {
  const clock = String(line['time']).slice(11, 23);
  const fields = Object.entries(line).filter(([name]) => !inFront.has(name));
  const shown = fields.map(([name, value]) => ` ${name}=${textOfValue(value)}`);
  const text = `${String(line['level']).padEnd(5)} ${String(line['message'])}${shown.join('')}`;
  return `${clock} ${text.replace(/\p{Cc}/gu, escape)}\n`;
}

/** Others send texts, which shall neither break lines nor steer a terminal. */
function escape(control: string): string {
  return `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Shown in front, or, as the component, not at all. */
const inFront: ReadonlySet<string> = new Set(['time', 'level', 'message', 'component']);

function textOfValue(value: unknown): string {
  return typeof value === 'string' && /^[^\s"]+$/.test(value) ? value : JSON.stringify(value);
}
