// FHIR R4 read, vread and instance history. https://hl7.org/fhir/R4/http.html#read, #vread, #history

import { reachOf } from '../access/access.ts';
import { badRequest, gone, notFound, unknownParameter } from '../fhir/outcome.ts';
import { auditOf, reading } from '../interaction/audited.ts';
import { bundleOf } from '../interaction/bundle-text.ts';
import {
  type Answer,
  etag,
  type Fhir,
  type FhirRequest,
  type Handler,
  type PathNames,
} from '../interaction/request.ts';
import type { StoredVersion } from '../store/read.ts';

export const read: Handler = async (fhir, request, { type, id }) => {
  const reach = reachOf(request.access, 'read', type);
  const found = await fhir.reader.currentAudited(type, id, reach, reading(fhir, request, 'read'));
  if (found) return versionAnswer(found);
  const [last] = await fhir.reader.historyOf(type, id, reach, 1);
  // What became another patient's is not gone, and no longer told of.
  throw last?.method === 'D' ? gone(`${type}/${id}`) : notFound(`${type}/${id}`);
};

export const vread: Handler = async (fhir, request, { type, id, version }) => {
  const number = /^\d{1,9}$/.test(version) ? Number(version) : 0;
  const found = await fhir.reader.version(type, id, reachOf(request.access, 'read', type), number);
  await audit(fhir, request, 'vread', { type, id }, found ? [found] : []);
  if (!found) throw notFound(`${type}/${id}/_history/${version}`);
  if (found.content === undefined) throw gone(`${type}/${id}/_history/${version}`);
  return versionAnswer(found);
};

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
  await audit(fhir, request, 'history', { type, id }, shown);
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

function versionAnswer({ version, updated, content }: StoredVersion): Answer {
  return { status: 200, etag: etag(version), lastModified: updated, body: content ?? '' };
}

function wholeNumber(parameters: URLSearchParams, name: string, most: number): number | undefined {
  const text = parameters.get(name);
  if (text === null) return undefined;
  if (!/^[1-9]\d{0,9}$/.test(text)) throw badRequest(`${name} takes a whole number from 1`, 'value', [name]);
  return Math.min(Number(text), most);
}

function audit(
  fhir: Fhir,
  request: FhirRequest,
  interaction: string,
  { type }: Pick<PathNames, 'type' | 'id'>,
  found: readonly StoredVersion[],
): Promise<void> {
  const [one] = found;
  return fhir.audit([auditOf(fhir, request, interaction, type, one)]);
}
