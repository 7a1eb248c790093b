// Patient/[id]/$everything: the record of one patient, and what it points to, streamed.
// FHIR R4, https://hl7.org/fhir/R4/operation-patient-everything.html

import { Readable } from 'node:stream';
import { directoryTypes, reachOf } from '../access/access.ts';
import { resourceTypes } from '../fhir/definitions.ts';
import { badRequest, notFound } from '../fhir/outcome.ts';
import { auditOf } from '../interaction/audited.ts';
import { entryText } from '../interaction/bundle-text.ts';
import type { Fhir, FhirRequest, Operation } from '../interaction/request.ts';
import { idOf } from '../store/conditional.ts';

export const patientEverything: Operation = {
  code: 'everything',
  definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything',
  level: 'instance',
  type: 'Patient',
  methods: ['GET', 'POST'],
  run: async (fhir, request, { id }) => {
    const [unknown] = new URLSearchParams(request.query).keys();
    if (unknown !== undefined)
      throw badRequest(`$everything takes no parameter "${unknown}" here`, 'not-supported', [unknown]);
    const patient = await fhir.reader.current('Patient', id, reachOf(request.access, 'read', 'Patient'));
    if (!patient) throw notFound(`Patient/${id}`);
    await fhir.audit([auditOf(fhir, request, 'everything', 'Patient', patient)]);
    return { status: 200, body: Readable.from(bundleText(fhir, request, id)) };
  },
};

/** The types of a patient's record that the caller may read. */
export function readableTypes({ access }: Pick<FhirRequest, 'access'>, patient: string): string[] {
  return [...resourceTypes].filter((type) => {
    const reach = reachOf(access, 'read', type);
    return reach.kind === 'all' || (reach.kind === 'patient' && reach.patient === patient);
  });
}

async function* bundleText(fhir: Fhir, request: FhirRequest, id: string): AsyncGenerator<string> {
  const self = { relation: 'self', url: `${fhir.base}/Patient/${id}/$everything` };
  yield `${JSON.stringify({ resourceType: 'Bundle', type: 'searchset', link: [self] }).slice(0, -1)},"entry":[`;
  const pointedTo = new Set<string>();
  let separator = '';
  for await (const page of fhir.reader.record(id, readableTypes(request, id))) {
    for (const { content } of page) collectDirectory(content, pointedTo);
    yield separator + page.map(({ type, content }) => entry(fhir, type, content, 'match')).join(',');
    separator = ',';
  }
  const wanted = [...pointedTo]
    .map((reference) => reference.split('/') as [string, string])
    .map(([type, target]) => ({ type, id: target, reach: reachOf(request.access, 'read', type) }))
    .filter(({ reach }) => reach.kind !== 'none');
  const found = await fhir.reader.currentOf(wanted);
  for (const [n, one] of found.entries()) {
    if (one?.content === undefined) continue;
    yield separator + entry(fhir, wanted[n]?.type ?? '', one.content, 'include');
    separator = ',';
  }
  yield ']}';
}

const directoryReference = new RegExp(`"reference":"((?:${[...directoryTypes].join('|')})/[A-Za-z0-9.-]{1,64})"`, 'g');

function collectDirectory(content: string, pointedTo: Set<string>): void {
  for (const match of content.matchAll(directoryReference)) if (match[1]) pointedTo.add(match[1]);
}

function entry({ base }: Fhir, type: string, content: string, mode: 'match' | 'include'): string {
  return entryText({ fullUrl: `${base}/${type}/${idOf(content)}`, resource: content, rest: { search: { mode } } });
}
