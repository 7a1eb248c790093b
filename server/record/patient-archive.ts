// The archive of one patient, read from the record while it is sent.

import type { Access } from '../access/access.ts';
import { resourceTypes } from '../fhir/definitions.ts';
import type { Language } from '../fhir/outcome.ts';
import { entryText } from '../interaction/bundle-text.ts';
import { everythingOf, readableTypes } from '../interaction/patient-record.ts';
import type { Fhir } from '../interaction/request.ts';
import { idOf } from '../store/stored-text.ts';
import { canonicalJson } from './canonical-json.ts';
import { publishedKey, type SigningKey } from './keys.ts';
import { archiveFormat, archiveVersion, keysPath } from './manifest.ts';
import { readmeText } from './readme.ts';
import { archiveBytes } from './write-archive.ts';

export type ArchiveOf = { access: Access; patient: string; language: Language; key: SigningKey; version: string };

/** The bytes of the ZIP. The caller has checked that this patient may be read. */
export async function* patientArchive(fhir: Fhir, of: ArchiveOf): AsyncGenerator<Uint8Array> {
  const { access, patient, language, key, version } = of;
  const createdMs = fhir.nowMs();
  const created = new Date(createdMs).toISOString();
  const types = readableTypes(access, patient);
  const complete = types.length === resourceTypes.size;
  const facts = {
    patient: `Patient/${patient}`,
    issuer: fhir.base,
    createdAt: created,
    thumbprint: key.thumbprint,
    complete,
  };
  const keySet = canonicalJson({ keys: [await publishedKey(key.publicJwk)] });
  const resources: Record<string, number> = {};
  yield* archiveBytes({
    files: [
      { path: 'README.txt', content: [readmeText(language, facts)] },
      { path: 'fhir/bundle.json', content: bundleText(fhir, of, created, resources) },
      { path: keysPath, content: [keySet] },
    ],
    describe: (files) => ({
      format: archiveFormat,
      version: archiveVersion,
      patient: facts.patient,
      issuer: fhir.base,
      software: { name: 'Tsumugi', version },
      created,
      language,
      complete,
      ...(complete ? {} : { types }),
      resources,
      files,
    }),
    key,
    createdMs,
  });
}

/** A collection Bundle; the stored texts are joined as they are. `resources` counts them by type. */
async function* bundleText(
  fhir: Fhir,
  { access, patient }: ArchiveOf,
  timestamp: string,
  resources: Record<string, number>,
): AsyncGenerator<string> {
  yield `${JSON.stringify({ resourceType: 'Bundle', type: 'collection', timestamp }).slice(0, -1)},"entry":[`;
  let separator = '\n';
  for await (const page of everythingOf(fhir, access, { patient })) {
    const entries = page.map(({ type, content }) => {
      resources[type] = (resources[type] ?? 0) + 1;
      return entryText({ fullUrl: `${fhir.base}/${type}/${idOf(content)}`, resource: content });
    });
    yield separator + entries.join(',\n');
    separator = ',\n';
  }
  yield '\n]}\n';
}
