// The rows of the page in an archive (reader-page.ts): a resource in the columns of its table, with all that it says behind them.

import { isObject, type JsonObject, numberText } from '../fhir/json.ts';
import type { Attachment } from './attachments.ts';
import { dateOf, type Names, whatOf } from './cells.ts';
import type { Column, Words } from './tables.ts';

/** Text as it stands in HTML; control characters, which could hide something, are shown as such. */
export const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\uFFFD');

/** A word in both languages, of which the page shows one. */
export const both = ({ ja, en }: Words): string =>
  `<span class="ja" lang="ja">${escaped(ja)}</span><span class="en" lang="en">${escaped(en)}</span>`;

/** The heads of a section. */
export const sectionHead = (columns: readonly Column[]): string =>
  `<thead><tr>${columns
    .filter(onPage)
    .map((one) => `<th>${both(one)}</th>`)
    .join('')}<th>${both(whole)}</th></tr></thead>`;

const onPage = ({ isOnlyInCsv }: Column): boolean => isOnlyInCsv !== true;

const whole: Words = { ja: 'すべて', en: 'All of it' };

export function sectionRow({
  columns,
  cells,
  resource,
  attachments,
}: {
  columns: readonly Column[];
  cells: readonly string[];
  resource: JsonObject;
  attachments: readonly Attachment[];
}): string {
  const shown = columns.flatMap((one, n) => (onPage(one) ? `<td>${escaped(cells[n] ?? '')}</td>` : []));
  const files = attachments.map(({ file, title }) => link(file, title || file)).join(' ');
  // An entry of the access log says in its columns what it has to say.
  const more = resource.resourceType === 'AuditEvent' ? '' : details(resource);
  return `<tr>${shown.join('')}<td>${files}${more}</td></tr>\n`;
}

/** A picture, or a link to what is none. */
export function attachmentRow(one: Attachment, resource: JsonObject, names: Names): string {
  const { file, title, contentType, isPicture } = one;
  const what = title || whatOf(resource, names) || file;
  const picture = isPicture ? `<img src="attachments/${escaped(file)}" alt="" loading="lazy">` : '';
  return `<figure>${picture}<figcaption>${escaped(dateOf(resource))} ${link(file, what)} ${escaped(contentType)}</figcaption></figure>\n`;
}

const link = (file: string, words: string): string => `<a href="attachments/${escaped(file)}">${escaped(words)}</a>`;

function details(resource: JsonObject): string {
  const lines: string[] = [];
  flatten(resource, '', lines);
  return `<details><summary>…</summary><pre>${escaped(lines.join('\n'))}</pre></details>`;
}

/** `code.coding.0.display: Body weight`: every value of a resource with its place. */
function flatten(node: unknown, path: string, lines: string[]): void {
  if (Array.isArray(node)) for (const [n, one] of node.entries()) flatten(one, `${path}.${n}`, lines);
  else if (isObject(node))
    for (const [name, one] of Object.entries(node)) flatten(one, path === '' ? name : `${path}.${name}`, lines);
  else if (typeof node === 'string' && node.length > longest && path.endsWith('data'))
    lines.push(`${path}: (${node.length})`);
  else lines.push(`${path}: ${typeof node === 'string' ? node : (numberText(node) ?? String(node))}`);
}

/** Longer base64 is a file of its own. */
const longest = 200;
