// [type]/[id]/$expunge: erases a resource for ever, a Patient with the whole record, and answers with a signed receipt. For
// an operator whose duty it is (Act on the Protection of Personal Information, article 35), not for apps: only a token that
// may delete everything of everybody may call it, and it must name the id a second time.
//
// What another patient shares stays theirs, in a new version that names this patient no more; the versions before go. The
// receipt proves to the family what was erased and when without saying whose it was to anybody who does not know the id: a
// JWS (ES256) by the key of the archives, which is published at /.well-known/jwks.json.

import { type Access, reachOf, systemAccess } from '../access/access.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { resourceTypes } from '../fhir/definitions.ts';
import { isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import { badRequest, forbidden, insufficientScope, notFound } from '../fhir/outcome.ts';
import { localReference } from '../fhir/references.ts';
import { erasureTasks } from '../interaction/erasure-tasks.ts';
import { readParameters, single } from '../interaction/parameters.ts';
import type { Fhir, Operation } from '../interaction/request.ts';
import type { Change } from '../store/change.ts';
import type { Erased, Eraser, Shared } from '../store/expunge.ts';
import { idOf } from '../store/stored-text.ts';
import { canonicalJson } from './canonical-json.ts';
import { type Certificate, certificateText, erasureCertificate } from './erasure-certificate.ts';
import type { ArchiveKeys } from './keys.ts';
import { signBytes } from './signature.ts';

export type ExpungeOptions = { keys: ArchiveKeys; eraser: Eraser };

export function expunge({ keys, eraser }: ExpungeOptions): Operation {
  return {
    code: 'expunge',
    definition: `${CANONICAL}/OperationDefinition/expunge`,
    level: 'instance',
    type: 'Resource',
    methods: ['POST'],
    run: async (fhir, request, { type, id }) => {
      const { access } = request;
      if (!mayDeleteEverything(access)) throw notAllowed(access);
      const confirm = single(readParameters(request.body, ['confirm']), 'confirm');
      if (confirm?.valueString !== id)
        throw badRequest('"confirm" (valueString) must be the id of what is to be erased for ever', 'required', [
          "Parameters.parameter.where(name='confirm')",
        ]);
      const shared = type === 'Patient' ? await eraser.sharedWith(id) : [];
      const changes = shared.map((one) => without(id, one, fhir.base));
      const asked = type === 'Patient' ? await requestOf(fhir, id) : undefined;
      let erased: Erased = { rows: {}, versions: {}, backups: { last: null, ring: null } };
      await fhir.write({ ...systemAccess('expunge'), client: access.client }, changes, {
        request: request.id,
        alongside: async (client) => {
          erased = await eraser.erase(client, { type, id }, { client: access.client, request: request.id });
          if (Object.keys(erased.rows).length === 0) throw notFound(`${type}/${id}`);
        },
      });
      const at = new Date(fhir.nowMs()).toISOString();
      const facts = { base: fhir.base, subject: { type, id }, erased, rewritten: changes.length, at, asked };
      const certificate = erasureCertificate({ ...facts, request: request.id });
      const jws = await signBytes(Buffer.from(canonicalJson(certificate)), keys.signing);
      return { status: 200, body: JSON.stringify(parameters(certificate, jws)) };
    },
  };
}

const needed = '$expunge needs the right to delete everything (system/*.d)';
const notAllowed = ({ caller }: Access) => (caller ? forbidden(needed) : insufficientScope(needed, 'system/*.d'));
const mayDeleteEverything = (access: Access): boolean =>
  [...resourceTypes].every((type) => reachOf(access, 'delete', type).kind === 'all');

/** The update that takes a patient out of what is also another's. */
function without(patient: string, { type, version, content }: Shared, base: string): Change {
  const resource = parseJson(content) as JsonObject;
  const isOfPatient = (reference: unknown): boolean => {
    const target = typeof reference === 'string' ? localReference(reference, base) : undefined;
    return target?.type === 'Patient' && target.id === patient;
  };
  const masked = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(masked);
    if (!isObject(node)) return node;
    // An identifier or a display beside the reference names the patient as well.
    if (isOfPatient(node.reference)) return { extension: [{ url: absentReason, valueCode: 'masked' }] };
    return Object.fromEntries(Object.entries(node).map(([name, child]) => [name, masked(child)]));
  };
  return { method: 'update', type, id: idOf(content), resource: masked(resource) as JsonObject, ifMatch: version };
}

const absentReason = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

/** The request of the family that is being met: when everybody had agreed, and how many they were. */
async function requestOf(fhir: Fhir, patient: string): Promise<Certificate['asked']> {
  const tasks = await erasureTasks(fhir, patient);
  const duty = tasks.find(({ code, status }) => code === 'erase-record' && status === 'requested');
  if (!duty) return undefined;
  const agreed = tasks.filter(({ round, code }) => round === duty.round && code === 'agree-to-erasure');
  const done = agreed.filter(({ status }) => status === 'completed');
  return { at: String(duty.resource.authoredOn), agreed: done.length };
}

function parameters(certificate: Certificate, receipt: string): object {
  const { rows, versions, rewritten } = certificate;
  const counts = (name: string, of: Record<string, number>) =>
    Object.entries(of).map(([code, count]) => ({
      name,
      part: [
        { name: 'of', valueCode: code },
        { name: 'count', valueInteger: count },
      ],
    }));
  const parameter = [
    ...counts('rows', rows),
    ...counts('versions', versions),
    { name: 'rewritten', valueInteger: rewritten },
    { name: 'receipt', valueString: receipt },
    ...(['ja', 'en'] as const).map((language) => ({
      name: 'certificate',
      part: [
        { name: 'language', valueCode: language },
        { name: 'text', valueString: certificateText(certificate, language) },
      ],
    })),
  ];
  return { resourceType: 'Parameters', parameter };
}
