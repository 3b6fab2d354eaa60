import { faultIn } from './clients';
import { MalformedHistoryError } from './errors';
import { placesIn } from './json-place';
import { linesOf } from './lines';
import type { Operation } from './operation';
import { type Fields, Misfit, operationOf } from './operation-fields';

/** `operation` as one line of JSON, with its line end. */
export function jsonLineOf(operation: Operation): string {
  const { client, call, return: end, status, ...action } = operation;
  return `${JSON.stringify({ client, ...action, call, return: end, status })}\n`;
}

/**
 * The history of JSON lines, one operation each, in any order; empty lines are skipped.
 * @throws {@link MalformedHistoryError}
 */
export function readJsonLines(text: string): readonly Operation[] {
  const operations: Operation[] = [];
  const lines: number[] = [];
  for (const { content, line } of linesOf(text)) {
    operations.push(readLine(content, line));
    lines.push(line);
  }
  const fault = faultIn(operations);
  if (fault) throw new MalformedHistoryError(lines[fault.index] ?? 1, 1, fault.reason);
  return operations;
}

function readLine(text: string, line: number): Operation {
  const fields = fieldsOf(text, line);
  const operation = operationOf(fields);
  if (!(operation instanceof Misfit)) return operation;
  const { field, rule } = operation;
  const place = placesIn(text).fields.get(field);
  const reason = `${field} ${place === undefined ? 'is missing: it is' : 'has to be'} ${rule}`;
  throw new MalformedHistoryError(line, (place ?? 0) + 1, reason);
}

function fieldsOf(text: string, line: number): Fields {
  let object: unknown;
  try {
    object = JSON.parse(text);
  } catch {
    const { error = 0 } = placesIn(text);
    const found = error < text.length ? JSON.stringify(text[error]) : 'the end of the line';
    throw new MalformedHistoryError(line, error + 1, `this is no JSON: ${found} is unexpected`);
  }
  if (typeof object === 'object' && object !== null && !Array.isArray(object)) {
    return object as Fields;
  }
  const reason = 'this is no operation: write {"client": …, "op": …, "call": …, "return": …, …}';
  throw new MalformedHistoryError(line, 1, reason);
}
