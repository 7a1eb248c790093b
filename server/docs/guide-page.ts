// /docs/guide: the implementation guide's table of contents, and the page of each example.

import { type Guide, type GuideEntry, isProfile } from '../definitions/guide.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { code, definitionLink, inBoth, page, table, text, titleOf } from './html.ts';

const GROUPS: readonly (readonly [heading: string, isIn: (entry: GuideEntry) => boolean])[] = [
  ['プロファイル Profiles', isProfile],
  ['拡張 Extensions', (entry) => entry.type === 'StructureDefinition' && !isProfile(entry)],
  ['値集合 Value sets', ({ type }) => type === 'ValueSet'],
  ['コード体系 Code systems', ({ type }) => type === 'CodeSystem'],
  ['対応表 Concept maps', ({ type }) => type === 'ConceptMap'],
  ['操作 Operations', ({ type }) => type === 'OperationDefinition'],
  ['検索項目 Search parameters', ({ type }) => type === 'SearchParameter'],
];
const KNOWN = ['StructureDefinition', 'ValueSet', 'CodeSystem', 'ConceptMap', 'OperationDefinition', 'SearchParameter'];

export function guidePage({ definitions, examples }: Guide): string {
  const groups = GROUPS.map(([heading, isIn]) => contents(heading, definitions.filter(isIn)));
  const others = definitions.filter(({ type }) => !KNOWN.includes(type));
  return page(
    'Tsumugi 紡ぎ: 実装ガイド Implementation guide',
    `<p><a href="/docs">API</a></p>
<p>JP Core 1.2.0 の上に母子の健康記録のために定めたプロファイル・値集合・例。<br>
<span lang="en">Profiles on top of JP Core 1.2.0, value sets and examples for the record of mothers and children. What JP Core asks
of a resource holds beside what is said here.</span></p>
${groups.join('\n')}
${contents('その他 Others', others)}
${exampleTable(examples)}`,
  );
}

function contents(heading: string, entries: readonly GuideEntry[]): string {
  if (entries.length === 0) return '';
  const rows = entries.map(({ type, id, resource }) => [
    `<a href="/docs/${type}/${id}">${text(titleOf(resource))}</a>`,
    isProfileOrExtension(resource) ? code(String(resource.type)) : code(id),
    inBoth(resource, 'description'),
  ]);
  return `<h2>${heading}</h2>${table(heading, ['名称 Name', '種類 Of', '説明 Description'], rows)}`;
}

const isProfileOrExtension = ({ resourceType, kind }: JsonObject): boolean =>
  resourceType === 'StructureDefinition' && kind === 'resource';

function exampleTable(examples: readonly GuideEntry[]): string {
  const rows = examples.map((one) => [exampleLink(one), code(one.type), profilesOf(one).map(linked).join('<br>')]);
  return `<h2>例 Examples</h2>${table('例 Examples', ['例 Example', '種類 Type', 'プロファイル Profile'], rows)}`;
}

const linked = (url: string): string => definitionLink(url);

export const exampleLink = ({ id }: GuideEntry): string => `<a href="/docs/example/${id}">${text(id)}</a>`;

/** The canonicals that an example claims. */
export function profilesOf({ resource: { meta } }: GuideEntry): string[] {
  return isObject(meta) && Array.isArray(meta.profile) ? meta.profile.map(String) : [];
}

/** An example as JSON to look at; the file itself is beside it. */
export function examplePage(example: GuideEntry): string {
  return page(
    `${example.type}/${example.id}`,
    `<p><a href="/docs/guide">実装ガイド Implementation guide</a> · <a href="/docs/example/${example.id}.json">JSON</a></p>
<p>${profilesOf(example).map(linked).join('<br>')}</p>
<pre tabindex="0">${text(example.text)}</pre>`,
  );
}
