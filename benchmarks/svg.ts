export const ourColour = '#0f766e';
export const ink = '#111827';
export const grey = 'fill="#6b7280"';

const margin = 24;

/** A picture that needs nothing else, with a title and a line below it. */
export function picture(
  { width, height }: { readonly width: number; readonly height: number },
  title: string,
  below: string,
  parts: readonly string[],
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
      `viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(margin, 30, title, 'font-size="18" font-weight="bold"'),
    text(margin, 50, below, grey),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

export function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${fixed(x)}" y="${fixed(y)}" ${attributes}>${escaped(content)}</text>`;
}

/** A length with one decimal, as the pictures need no more. */
export function fixed(length: number): string {
  return String(Math.round(length * 10) / 10);
}

function escaped(content: string): string {
  return content.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
