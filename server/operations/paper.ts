// Patient/[id]/$paper: a family photographs a page of the handbook and types what it says. The picture becomes a DocumentReference as it
// is; each entry is a resource of its own with a Provenance that names the page. Nothing is read from the picture by machine.

import { createHash } from 'node:crypto';
import { type Access, allow, systemAccess } from '../access/access.ts';
import { namedReach } from '../access/named-reach.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { badRequest, forbidden, notFound } from '../fhir/outcome.ts';
import { localReference } from '../fhir/references.ts';
import { auditOf } from '../interaction/audited.ts';
import { readParameters, required, single } from '../interaction/parameters.ts';
import type { Fhir, FhirRequest, Operation } from '../interaction/request.ts';
import type { Standings } from '../interaction/standing.ts';
import { keyOf } from '../search/keys.ts';
import { parseQuery } from '../search/parse-query.ts';
import { matchesScope } from '../search/scope-filter.ts';
import type { Change } from '../store/change.ts';
import type { StoredRelation } from '../store/relations.ts';
import { type PaperEntry, paperEntries } from './paper-entries.ts';
import { picturesKnown, pictureType } from './picture-type.ts';

export type PaperOptions = Standings & { relations: (patient: string) => Promise<StoredRelation[]> };

const MOST_PICTURE_BYTES = 10 * 1024 * 1024;
/** The identifier system of pages: the digest of the picture. */
const PAGE = `${CANONICAL}/sid/paper-page`;
const PAGE_URL = 'urn:uuid:5a3c0d8e-6f21-4d57-9b7e-2f8f0f6f7c01';

export function paper(options: PaperOptions): Operation {
  return {
    code: 'paper',
    definition: `${CANONICAL}/OperationDefinition/paper`,
    level: 'instance',
    type: 'Patient',
    methods: ['POST'],
    run: async (fhir, request, { id }) => {
      await mayEnter(fhir, request, options, id);
      const by = await authorOf(request.access, options, id);
      const asked = readPaper(request);
      const entries = asked.record === undefined ? [] : paperEntries(asked.record, { patient: id, page: asked.page });
      const page = asked.picture && documentOf(asked.picture, { ...asked, id, by, nowMs: fhir.nowMs() });
      refuseBeyondScopes(request.access, id, [...(page ? [page] : []), ...entries.map(({ resource }) => resource)]);
      if (!page) await seenPage(fhir, request, asked.page, id);
      const { document, stored } = await write(fhir, request, { id, by, asked, page, entries });
      const parameter = [
        { name: 'document', valueReference: { reference: document } },
        ...stored.map((reference) => ({ name: 'entry', valueReference: { reference } })),
      ];
      return { status: 200, body: JSON.stringify({ resourceType: 'Parameters', parameter }) };
    },
  };
}

/** Throws 404 for who does not see the patient, 403 for who is not the family or its app. */
async function mayEnter(fhir: Fhir, { access }: FhirRequest, { standingOf }: Standings, id: string): Promise<void> {
  const found = await fhir.reader.current('Patient', id, namedReach(access, 'read', 'Patient'));
  if (found?.content === undefined) throw notFound(`Patient/${id}`);
  const standing = await standingOf(access, id);
  if (standing === 'other' || standing === 'municipality')
    throw forbidden('The family enters what its paper says; a facility delivers its own records');
}

/** Who types: the relation of the login, the patient, or the app. */
async function authorOf({ caller, client }: Access, { relations }: PaperOptions, id: string): Promise<JsonObject> {
  const own =
    caller && (await relations(id)).find(({ person, status }) => person === caller.user && status === 'active');
  if (own?.basis === 'self') return { reference: `Patient/${id}` };
  return own?.relatedPerson === undefined ? { display: client } : { reference: own.relatedPerson };
}

type Picture = { contentType: string; data: string; bytes: Buffer };
/** `page`: how entries name their page, a reference or a fullUrl. */
type Asked = { picture: Picture | undefined; page: string; title: string | undefined; record: JsonObject | undefined };

function readPaper({ body }: FhirRequest): Asked {
  const parameters = readParameters(body, ['picture', 'document', 'title', 'record']);
  const binary = single(parameters, 'picture')?.resource;
  const document = single(parameters, 'document')?.valueReference;
  const title = single(parameters, 'title')?.valueString;
  const record = single(parameters, 'record')?.resource;
  if ((binary === undefined) === (document === undefined))
    throw required('picture', 'a Binary with a picture, or "document", a reference to the page that is here already');
  if (title !== undefined && (typeof title !== 'string' || title.trim() === '' || title.length > 200))
    throw badRequest('"title" is a valueString of up to 200 characters', 'value');
  if (record !== undefined && (!isObject(record) || record.resourceType !== 'Bundle'))
    throw badRequest('"record" must be a Bundle of what the page says', 'invalid');
  const said = { title, record };
  if (binary === undefined) {
    const local = isObject(document) ? localReference(String(document.reference ?? '')) : undefined;
    if (local?.type !== 'DocumentReference') throw required('document', 'a reference to a DocumentReference');
    return { picture: undefined, page: `DocumentReference/${local.id}`, ...said };
  }
  return { picture: readPicture(binary), page: PAGE_URL, ...said };
}

