// What a link leads to when no other feature makes it: entries of the record as a collection Bundle, exactly as far as the
// person who shares may read them. Its first entry says what was meant to be in it, and that more may exist.

import type { Access } from '../access/access.ts';
import { isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import { type Language, tooCostly } from '../fhir/outcome.ts';
import { entryText } from '../interaction/bundle-text.ts';
import { everythingOf } from '../interaction/patient-record.ts';
import type { Fhir } from '../interaction/request.ts';
import { idOf } from '../store/stored-text.ts';

export type SharedContent = {
  /** `application/fhir+json` or `application/smart-health-card`. */
  contentType: string;
  text: string;
  /** Entries of the record that it tells of (`Type/id`, or `urn:uuid:` and the key); those of the Bundle when absent. */
  holds?: readonly string[];
};

export type Sharing = {
  access: Access;
  patient: string;
  language: Language;
  /** The id of the request that shares, for audit rows. */
  request: string;
};

/** Makes what a link leads to, from what `access` may read now. */
export type MakeShared = (fhir: Fhir, sharing: Sharing) => Promise<SharedContent>;

/** Readers inflate up to 16 MiB. */
export const mostSharedBytes = 16 * 1024 * 1024 - 65_536;

/** Who looked at the record, and what the family and its helpers have to do, is no part of what is shown to others. */
const neverShared: ReadonlySet<string> = new Set(['AuditEvent', 'Provenance', 'Consent', 'Task', 'Flag']);

/** Entries of these types, the Patient first; of all types when there are none. Throws 422 for too much. */
export const sharedEntries =
  (types: readonly string[] | undefined): MakeShared =>
  async (fhir, { access, patient, language }) => {
    const wanted = types && ['Patient', ...types];
    const entries: string[] = [];
    const holds: string[] = [];
    let bytes = 0;
    for await (const page of everythingOf(fhir, access, { patient }, wanted ? { types: wanted } : {})) {
      for (const { type, content } of page) {
        if (neverShared.has(type) || isOfProtected(content)) continue;
        const reference = `${type}/${idOf(content)}`;
        bytes += Buffer.byteLength(content);
        if (bytes > mostSharedBytes)
          throw tooCostly('A link holds up to 16 MiB; share fewer types (type), or hand over the archive');
        holds.push(reference);
        const text = entryText({ fullUrl: `${fhir.base}/${reference}`, resource: content });
        if (type === 'Patient') entries.unshift(text);
        else entries.push(text);
      }
    }
    const note = entryText({
      fullUrl: 'urn:uuid:6f0d1c0e-52a4-4b5e-9d0e-0f6c2f1b7a90',
      resource: noteOf(types, language),
    });
    const head = { resourceType: 'Bundle', type: 'collection', timestamp: new Date(fhir.nowMs()).toISOString() };
    const text = `${JSON.stringify(head).slice(0, -1)},"entry":[${[...entries, note].join(',')}]}`;
    return { contentType: 'application/fhir+json', text, holds };
  };

/** Entries of a protected family's whereabouts are left out whole; summaries and cards give them without the place. */
function isOfProtected(content: string): boolean {
  if (!content.includes('"SDV"')) return false;
  const resource = parseJson(content) as JsonObject;
  const labels = isObject(resource.meta) && Array.isArray(resource.meta.security) ? resource.meta.security : [];
  return labels.some((label) => isObject(label) && label.code === 'SDV');
}

function noteOf(types: readonly string[] | undefined, language: Language): string {
  const ja = '共有した人が見ることのできる記録だけが入っています。これがすべてとは限りません。';
  const en = 'Only what the person who shared may read is in here. There may be more in the record.';
  const diagnostics = types ? `Types that were shared: ${types.join(', ')}` : 'All types that may be shared';
  return JSON.stringify({
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'information', code: 'informational', details: { text: { ja, en }[language] }, diagnostics }],
  });
}

/** The entries of the record that a Bundle of another feature tells of: by their ids, or by the keys that their addresses are. */
export function heldBy({ text, holds }: SharedContent): readonly string[] {
  if (holds) return holds;
  const bundle = parseJson(text) as JsonObject;
  const entries = (Array.isArray(bundle.entry) ? bundle.entry : []).filter(isObject);
  return entries.flatMap(({ fullUrl, resource }) => {
    const { resourceType, id } = isObject(resource) ? resource : {};
    const isUrn = typeof fullUrl === 'string' && /^urn:uuid:[0-9a-f-]{36}$/.test(fullUrl);
    return [
      ...(isUrn ? [fullUrl] : []),
      ...(typeof resourceType === 'string' && typeof id === 'string' ? [`${resourceType}/${id}`] : []),
    ];
  });
}
