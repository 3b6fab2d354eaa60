import { readEdn } from './edn';
import { MalformedHistoryError } from './errors';
import { type JepsenEvent, operationsOf } from './jepsen';
import { linesOf } from './lines';
import type { Operation } from './operation';

const operationLine =
  /^INFO\s+jepsen\.util\s+-\s+(\d+)\s+:(invoke|ok|fail|info)\s+:(\S+)\s+(.*?)\s*$/;
const otherLine = /^[A-Z]+\s+(?:(?!jepsen\.util\s)\S+\s+-\s|jepsen\.util\s+-\s+:nemesis\s)/;

/**
 * The history of a log of Jepsen, such as those of etcd that Porcupine is tested with: a line for each event, in
 * the order of time. What others log is left out.
 * @throws {@link MalformedHistoryError}
 */
export function readJepsenLog(text: string): readonly Operation[] {
  const events: JepsenEvent[] = [];
  for (const { content, line } of linesOf(text)) {
    const [, process = '', type = '', f = '', value = ''] = operationLine.exec(content) ?? [];
    if (type === '') {
      if (otherLine.test(content)) continue;
      throw new MalformedHistoryError(
        line,
        1,
        'this is no line of Jepsen: INFO jepsen.util - <process> :<invoke, ok, fail or info> :<f> <value>',
      );
    }
    const column = content.lastIndexOf(value) + 1;
    const [form] = readEdn(
      value,
      (at, reason) => new MalformedHistoryError(line, column + at, reason),
    );
    events.push({
      at: line,
      process: Number(process),
      type: typeOf(type),
      f,
      ...(form && { value: form }),
    });
  }
  // Of the events here the line is known, which is all that there is to say of their places.
  return operationsOf(events, (line, reason) => new MalformedHistoryError(line, 1, reason));
}

function typeOf(word: string): JepsenEvent['type'] {
  return word === 'invoke' || word === 'ok' || word === 'fail' ? word : 'info';
}
