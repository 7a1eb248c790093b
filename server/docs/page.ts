// The documentation as pages for people: one that lists the types, one for each type. Plain HTML, no script, nothing loaded
// from elsewhere.

import type { CapabilityStatement } from '@medplum/fhirtypes';
import type { Operation } from '../interaction/request.ts';
import { code, definitionLink, page, text } from './html.ts';

type Resource = NonNullable<NonNullable<CapabilityStatement['rest']>[0]['resource']>[0];

/** The page at /docs. */
export function overviewPage(capabilities: CapabilityStatement, operations: readonly Operation[]): string {
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
<p><a href="/docs/guide">実装ガイド Implementation guide: profiles, value sets, examples</a></p>
<p><a href="/docs/mappings">取り込む形式 Formats that are taken in, field by field</a></p>
<p><a href="/docs/plan">予防接種の計画の例 A vaccination plan as a picture</a></p>
<p><a href="/docs/conformance">適合性試験の結果 What outside test suites say of this server</a></p>
<h2>Resource types 資源の種類</h2>
<ul class="types">${types.join('')}</ul>`,
  );
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
${profileList(resource)}
<h2>Interactions 操作</h2>
<p>${(resource.interaction ?? []).map(({ code: name }) => code(name ?? '')).join(' ')}</p>
${operationTable(own)}
<h2>Search parameters 検索項目</h2>
<table><tr><th>name</th><th>type</th></tr>${searchRows(resource)}</table>
<p>_include: ${(resource.searchInclude ?? []).map(code).join(' ') || '–'}</p>
<p>_revinclude: ${(resource.searchRevInclude ?? []).map(code).join(' ') || '–'}</p>`,
  );
}

function profileList({ supportedProfile = [] }: Resource): string {
  if (supportedProfile.length === 0) return '';
  return `<h2>Profiles プロファイル</h2><ul>${supportedProfile.map((url) => `<li>${definitionLink(url)}</li>`).join('')}</ul>`;
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
