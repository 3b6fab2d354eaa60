import { UnknownModelError } from './errors';
import { keyValue } from './key-value';
import type { Model, Semantics } from './model';
import { multiRegister } from './multi-register';
import { mutex } from './mutex';
import type { Value } from './operation';
import { casRegister, register } from './register';

const examples =
  'register(nil), cas-register(0), kv, kv(""), kv-append(partitioned), multi-register(x=0,y=0), mutex; ' +
  'any of them with /porcupine-semantics or /knossos-semantics';

/**
 * The model of a name such as `cas-register(nil)/porcupine-semantics`. In brackets stands what is there at first.
 * @param semantics - those of a name that says nothing of them
 * @throws {@link UnknownModelError}
 */
export function modelNamed(name: string, semantics: Semantics = 'porcupine'): Model {
  const parts = /^([a-z-]+)(?:\((.*)\))?(?:\/(porcupine|knossos)-semantics)?$/s.exec(name.trim());
  const [, kind = '', initial, named] = parts ?? [];
  const chosen = named === 'porcupine' || named === 'knossos' ? named : semantics;
  switch (kind) {
    case 'register':
      return register(valueOf(initial), chosen);
    case 'cas-register':
      return casRegister(valueOf(initial), chosen);
    case 'kv':
      return keyValue(valueOf(initial), chosen);
    case 'kv-append':
      if (initial === undefined || initial === 'partitioned') return keyValue('', chosen);
      throw new UnknownModelError(name, 'the empty text is first in kv-append; write kv(…) else');
    case 'multi-register':
      return multiRegisterOf(initial ?? '', chosen);
    case 'mutex':
      if (initial === undefined) return mutex();
      throw new UnknownModelError(name, 'a mutex is free at first');
    default:
      throw new UnknownModelError(name, `there are ${examples}`);
  }
}

/** `x=0,y=0` for each, or one value for all. */
function multiRegisterOf(text: string, semantics: Semantics): Model {
  if (!text.includes('=')) return multiRegister({}, valueOf(text), semantics);
  const pairs = text.split(',').map((pair) => {
    const at = pair.indexOf('=');
    const key = (at < 0 ? pair : pair.slice(0, at)).trim();
    return [key, valueOf(at < 0 ? undefined : pair.slice(at + 1))] as const;
  });
  return multiRegister(Object.fromEntries(pairs), null, semantics);
}

/** `nil`, a number, `true`, `"a text"`; anything else is a text as it stands. */
function valueOf(text: string | undefined): Value {
  const trimmed = text?.trim() ?? '';
  if (trimmed === '' || trimmed === 'nil' || trimmed === 'null') return null;
  if (trimmed === 'true' || trimmed === 'false') return trimmed === 'true';
  if (/^-?\d+(?:\.\d+)?$/.test(trimmed)) return Number(trimmed);
  const [, inner] = /^"(.*)"$/s.exec(trimmed) ?? [];
  return inner ?? trimmed;
}
