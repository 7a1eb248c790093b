// The page of a profile or an extension: its elements as a table (path, how often, type, codes, meaning), its rules, its examples.
// FHIR R4 StructureDefinition and ElementDefinition, https://hl7.org/fhir/R4/elementdefinition.html

import type { Definitions } from '../definitions/definitions.ts';
import type { GuideEntry } from '../definitions/guide.ts';
import type { JsonObject } from '../fhir/json.ts';
import { exampleLink, profilesOf } from './guide-page.ts';
import { code, definitionLink, inBoth, listOf, page, table, text, titleOf } from './html.ts';

/** `definitions` are looked up for what a differential leaves as its base has it; `examples` are all there are. */
export function structurePage(
  { id, type, resource }: GuideEntry,
  definitions: Definitions,
  examples: readonly GuideEntry[],
): string {
  const chain = chainOf(resource, definitions);
  const elements = mergedElements(chain);
  const own = examples.filter((one) => profilesOf(one).includes(String(resource.url)));
  return page(
    titleOf(resource),
    `<p><a href="/docs/guide">実装ガイド Implementation guide</a> · <a href="/docs/${type}/${id}.json">JSON</a></p>
<p>${inBoth(resource, 'description')}</p>
<dl><dt>Canonical</dt><dd>${code(String(resource.url))} ${text(String(resource.version))}</dd>
<dt>対象 Of</dt><dd>${code(String(resource.type))}${contextOf(resource)}</dd>
<dt>基底 Based on</dt><dd>${bases(chain)}</dd></dl>
<p>太字は必須対応 (mustSupport)。基底が定めることも有効。 <span lang="en">Bold: mustSupport. What the bases say holds too.</span></p>
${table(
  '要素 Elements',
  HEADS,
  elements.map((one) => row(one, resource, definitions)),
)}
${ruleTable(chain)}
${own.length === 0 ? '' : `<h2>例 Examples</h2><ul>${own.map((one) => `<li>${exampleLink(one)}</li>`).join('')}</ul>`}`,
  );
}

const HEADS = ['要素 Element', '回数 Card.', '型 Type', '値 Value', '意味 Meaning'];

/** The definition and those of ours that it stands on, nearest first. */
function chainOf(resource: JsonObject, definitions: Definitions): JsonObject[] {
  const chain: JsonObject[] = [];
  for (let one: JsonObject | undefined = resource; one?.publisher === 'Tsumugi' && !chain.includes(one); ) {
    chain.push(one);
    one = definitions.find('StructureDefinition', String(one.baseDefinition));
  }
  return chain;
}

const bases = (chain: readonly JsonObject[]): string =>
  chain.map(({ baseDefinition }) => definitionLink(String(baseDefinition))).join(' ← ');

const contextOf = ({ context }: JsonObject): string =>
  listOf(context)
    .map(({ expression }) => ` ${code(String(expression))}`)
    .join('');

/** Of an element that several say something of, what the nearest says of each thing; in the order in which bases come first. */
function mergedElements(chain: readonly JsonObject[]): JsonObject[] {
  const byId = new Map<string, JsonObject>();
  for (const { differential } of chain.toReversed())
    for (const element of elementsIn(differential)) {
      const id = String(element.id);
      byId.set(id, { ...byId.get(id), ...element });
    }
  return [...byId.values()];
}

const elementsIn = (part: unknown): JsonObject[] => listOf((part as JsonObject | undefined)?.element);

function row(element: JsonObject, { type }: JsonObject, definitions: Definitions): string[] {
  const base = baseOf(String(element.path), String(type), definitions);
  const id = code(String(element.id));
  return [
    element.mustSupport === true ? `<strong>${id}</strong>` : id,
    cardinality(element, base),
    listOf(element.type ?? base?.type)
      .map(typeWords)
      .join('<br>'),
    [...valuesOf(element), bindingOf(element)].filter(Boolean).join('<br>'),
    [inBoth(element, 'short'), inBoth(element, 'comment'), why(element)].filter(Boolean).join('<br>'),
  ];
}

/** Of the resource itself there is always one; of a slice that a base of another publisher makes, the base says it. */
function cardinality({ id, min, max }: JsonObject, base: JsonObject | undefined): string {
  const [last = ''] = String(id).split('.').slice(-1);
  if (last === String(id)) return '';
  if (last.includes(':') && min === undefined && max === undefined) return '';
  return `${min ?? base?.min ?? 0}..${max ?? base?.max ?? '*'}`;
}

const why = (element: JsonObject): string =>
  element.requirements === undefined ? '' : `<span class="why">理由 ${inBoth(element, 'requirements')}</span>`;

function typeWords({ code: name, profile, targetProfile }: JsonObject): string {
  const links = [profile, targetProfile].flatMap((one) => (Array.isArray(one) ? one.map(String) : []));
  const words = text(String(name).replace('http://hl7.org/fhirpath/System.', ''));
  return links.length === 0
    ? words
    : `${words}: ${links.map((url) => definitionLink(url, url.split('/').at(-1))).join(' ')}`;
}

/** `fixed[x]` and `pattern[x]`. */
const valuesOf = (element: JsonObject): string[] =>
  Object.entries(element)
    .filter(([name]) => /^(?:fixed|pattern)[A-Z]/.test(name))
    .map(([name, value]) => `${name.startsWith('fixed') ? '=' : '⊇'} ${code(valueText(value))}`);

const valueText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function bindingOf({ binding }: JsonObject): string {
  const { strength, valueSet } = (binding ?? {}) as JsonObject;
  return valueSet === undefined
    ? ''
    : `${text(String(strength))}: ${definitionLink(String(valueSet), String(valueSet).split('/').at(-1))}`;
}

/** The element in its R4 type; undefined for one inside a data type of another name. */
function baseOf(path: string, type: string, definitions: Definitions): JsonObject | undefined {
  const known = (name: string): JsonObject[] =>
    elementsIn(definitions.find('StructureDefinition', `http://hl7.org/fhir/StructureDefinition/${name}`)?.snapshot);
  let [here, place] = [type, type];
  let found: JsonObject | undefined;
  for (const step of path.split('.').slice(1)) {
    found = known(here).find((one) => one.path === `${place}.${step}`);
    if (found === undefined) return undefined;
    const [only] = listOf(found.type);
    const name = String(only?.code);
    const isInside = only === undefined || name === 'BackboneElement' || name === 'Element';
    [here, place] = isInside ? [here, `${place}.${step}`] : [name, name];
  }
  return found;
}

function ruleTable(chain: readonly JsonObject[]): string {
  const rows = chain.flatMap(({ differential }) =>
    elementsIn(differential).flatMap(({ path, constraint }) =>
      listOf(constraint).map((one) => [
        code(String(one.key)),
        text(String(one.severity)),
        code(String(path)),
        `${inBoth(one, 'human')}<br>${code(String(one.expression))}`,
      ]),
    ),
  );
  return rows.length === 0
    ? ''
    : `<h2>規則 Rules</h2>${table('規則 Rules', ['名称 Key', '重さ Severity', '要素 Element', '内容 Rule'], rows)}`;
}
