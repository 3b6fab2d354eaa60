import { z } from 'zod';

import { boundsOfLength, boundsOfNumber, hasNoChecks, type Bounds } from './bounds';
import { byteFieldOf } from './byte-schemas';
import { CheckedField, JsonField } from './checked-fields';
import {
  ListField,
  MaybeField,
  ObjectField,
  RecordField,
  TupleField,
  UnionField,
} from './composite-fields';
import { UnsupportedFieldError } from './errors';
import { type Field } from './field';
import { BooleanField, ChoiceField, IntegerField, NumberField } from './scalar-fields';
import { ByteStringField, TextField } from './text-fields';

/** Kinds of values that JSON would turn into something else. */
const beyondJson = new Set<string>(
  'bigint date map set symbol function promise nan file void never custom'.split(' '),
);

/**
 * The packed form of the values of `schema`; JSON where there is none.
 *
 * @param name - for errors: `register/Read.key`
 * @param around - the schemas in whose midst this one stands: one of them again is a recursion, which
 * is carried as JSON
 * @throws {@link UnsupportedFieldError}
 */
export function fieldOf(
  schema: z.core.$ZodType,
  name: string,
  around: readonly z.core.$ZodType[] = [],
): Field {
  const type = schema as z.ZodType & z.core.$ZodTypes;
  if (around.includes(schema)) return new JsonField(type);
  const { field, complete } = packed(type, name, [...around, schema]);
  if (field) return complete ? field : new CheckedField(field, type);
  if (beyondJson.has(type._zod.def.type)) throw new UnsupportedFieldError(name, type._zod.def.type);
  return new JsonField(type);
}

interface Packed {
  /** Undefined if values of this kind have no packed form. */
  readonly field?: Field;
  /** True if the field checks all that the schema demands. */
  readonly complete: boolean;
}

const none: Packed = { complete: false };

function packed(
  schema: z.core.$ZodTypes,
  name: string,
  around: readonly z.core.$ZodType[],
): Packed {
  const definition = schema._zod.def;
  if ('coerce' in definition && definition.coerce) return none;
  const unchecked = hasNoChecks(definition);
  switch (definition.type) {
    case 'number':
      return packedNumber(boundsOfNumber(definition));
    case 'string':
      return packedText(boundsOfLength(definition));
    case 'boolean':
      return { field: new BooleanField(), complete: unchecked };
    case 'null':
      return { field: new ChoiceField([null]), complete: unchecked };
    case 'undefined':
      return { field: new ChoiceField([undefined]), complete: unchecked };
    case 'literal':
      return { field: new ChoiceField(definition.values), complete: unchecked };
    case 'enum':
      return { field: new ChoiceField(valuesOf(definition.entries)), complete: unchecked };
    case 'custom':
      return packedBytes(definition.fn, unchecked);
    case 'array': {
      const { minimum, maximum, complete } = boundsOfLength(definition);
      const item = fieldOf(definition.element, `${name}[]`, around);
      return { field: new ListField(item, minimum, maximum), complete };
    }
    case 'tuple':
      if (definition.rest || definition.items.some((item) => item._zod.optin)) return none;
      return {
        field: new TupleField(
          definition.items.map((item, index) => fieldOf(item, `${name}[${index}]`, around)),
        ),
        complete: unchecked,
      };
    case 'object':
      return packedObject(definition, name, around);
    case 'record': {
      const key = fieldOf(definition.keyType, `${name}.key`, around);
      if (!(key instanceof TextField || key instanceof ByteStringField)) return none;
      const value = fieldOf(definition.valueType, `${name}.value`, around);
      return { field: new RecordField(key, value), complete: unchecked };
    }
    case 'optional':
      if (schema instanceof z.ZodExactOptional) return none;
      return packedInside(definition.innerType, name, around, undefined, unchecked);
    case 'nullable':
      return packedInside(definition.innerType, name, around, null, unchecked);
    case 'readonly':
      return { field: fieldOf(definition.innerType, name, around), complete: unchecked };
    case 'union':
      return { field: packedUnion(definition, name, around), complete: unchecked };
    default:
      return none;
  }
}

/** The values of an enumeration; TypeScript's numeric ones also map each value back to its name. */
function valuesOf(entries: z.core.$ZodEnumDef['entries']): readonly unknown[] {
  const numbers = Object.values(entries).filter((value) => typeof value === 'number');
  return Object.entries(entries)
    .filter(([name]) => !numbers.includes(Number(name)))
    .map(([, value]) => value);
}

function packedNumber({ minimum, maximum, integer, complete }: Bounds): Packed {
  const field = integer ? new IntegerField(minimum, maximum) : new NumberField(minimum, maximum);
  return { field, complete };
}

function packedText({ minimum, maximum, pattern, complete }: Bounds): Packed {
  return { field: new TextField(minimum, maximum, pattern), complete };
}

function packedBytes(predicate: object, complete: boolean): Packed {
  const field = byteFieldOf(predicate);
  return field ? { field, complete } : none;
}

function packedInside(
  innerType: z.core.$ZodType,
  name: string,
  around: readonly z.core.$ZodType[],
  missing: undefined | null,
  complete: boolean,
): Packed {
  return { field: new MaybeField(fieldOf(innerType, name, around), missing), complete };
}

function packedObject(
  definition: z.core.$ZodObjectDef,
  name: string,
  around: readonly z.core.$ZodType[],
): Packed {
  // What else an object may hold than its shape says is for zod to judge, and for JSON to carry.
  const rest = definition.catchall?._zod.def.type;
  if (rest !== undefined && rest !== 'never') return none;
  const names = Object.keys(definition.shape);
  const fields = Object.entries(definition.shape).map(([property, inner]) =>
    fieldOf(inner, `${name}.${property}`, around),
  );
  return {
    field: new ObjectField(names, fields),
    complete: rest === undefined && hasNoChecks(definition),
  };
}

function packedUnion(
  definition: z.core.$ZodUnionDef & { readonly discriminator?: string },
  name: string,
  around: readonly z.core.$ZodType[],
): Field {
  const options = definition.options.map((option, place) => ({
    schema: option as z.ZodType,
    field: fieldOf(option, `${name}|${place}`, around),
  }));
  const property = definition.discriminator;
  if (property === undefined) return new UnionField(options);
  const places = new Map<unknown, number>();
  definition.options.forEach((option, place) => {
    for (const value of option._zod.propValues?.[property] ?? []) places.set(value, place);
  });
  return new UnionField(options, { name: property, places });
}
