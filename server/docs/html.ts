// What the pages at /docs are made of: the frame, text that is safe in HTML, and two languages side by side. Plain HTML, no
// script, nothing loaded from elsewhere.

import { CANONICAL } from '../fhir/canonical.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';

/** A page with its title as heading; `body` is HTML. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="ja"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${text(title)}</title><style>${style}</style></head>
<body><main><h1>${text(title)}</h1>
${body}
</main></body></html>`;
}

const style = `body{font:16px/1.6 system-ui,sans-serif;margin:0;color:#222}main{max-width:60rem;margin:auto;padding:1rem}
code{background:#f2f2f2;padding:0 .25em;overflow-wrap:break-word}table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:.2rem .6rem;text-align:left;vertical-align:top}
caption{text-align:left;font-weight:bold;padding:.4rem 0}tbody th{font-weight:normal}.wide{overflow-x:auto}pre{background:#f2f2f2;padding:.6rem;overflow-x:auto}
.types{columns:14rem}dt{font-weight:bold}.why{color:#555}
.picture{overflow-x:auto}.picture svg{max-width:100%;min-width:44rem;height:auto}@media print{.picture{overflow:visible}.picture svg{min-width:0}}`;

/** Text as it stands in HTML. */
export const text = (value: string): string =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

export const code = (name: string): string => `<code>${text(name)}</code>`;

/** Rows of HTML cells under heads; the first cell of a row is its head. It may be wider than a telephone, and then scrolls. */
export function table(caption: string, heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = heads.map((one) => `<th scope="col">${one}</th>`).join('');
  const body = rows.map(([first = '', ...rest]) => `<tr><th scope="row">${first}</th>${cells(rest)}</tr>`).join('\n');
  return `<div class="wide" tabindex="0" role="region" aria-label="${text(caption)}"><table><caption>${text(caption)}</caption>
<thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

const cells = (rest: readonly string[]): string => rest.map((one) => `<td>${one}</td>`).join('');

/** A text of a definition as HTML: Japanese, where it is translated, and then as it stands, which is English. */
export function inBoth(owner: JsonObject, member: string): string {
  const english = owner[member];
  if (typeof english !== 'string') return '';
  const japanese = translated(owner[`_${member}`], 'ja');
  const own = `<span lang="en">${text(english)}</span>`;
  return japanese === undefined ? own : `${text(japanese)}<br>${own}`;
}

/** The same on one line without markup, for a title. */
export function titleOf(owner: JsonObject): string {
  const english = String(owner.title ?? owner.name ?? owner.id);
  const japanese = translated(owner._title, 'ja');
  return japanese === undefined ? english : `${japanese} ${english}`;
}

/** http://hl7.org/fhir/StructureDefinition/translation */
function translated(sibling: unknown, language: string): string | undefined {
  const translations = listOf(isObject(sibling) ? sibling.extension : undefined).map(({ extension }) =>
    listOf(extension),
  );
  const parts = translations.find((one) => one.some(({ url, valueCode }) => url === 'lang' && valueCode === language));
  const content = parts?.find(({ url }) => url === 'content')?.valueString;
  return typeof content === 'string' ? content : undefined;
}

/** The objects of a list that may not be there. */
export const listOf = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** A canonical as a link: to our page of it, or to where its publisher shows it. */
export function definitionLink(canonical: string, words = canonical): string {
  const url = canonical.replace(/\|.*$/, '');
  return `<a href="${text(shownAt(url) ?? url)}">${text(words)}</a>`;
}

/** Where a canonical URL of ours is shown; undefined for those of others. */
export function shownAt(canonical: string): string | undefined {
  return canonical.startsWith(`${CANONICAL}/`) ? `/docs${canonical.slice(CANONICAL.length)}` : undefined;
}
