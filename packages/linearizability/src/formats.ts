import { MalformedHistoryError } from './errors';
import { readJepsenEdn } from './jepsen-edn';
import { readJepsenLog } from './jepsen-log';
import { readJsonLines } from './json-lines';
import type { Semantics } from './model';
import type { Operation } from './operation';

/** How a history is written down. */
export type HistoryFormat = 'JSON lines' | 'EDN of Knossos' | 'EDN of Porcupine' | 'log of Jepsen';

export interface RecordedHistory {
  readonly format: HistoryFormat;
  readonly operations: readonly Operation[];
  /** Those of who writes such histories. */
  readonly semantics: Semantics;
  /** The name of the model that its operations suggest. */
  readonly model: string;
}

/**
 * The history that `text` is, in whichever of the formats it is written.
 * @throws {@link MalformedHistoryError}
 */
export function readHistory(text: string): RecordedHistory {
  const format = formatOf(text);
  const operations = readers[format](text);
  const semantics = format === 'EDN of Knossos' ? 'knossos' : 'porcupine';
  return { format, operations, semantics, model: suggestedModel(format, operations) };
}

const readers = {
  'JSON lines': readJsonLines,
  'EDN of Knossos': readJepsenEdn,
  'EDN of Porcupine': readJepsenEdn,
  'log of Jepsen': readJepsenLog,
} as const satisfies Record<HistoryFormat, (text: string) => readonly Operation[]>;

function formatOf(text: string): HistoryFormat {
  const start = /^(?:[\s\uFEFF]|;.*)*/.exec(text)?.[0] ?? '';
  const rest = text.slice(start.length, start.length + 1000);
  if (rest === '' || /^\{\s*["}]|^\[[\s[{]*"/.test(rest)) return 'JSON lines';
  if (/^\{[^{}]*:key\s/.test(rest)) return 'EDN of Porcupine';
  if (/^[[({#]/.test(rest)) return 'EDN of Knossos';
  if (/^[A-Z]{4,5}\s/.test(rest)) return 'log of Jepsen';
  const lines = start.split('\n');
  throw new MalformedHistoryError(
    lines.length,
    (lines.at(-1) ?? '').length + 1,
    'this begins no history: neither JSON lines, {"client": …}, nor EDN, {:process …}, nor a log of Jepsen, INFO …',
  );
}

function suggestedModel(format: HistoryFormat, operations: readonly Operation[]): string {
  const has = (...names: readonly string[]): boolean =>
    operations.some(({ op }) => names.includes(op));
  if (has('acquire', 'release')) return 'mutex';
  if (format === 'EDN of Porcupine') return 'kv-append(partitioned)';
  // The registers of Knossos hold 0 at first, those of its neighbours nothing.
  const initial = format === 'EDN of Knossos' ? '0' : 'nil';
  if (has('txn')) return `multi-register(${initial})`;
  const isKeyed = operations.some((operation) => 'key' in operation);
  const isKeyValue = isKeyed || has('get', 'put', 'append', 'delete', 'increment');
  return `${isKeyValue ? 'kv' : 'cas-register'}(${initial})`;
}
