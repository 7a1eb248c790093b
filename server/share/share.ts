// Patient/[id]/$share: the family makes a SMART Health Link to a part of the record, or puts what there is now behind a long-term
// link that it made before. HL7 SMART Health Cards and Links STU 1, "SMART Health Links". The key is made here, stands in the
// answer, and is forgotten; what is kept is encrypted.

import { randomBytes, randomUUID } from 'node:crypto';
import encodeQR from 'qr';
import { isFamily } from '../access/caller.ts';
import { namedReach } from '../access/named-reach.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import type { JsonObject } from '../fhir/json.ts';
import { badRequest, businessRule, conflict, forbidden, notFound, tooManyTries } from '../fhir/outcome.ts';
import { readParameters, refuseQuery } from '../interaction/parameters.ts';
import type { Answer, Fhir, FhirRequest, Operation } from '../interaction/request.ts';
import { patientFor } from '../interaction/standing.ts';
import type { NewFile } from '../store/shares.ts';
import type { Standing } from '../store/standing.ts';
import { type Asked, askedIn, parameterNames } from './asked.ts';
import { heldBy, type MakeShared, sharedEntries } from './content.ts';
import { encryptFile } from './encrypt.ts';
import { bytesOf } from './reading/base64url.ts';
import { openFile } from './reading/file.ts';
import { writeLink } from './reading/link.ts';
import type { ShareOptions } from './share-options.ts';
import { underAudit } from './under-audit.ts';

/** Links of one record that work at a time. */
const mostOpen = 100;
const addressBytes = 32;
const mostUrl = 128;

export function share(options: ShareOptions): Operation {
  return {
    code: 'share',
    definition: `${CANONICAL}/OperationDefinition/share`,
    level: 'instance',
    type: 'Patient',
    methods: ['POST'],
    run: async (fhir, request, { id }) => {
      refuseQuery(request, '$share');
      const { standing } = await patientFor(fhir, options, request, id);
      if (!mayShare(standing)) throw forbidden('The guardians and the patient give out links to a record');
      const parameters = readParameters(request.body, parameterNames);
      if (parameters.has('link')) return renew(options, fhir, request, id, parameters);
      return make(options, fhir, request, id, askedIn(parameters, fhir.nowMs()));
    },
  };
}

/** Relatives, organizations and municipalities give out nothing. */
export const mayShare = (standing: Standing): boolean => standing !== 'other' && standing !== 'municipality';

async function make(
  options: ShareOptions,
  fhir: Fhir,
  request: FhirRequest,
  patient: string,
  asked: Asked,
): Promise<Answer> {
  const { access } = request;
  const nowMs = fhir.nowMs();
  if ((await options.store.countOpen(patient, nowMs)) >= mostOpen)
    throw conflict(`There are ${mostOpen} links to this record already; end one of them first ($revoke-share)`);
  const address = randomBytes(addressBytes).toString('base64url');
  const url = `${options.baseUrl()}/share/${address}`;
  if (url.length > mostUrl)
    throw businessRule(`The address of this server leaves no room for a link of ${mostUrl} characters`);
  const key = randomBytes(32);
  const { files, holds } = await contentFor(options, fhir, request, { patient, asked, key });
  const id = randomUUID();
  const expires = new Date(asked.expiresMs).toISOString();
  const { caller } = access;
  const sharer = caller && isFamily(caller) ? { sharer: caller.user, purpose: caller.purpose } : {};
  const made = {
    ...{ id, address, patient, client: access.client, sharer: undefined, purpose: undefined, ...sharer },
    ...{ what: asked.what, types: asked.types, label: asked.label, flags: asked.flags, holds, expires },
    ...{ created: new Date(nowMs).toISOString() },
    passcode: asked.passcode === undefined ? undefined : await hashOf(options, asked.passcode),
  };
  await underAudit(fhir, request, { name: 'share', patient }, (client) => options.store.insert(client, made, files));
  const { flags: flag, label } = asked;
  const exp = Math.floor(asked.expiresMs / 1000);
  const link = writeLink({
    ...{ url, key: key.toString('base64url'), exp },
    ...(flag !== '' && { flag }),
    ...(label !== undefined && { label }),
  });
  return answerOf(options, id, expires, link);
}

