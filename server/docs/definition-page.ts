// The pages of what is neither profile nor example: value sets and code systems with their codes, concept maps, operations with
// their parameters, search parameters.

import type { Definitions } from '../definitions/definitions.ts';
import type { GuideEntry } from '../definitions/guide.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { code, definitionLink, inBoth, listOf, page, table, text, titleOf } from './html.ts';

/** `definitions` are asked for the codes of a value set that takes a whole code system. */
export function definitionPage({ id, type, resource }: GuideEntry, definitions: Definitions): string {
  return page(
    titleOf(resource),
    `<p><a href="/docs/guide">実装ガイド Implementation guide</a> · <a href="/docs/${type}/${id}.json">JSON</a></p>
<p>${inBoth(resource, 'description')}</p>
<dl><dt>Canonical</dt><dd>${code(String(resource.url))} ${text(String(resource.version ?? ''))}</dd></dl>
${BODIES[type]?.(resource, definitions) ?? ''}`,
  );
}

const BODIES: Readonly<Record<string, (resource: JsonObject, definitions: Definitions) => string>> = {
  ValueSet: valueSetBody,
  CodeSystem: (resource) => codeTable(conceptsIn(resource.concept)),
  ConceptMap: conceptMapBody,
  OperationDefinition: operationBody,
  SearchParameter: searchParameterBody,
};

const HEADS = ['コード Code', '日本語 Japanese', '英語 English', '意味 Meaning'];

function valueSetBody({ compose }: JsonObject, definitions: Definitions): string {
  return listOf(isObject(compose) ? compose.include : undefined)
    .map(({ system, concept }) => {
      const heading = `<h2>${definitionLink(String(system))}</h2>`;
      const listed = concept ?? definitions.find('CodeSystem', String(system))?.concept;
      return `${heading}${codeTable(conceptsIn(listed))}`;
    })
    .join('\n');
}

/** Those below others come behind them. */
const conceptsIn = (concepts: unknown): JsonObject[] =>
  listOf(concepts).flatMap((one) => [one, ...conceptsIn(one.concept)]);

function codeTable(concepts: readonly JsonObject[]): string {
  if (concepts.length === 0) return '';
  const rows = concepts.map((one) => [
    code(String(one.code)),
    text(inJapanese(one)),
    english(one.display),
    english(one.definition),
  ]);
  return table('コード Codes', HEADS, rows);
}

const english = (value: unknown): string => (typeof value === 'string' ? `<span lang="en">${text(value)}</span>` : '');

const inJapanese = ({ designation }: JsonObject): string =>
  listOf(designation)
    .filter(({ language }) => language === 'ja')
    .map(({ value }) => String(value))
    .join('、');

function conceptMapBody({ group }: JsonObject): string {
  return listOf(group)
    .map(({ source, target, element }) => {
      const rows = listOf(element).flatMap((from) =>
        listOf(from.target).map((to) => [
          `${code(String(from.code))} ${text(String(from.display ?? ''))}`,
          text(String(to.equivalence ?? '')),
          `${code(String(to.code))} ${text(String(to.display ?? ''))}`,
        ]),
      );
      const heading = `<h2>${definitionLink(String(source))} → ${definitionLink(String(target))}</h2>`;
      return `${heading}${table('対応 Mappings', ['元 Source', '関係 Equivalence', '先 Target'], rows)}`;
    })
    .join('\n');
}

function operationBody({ code: name, system, type, instance, parameter }: JsonObject): string {
  const levels = Object.entries({ system, type, instance }).flatMap(([level, is]) => (is === true ? [level] : []));
  const rows = parametersIn(parameter).map((one) => [
    code(String(one.name)),
    text(String(one.use)),
    `${one.min}..${one.max}`,
    text(String(one.type ?? '')),
    inBoth(one, 'documentation'),
  ]);
  const heads = ['名称 Name', '向き Use', '回数 Card.', '型 Type', '説明 Documentation'];
  return `<p>${code(`$${name}`)} (${levels.join(', ')})</p>${table('引数 Parameters', heads, rows)}`;
}

/** Parts come behind what they are parts of, named with it. */
const parametersIn = (parameters: unknown, of = ''): JsonObject[] =>
  listOf(parameters).flatMap((one) => [
    { ...one, name: `${of}${one.name}` },
    ...parametersIn(one.part, `${of}${one.name}.`).map((part) => ({ ...part, use: one.use })),
  ]);

function searchParameterBody({ code: name, type, base, expression }: JsonObject): string {
  const bases = Array.isArray(base) ? base.map((one) => code(String(one))).join(' ') : '';
  return `<dl><dt>Code</dt><dd>${code(String(name))}</dd><dt>型 Type</dt><dd>${text(String(type))}</dd>
<dt>対象 Of</dt><dd>${bases}</dd><dt>式 Expression</dt><dd>${code(String(expression))}</dd></dl>`;
}
