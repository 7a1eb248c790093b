// The documentation as pages for people: one that lists the types, one for each type. Plain HTML, no script, nothing loaded
// from elsewhere.

import type { CapabilityStatement } from '@medplum/fhirtypes';
import type { Operation } from '../interaction/request.ts';
import { type PublishedDefinition, shownAt } from './published-definitions.ts';

type Resource = NonNullable<NonNullable<CapabilityStatement['rest']>[0]['resource']>[0];

/** The page at /docs. */
export function overviewPage(
  capabilities: CapabilityStatement,
  operations: readonly Operation[],
  definitions: readonly PublishedDefinition[],
): string {
  const rest = capabilities.rest?.[0];
  const base = capabilities.implementation?.url ?? '';
  const types = (rest?.resource ?? []).map(({ type }) => `<li><a href="/docs/${type}">${type}</a></li>`);
  const system = operations.filter(({ level }) => level === 'system');
  return page(
    'Tsumugi 紡ぎ: API',
    `<p>母子の健康記録サーバー (HL7 FHIR R4)。 A health record server for mothers and children.</p>
<dl>
<dt>Base</dt><dd><code>${text(base)}</code></dd>
<dt>Version</dt><dd>${text(capabilities.software?.version ?? '')}</dd>
<dt>Formats 形式</dt><dd>${(capabilities.format ?? []).map(code).join(' ')}</dd>
<dt>Token</dt><dd><code>Authorization: Bearer …</code> (SMART scopes)</dd>
<dt>For tools</dt><dd><a href="/docs/openapi.json">OpenAPI</a> · <a href="${text(base)}/metadata">CapabilityStatement</a></dd>
<dt>Whole system</dt><dd>${(rest?.interaction ?? []).map(({ code: name }) => code(name ?? '')).join(' ')}</dd>
</dl>
${operationTable(system)}
<p><a href="/docs/plan">予防接種の計画の例 A vaccination plan as a picture</a></p>
<h2>Resource types 資源の種類</h2>
<ul class="types">${types.join('')}</ul>
${definitionList(definitions)}`,
  );
}

function definitionList(definitions: readonly PublishedDefinition[]): string {
  const rows = definitions.map(
    ({ type, id, title }) => `<li><a href="/docs/${type}/${id}">${type}/${id}</a> ${text(title)}</li>`,
  );
  return `<h2>Our definitions 独自の定義</h2><ul>${rows.join('')}</ul>`;
}

/** The page of a type; undefined for what is none. */
export function typePage(
  capabilities: CapabilityStatement,
  operations: readonly Operation[],
  type: string,
): string | undefined {
  const resource = capabilities.rest?.[0]?.resource?.find((one) => one.type === type);
  if (!resource) return undefined;
  const own = operations.filter((operation) => operation.type === type || operation.type === 'Resource');
  return page(
    type,
    `<p><a href="/docs">Tsumugi: API</a> · <a href="https://hl7.org/fhir/R4/${type.toLowerCase()}.html">FHIR R4</a></p>
<h2>Interactions 操作</h2>
<p>${(resource.interaction ?? []).map(({ code: name }) => code(name ?? '')).join(' ')}</p>
${operationTable(own)}
<h2>Search parameters 検索項目</h2>
<table><tr><th>name</th><th>type</th></tr>${searchRows(resource)}</table>
<p>_include: ${(resource.searchInclude ?? []).map(code).join(' ') || '–'}</p>
<p>_revinclude: ${(resource.searchRevInclude ?? []).map(code).join(' ') || '–'}</p>`,
  );
}

const searchRows = ({ searchParam = [] }: Resource): string =>
  searchParam.map(({ name = '', type = '' }) => `<tr><td>${code(name)}</td><td>${text(type)}</td></tr>`).join('');

function operationTable(operations: readonly Operation[]): string {
  if (operations.length === 0) return '';
  const rows = operations.map(({ code: name, level, methods, definition, documentation }) => {
    const more = documentation === undefined ? '' : `<br>${text(documentation)}`;
    return `<tr><td>${code(`$${name}`)}</td><td>${level}</td><td>${methods.join(' ')}</td><td>${definitionLink(definition)}${more}</td></tr>`;
  });
  return `<h2>Operations</h2><table><tr><th>name</th><th>on</th><th>method</th><th>definition</th></tr>${rows.join('')}</table>`;
}

/** A page with its title as heading; `body` is HTML. */
/** HL7's are on the web under their own URL; ours are shown here. */
function definitionLink(definition: string): string {
  return `<a href="${text(shownAt(definition) ?? definition)}">${text(definition)}</a>`;
}

export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="ja"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${text(title)}</title><style>${style}</style></head>
<body><main><h1>${text(title)}</h1>
${body}
</main></body></html>`;
}

const style = `body{font:16px/1.6 system-ui,sans-serif;margin:0;color:#222}main{max-width:60rem;margin:auto;padding:1rem}
code{background:#f2f2f2;padding:0 .25em}table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:.2rem .6rem;text-align:left}
.types{columns:14rem}dt{font-weight:bold}
.picture{overflow-x:auto}.picture svg{max-width:100%;min-width:44rem;height:auto}@media print{.picture{overflow:visible}.picture svg{min-width:0}}`;

const code = (name: string): string => `<code>${text(name)}</code>`;

const text = (value: string): string =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
