// Patient/[id]/$everything: the record of one patient, and what it points to, streamed.
// FHIR R4, https://hl7.org/fhir/R4/operation-patient-everything.html

import { Readable } from 'node:stream';
import { directoryTypes, reachOf } from '../access/access.ts';
import { badRequest, notFound } from '../fhir/outcome.ts';
import { reading } from '../interaction/audited.ts';
import { entryText } from '../interaction/bundle-text.ts';
import { everythingOf } from '../interaction/patient-record.ts';
import type { Fhir, FhirRequest, Operation } from '../interaction/request.ts';
import type { RecordEntry } from '../store/record.ts';
import { idOf } from '../store/stored-text.ts';

export const patientEverything: Operation = {
  code: 'everything',
  definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything',
  level: 'instance',
  type: 'Patient',
  methods: ['GET', 'POST'],
  run: async (fhir, request, { id }) => {
    const [unknown] = [...new URLSearchParams(request.query).keys()].filter(
      (name) => name !== '_format' && name !== '_pretty',
    );
    if (unknown !== undefined)
      throw badRequest(`$everything takes no parameter "${unknown}" here`, 'not-supported', [unknown]);
    const reach = reachOf(request.access, 'read', 'Patient');
    const patient = await fhir.reader.currentAudited('Patient', id, reach, reading(fhir, request, 'everything'));
    if (!patient) throw notFound(`Patient/${id}`);
    return { status: 200, body: Readable.from(bundleText(fhir, request, id)) };
  },
};

async function* bundleText(fhir: Fhir, { access }: FhirRequest, id: string): AsyncGenerator<string> {
  const self = { relation: 'self', url: `${fhir.base}/Patient/${id}/$everything` };
  yield `${JSON.stringify({ resourceType: 'Bundle', type: 'searchset', link: [self] }).slice(0, -1)},"entry":[`;
  let separator = '';
  for await (const page of everythingOf(fhir, access, id)) {
    if (page.length === 0) continue;
    yield separator + page.map((one) => entry(fhir, one)).join(',');
    separator = ',';
  }
  yield ']}';
}

function entry({ base }: Fhir, { type, content }: RecordEntry): string {
  const mode = directoryTypes.has(type) ? 'include' : 'match';
  return entryText({ fullUrl: `${base}/${type}/${idOf(content)}`, resource: content, rest: { search: { mode } } });
}
