// HTML as a value: what is put into a template is text and escaped, unless it is HTML itself.

/** Made by `html` and `trusted` only. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Part = Html | string | number | undefined | false | readonly Part[];

/** Lists are put side by side; undefined and false leave nothing. Attribute values must stand in double quotes. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(strings.map((string, n) => `${string}${n < parts.length ? textOf(parts[n]) : ''}`).join(''));
}

/** Markup that was made here or by a library of ours, such as the SVG of a QR code. */
export const trusted = (markup: string): Html => new Html(markup);

function textOf(part: Part): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (Array.isArray(part)) return part.map(textOf).join('');
  return String(part).replace(/[&<>"']/g, (character) => escapes[character] ?? '');
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
