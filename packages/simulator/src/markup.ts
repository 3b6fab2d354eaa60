/** What is put into a text stands there as text, whatever it holds. */
export class Markup {
  constructor(readonly html: string) {}
}

/** A piece of HTML or SVG. What is put into it is escaped, unless it is markup itself. */
export function markup(
  strings: TemplateStringsArray,
  ...parts: readonly (string | number | Markup | readonly Markup[])[]
): Markup {
  const html = strings.map((string, index) => string + textOf(parts[index] ?? ''));
  return new Markup(html.join(''));
}

function textOf(part: string | number | Markup | readonly Markup[]): string {
  if (part instanceof Markup) return part.html;
  if (typeof part === 'object') return part.map(({ html }) => html).join('\n');
  return escaped(String(part));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Characters that XML does not know at all become visible ones. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => entities[character] ?? character)
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
}
