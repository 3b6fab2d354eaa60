import { type Edn, type Fail, failIn, readEdn, type Table } from './edn';
import { type JepsenEvent, keyOf, operationsOf } from './jepsen';
import type { Operation } from './operation';

/**
 * The history of EDN as Knossos and Porcupine's kv logs have it: maps, or one list of them, of `:process`, `:type`,
 * `:f` and `:value`, and in the latter `:key`. The nemesis is left out.
 * @throws {@link MalformedHistoryError}
 */
export function readJepsenEdn(text: string): readonly Operation[] {
  const fail = failIn(text);
  const forms = readEdn(text);
  const [only] = forms;
  const maps = forms.length === 1 && only?.kind === 'list' ? only.items : forms;
  return operationsOf(
    maps.flatMap((map) => eventOf(map, fail)),
    fail,
  );
}

function eventOf(form: Edn, fail: Fail): readonly JepsenEvent[] {
  if (form.kind !== 'table') {
    throw fail(form.at, 'this is no map of :process, :type, :f and :value');
  }
  const { at, fields } = form;
  const process = wordOf(form, ':process', fail);
  if (typeof process !== 'number') return []; // The nemesis, which breaks things.
  const type = wordOf(form, ':type', fail);
  if (type !== ':invoke' && type !== ':ok' && type !== ':fail' && type !== ':info') {
    throw fail(fields.get(':type')?.at ?? at, ':type is :invoke, :ok, :fail or :info');
  }
  const key = fields.get(':key');
  const value = fields.get(':value');
  return [
    {
      at,
      process,
      type: typeNames[type],
      f: String(wordOf(form, ':f', fail)).replace(/^:/, ''),
      ...(key && { key: keyOf(key, fail) }),
      ...(value && { value }),
    },
  ];
}

const typeNames = { ':invoke': 'invoke', ':ok': 'ok', ':fail': 'fail', ':info': 'info' } as const;

function wordOf({ at, fields }: Table, name: string, fail: Fail): string | number {
  const form = fields.get(name);
  if (!form) throw fail(at, `${name} is missing`);
  const value = form.kind === 'atom' ? form.value : null;
  if (typeof value === 'string' || typeof value === 'number') return value;
  throw fail(form.at, `${name} is a word or a number`);
}
