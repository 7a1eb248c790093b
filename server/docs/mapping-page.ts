// /docs/mappings: the formats that are taken in, and of each what becomes of every field: where it goes, why it stays in the original
// alone, or why it is not taken over. From the tables that the mappings' tests are held to.

import type { SourceField, SourceFormat } from '../../mappings/fields.ts';
import { resourceTypes } from '../fhir/definitions.ts';
import { code, page, table, text } from './html.ts';

/** The list at /docs/mappings. */
export function mappingsPage(formats: readonly SourceFormat[]): string {
  const rows = formats.map(({ id, title, source, fields }) => [
    `<a href="/docs/mappings/${encodeURIComponent(id)}">${text(title)}</a>`,
    code(id),
    text(source),
    ...(['to', 'kept', 'dropped'] as const).map((fate) =>
      String(fields.filter((one) => one[fate] !== undefined).length),
    ),
  ]);
  return page(
    '取り込む形式 Formats that are taken in',
    `<p><a href="/docs">Tsumugi: API</a></p>
<p>${WHAT_HAPPENS}</p>
${table('形式 Formats', ['形式 Format', '名称 Id', '出典 Source', '写す Mapped', '原本のみ Kept', '取らない Dropped'], rows)}`,
  );
}

/** The page of one format. */
export function mappingPage({ title, source, fields }: SourceFormat): string {
  return page(
    title,
    `<p><a href="/docs/mappings">取り込む形式 Formats</a></p>
<p>出典 Source: ${text(source)}</p>
<p>${WHAT_HAPPENS}</p>
${table('項目 Fields', ['元の項目 Field', '意味 Meaning', '行き先 What becomes of it'], fields.map(fieldRow))}`,
  );
}

const WHAT_HAPPENS = `原本は常にそのまま残し、写した記録には原本への出所 (Provenance) が付きます。<br>
<span lang="en">The original is always kept as it came, and what is mapped from it has a Provenance that names it.</span>`;

function fieldRow({ at, name, to, kept, dropped }: SourceField): string[] {
  if (to !== undefined) return [code(at), text(name), `→ ${to.map(pathLink).join('<br>→ ')}`];
  const [fate, why] = kept === undefined ? ['取らない Dropped', dropped] : ['原本のみ Kept in the original', kept];
  return [code(at), text(name), `<strong>${fate}</strong><br><span class="why" lang="en">${text(why ?? '')}</span>`];
}

/** A FHIR path, which leads to the page of its resource type. */
function pathLink(path: string): string {
  const [, type] = /^([A-Z][A-Za-z]+)(?:\.|$)/.exec(path) ?? [];
  return type === undefined || !resourceTypes.has(type) ? code(path) : `<a href="/docs/${type}">${code(path)}</a>`;
}
