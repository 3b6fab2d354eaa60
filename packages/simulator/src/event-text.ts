/** How deep fields within fields are shown. */
const depth = 3;
const mostCharacters = 250;

/** What `event` is, and its fields, for people. */
export function eventText(event: object): string {
  const text = `${event.constructor.name} ${fieldsText(event, depth)}`;
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text;
}

function fieldsText(value: object, levels: number): string {
  const fields: string[] = [];
  for (const name in value) fields.push(`${name}: ${valueText(Reflect.get(value, name), levels)}`);
  return `{ ${fields.join(', ')} }`;
}

function valueText(value: unknown, levels: number): string {
  if (value instanceof Uint8Array) return bytesText(value);
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return `[${items.map((item) => valueText(item, levels)).join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    return levels > 1 ? fieldsText(value, levels - 1) : value.constructor.name;
  }
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

/** As text if it is one, else in hexadecimal digits. */
function bytesText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes);
  const text = buffer.toString('latin1');
  return /^[\x20-\x7e]*$/.test(text) ? `'${text}'` : `0x${buffer.toString('hex')}`;
}
