// FHIR R4 history. https://hl7.org/fhir/R4/http.html#history

import { reachOf } from '../access/access.ts';
import { badRequest, notFound, unknownParameter } from '../fhir/outcome.ts';
import { auditOf } from '../interaction/audited.ts';
import { bundleOf } from '../interaction/bundle-text.ts';
import { etag, type Handler } from '../interaction/request.ts';

const historyPage = 100;
const historyParameters = ['_count', '_before', '_format', '_pretty'];

/** Newest first; `_count` limits a page, `_before` (in the next link) is the version the page before ended with. */
export const historyInstance: Handler = async (fhir, request, { type, id }) => {
  const parameters = new URLSearchParams(request.query);
  for (const name of parameters.keys()) {
    if (!historyParameters.includes(name)) throw unknownParameter(name, '_history', historyParameters.slice(0, 1));
  }
  const count = wholeNumber(parameters, '_count', historyPage) ?? historyPage;
  const before = wholeNumber(parameters, '_before', 2_147_483_647);
  const reach = reachOf(request.access, 'read', type);
  const found = await fhir.reader.historyOf(type, id, reach, count + 1, before);
  const shown = found.slice(0, count);
  await fhir.audit([auditOf(fhir, request, 'history', type, shown[0])]);
  if (found.length === 0 && before === undefined) throw notFound(`${type}/${id}`);
  const path = `${fhir.base}/${type}/${id}/_history`;
  const links = [{ relation: 'self', url: request.query ? `${path}?${request.query}` : path }];
  if (found.length > count)
    links.push({ relation: 'next', url: `${path}?_count=${count}&_before=${shown.at(-1)?.version}` });
  const entries = shown.map((one) => ({
    fullUrl: `${fhir.base}/${type}/${id}`,
    resource: one.content,
    rest: {
      request: { method: methods[one.method], url: one.method === 'C' ? type : `${type}/${id}` },
      response: { status: statuses[one.method], etag: etag(one.version), lastModified: one.updated },
    },
  }));
  return { status: 200, body: bundleOf('history', { links, entries }) };
};

const methods = { C: 'POST', U: 'PUT', D: 'DELETE' };
const statuses = { C: '201', U: '200', D: '204' };

function wholeNumber(parameters: URLSearchParams, name: string, most: number): number | undefined {
  const text = parameters.get(name);
  if (text === null) return undefined;
  if (!/^[1-9]\d{0,9}$/.test(text)) throw badRequest(`${name} takes a whole number from 1`, 'value', [name]);
  return Math.min(Number(text), most);
}