async function hashOf({ passcodes }: ShareOptions, passcode: string): Promise<string> {
  const made = await passcodes.make(passcode);
  if (made === undefined) throw tooManyTries('Many passcodes are being looked at; try again in a few seconds');
  return made;
}

/** The address of the viewer page with the link behind `#`, which browsers keep to themselves, is what the QR code shows. */
function answerOf({ baseUrl }: ShareOptions, id: string, expires: string, link: string): Answer {
  const address = `${baseUrl()}/share/#${link}`;
  const data = Buffer.from(encodeQR(address, 'svg', { ecc: 'medium' })).toString('base64');
  const parameter = [
    { name: 'id', valueString: id },
    { name: 'link', valueUri: link },
    { name: 'address', valueUrl: address },
    { name: 'expires', valueInstant: expires },
    { name: 'qr', valueAttachment: { contentType: 'image/svg+xml', data } },
  ];
  return { status: 200, body: JSON.stringify({ resourceType: 'Parameters', parameter }) };
}

/** Puts what there is now behind a long-term link, whose key its holder gives back for this moment. */
async function renew(
  options: ShareOptions,
  fhir: Fhir,
  request: FhirRequest,
  patient: string,
  parameters: ReadonlyMap<string, JsonObject[]>,
): Promise<Answer> {
  const unneeded = [...parameters.keys()].find((name) => name !== 'link' && name !== 'key');
  if (unneeded !== undefined) throw badRequest(`"${unneeded}" stays as it was: a renewal takes link and key`);
  const id = String(parameters.get('link')?.[0]?.valueString ?? '');
  const keyText = String(parameters.get('key')?.[0]?.valueString ?? '');
  const found = await options.store.openOf(patient, id, fhir.nowMs(), request.access.caller?.user);
  if (!found) throw notFound('A link of yours to this record that works');
  if (!found.flags.includes('L')) throw businessRule('Only a link with the flag L may get new content');
  const key = bytesOf(keyText);
  const [first] = await options.store.files(id);
  const jwe = first && (await options.store.jwe(id, first.number));
  const opened = jwe === undefined ? undefined : await openFile(jwe, keyText);
  if (key?.length !== 32 || opened === undefined || opened.outcome === 'reject')
    throw badRequest('The key is not that of this link', 'value', ["Parameters.parameter.where(name='key')"]);
  const asked = { what: found.what, types: found.types, flags: found.flags };
  const { files, holds } = await contentFor(options, fhir, request, { patient, asked, key });
  const now = new Date(fhir.nowMs()).toISOString();
  await underAudit(fhir, request, { name: 'share', patient }, (client) =>
    options.store.renew(client, id, holds, files, now),
  );
  const parameter = [
    { name: 'id', valueString: id },
    { name: 'expires', valueInstant: found.expires },
  ];
  return { status: 200, body: JSON.stringify({ resourceType: 'Parameters', parameter }) };
}

type Wanted = { patient: string; asked: Pick<Asked, 'what' | 'types'>; key: Uint8Array };

async function contentFor(
  options: ShareOptions,
  fhir: Fhir,
  request: FhirRequest,
  { patient, asked, key }: Wanted,
): Promise<{ files: NewFile[]; holds: readonly string[] }> {
  const { access, language } = request;
  for (const type of ['Patient', ...(asked.types ?? [])]) namedReach(access, 'read', type);
  const content = await makerOf(options, asked)(fhir, { access, patient, language, request: request.id });
  const { contentType, text } = content;
  return { files: [{ contentType, jwe: await encryptFile(text, contentType, key) }], holds: heldBy(content) };
}

function makerOf({ makers }: ShareOptions, { what, types }: Pick<Asked, 'what' | 'types'>): MakeShared {
  if (what === 'summary') return makers.summary;
  if (what === 'health-cards') return makers.healthCards;
  if (what === 'documents') return sharedEntries(['DocumentReference', 'Media']);
  return sharedEntries(types);
}