function readPicture(binary: unknown): Picture {
  const expression = ["Parameters.parameter.where(name='picture')"];
  if (!isObject(binary) || typeof binary.data !== 'string' || typeof binary.contentType !== 'string')
    throw required('picture', 'a Binary with contentType and data');
  const { contentType, data } = binary;
  const bytes = Buffer.from(data, 'base64');
  if (bytes.length > MOST_PICTURE_BYTES) throw badRequest('A picture may have up to 10 MiB', 'too-long', expression);
  const found = pictureType(bytes);
  if (found === undefined)
    throw badRequest(`The picture is none of ${picturesKnown.join(', ')}`, 'not-supported', expression);
  if (found !== contentType)
    throw badRequest(`The picture is ${found}, whatever its contentType says`, 'value', expression);
  return { contentType, data, bytes };
}

function documentOf(
  { contentType, data, bytes }: Picture,
  { title, id, by, nowMs }: Asked & { id: string; by: JsonObject; nowMs: number },
): JsonObject {
  return {
    resourceType: 'DocumentReference',
    identifier: [{ system: PAGE, value: digestOf(id, bytes) }],
    status: 'current',
    type: { text: '母子健康手帳のページ（写真）' },
    subject: { reference: `Patient/${id}` },
    date: new Date(nowMs).toISOString(),
    ...(by.reference !== undefined && { author: [by] }),
    ...(title !== undefined && { description: title }),
    content: [
      {
        attachment: {
          ...{ contentType, data, size: bytes.length },
          hash: createHash('sha1').update(bytes).digest('base64'),
          ...(title !== undefined && { title }),
        },
      },
    ],
  };
}

const digestOf = (id: string, bytes: Uint8Array): string =>
  createHash('sha256').update(`Patient/${id}\u001f`).update(bytes).digest('hex');

/** The operation does no more than the app might by its own scopes. */
function refuseBeyondScopes(access: Access, id: string, resources: readonly JsonObject[]): void {
  for (const resource of resources) {
    const type = String(resource.resourceType);
    if (!allow(access, 'create', type, [id], (query) => matchesScope(resource, type, query)))
      throw forbidden(`create of ${type} for this patient is not in the scopes of this token`);
  }
}

/** Throws 404 unless the page is there for the caller, and this patient's. */
async function seenPage(fhir: Fhir, { access }: FhirRequest, page: string, id: string): Promise<void> {
  const found = await fhir.reader.current(
    'DocumentReference',
    page.slice('DocumentReference/'.length),
    namedReach(access, 'read', 'DocumentReference'),
  );
  if (found?.content === undefined || found.owner !== keyOf('Patient', id)) throw notFound(page);
}

type Paper = { id: string; by: JsonObject; asked: Asked; page: JsonObject | undefined; entries: readonly PaperEntry[] };

/** The page and its entries, each of them once however often they are sent; the references of the page and of the entries. */
async function write(fhir: Fhir, request: FhirRequest, { id, by, asked, page, entries }: Paper) {
  const creates: Change[] = [
    ...(page ? [createOnce(page, PAGE_URL, id)] : []),
    ...entries.map(({ resource, fullUrl }) => createOnce(resource, fullUrl, id)),
  ];
  const targets: JsonObject[] = [];
  // One after the other: all at once they would take every connection from other callers.
  for (const { resource, fullUrl } of entries)
    if (!(await isThere(fhir, resource, id))) targets.push({ reference: fullUrl });
  const provenance: Change[] =
    targets.length === 0
      ? []
      : [{ method: 'create', type: 'Provenance', resource: provenanceOf(targets, { id, by, page: asked.page, fhir }) }];
  const key = keyOf('Patient', id);
  const row = auditOf(fhir, request, 'paper', 'Patient', { key, owner: key });
  const access = { ...systemAccess('paper'), client: request.access.client };
  const written = await fhir.write(access, [...creates, ...provenance], {
    request: request.id,
    isBundle: true,
    alongside: (transaction) => fhir.within(transaction, (inside) => inside.audit([row])),
  });
  const references = written.map((one) => `${one.type}/${one.id}`);
  const document = page ? (references[0] ?? '') : asked.page;
  return { document, stored: references.slice(page ? 1 : 0, creates.length) };
}

const createOnce = (resource: JsonObject, fullUrl: string, id: string): Change => ({
  ...{ method: 'create', type: String(resource.resourceType), resource, fullUrl },
  ifNoneExist: `identifier=${tokenOf(resource)}&patient=Patient/${id}`,
});

function tokenOf({ identifier }: JsonObject): string {
  const [first] = Array.isArray(identifier) ? identifier.filter(isObject) : [];
  return `${first?.system}|${first?.value}`;
}

async function isThere(fhir: Fhir, resource: JsonObject, id: string): Promise<boolean> {
  const type = String(resource.resourceType);
  const options = { lenient: false, nowMs: fhir.nowMs(), base: fhir.base };
  const access = systemAccess('paper');
  const criteria: [string, string][] = [
    ['identifier', tokenOf(resource)],
    ['patient', `Patient/${id}`],
  ];
  const query = await fhir.searcher.resolve(parseQuery(type, criteria, options), access);
  return (await fhir.searcher.page({ ...query, count: 1 }, { kind: 'all' })).matches.length > 0;
}

function provenanceOf(
  targets: readonly JsonObject[],
  { id, by, page, fhir }: { id: string; by: JsonObject; page: string; fhir: Pick<Fhir, 'nowMs'> },
): JsonObject {
  return {
    resourceType: 'Provenance',
    // The patient among the targets puts the Provenance into the patient's compartment.
    target: [...targets, { reference: `Patient/${id}` }],
    recorded: new Date(fhir.nowMs()).toISOString(),
    agent: [{ who: by }],
    entity: [{ role: 'source', what: { reference: page } }],
  };
}
