// One family, from the pregnancy to 14 months, told through the public interfaces: what each person or institution sends,
// and what becomes of it. Dates are fixed, so that the story is the same every time.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bundle, Immunization, Organization, Parameters, Patient, Resource } from '@medplum/fhirtypes';
import { Client } from 'fhir-kit-client';
import { sendMllp } from '../../connectors/mllp/send.ts';
import { CANONICAL, VACCINE_SYSTEM } from '../fhir/canonical.ts';
import {
  admission,
  brokenMessage,
  measurements,
  notebook,
  type Person,
  vaccination,
  vaccinationHistory,
} from './messages.ts';
import * as people from './people.ts';
import { judgedDoses, planHead, planRows } from './plan-table.ts';
import type { Printer } from './print.ts';
import { CommandFailed, type Product } from './product.ts';

/** `folder` is where files are written. */
type Stage = { product: Product; print: Printer; folder: string };

/** What is left when the story has been told. */
type Ending = { childId: string; familyToken: string; archive: string };

const motherAtHospital: Person = {
  number: '0000044401',
  ideographic: '見本^さくら',
  phonetic: 'ミホン^サクラ',
  birthDate: '1995-04-12',
};
const newborn: Person = {
  number: '0000055501',
  ideographic: '見本^つむぎ',
  phonetic: 'ミホン^ツムギ',
  birthDate: people.childBirthDate,
};
const atPharmacy = { system: people.patientNumbersOf(people.pharmacyNumber), value: '00777' };
const atHospital = (person: Person) => ({
  system: people.patientNumbersOf(people.hospitalNumber),
  value: person.number,
});

/** Tells the story on a server that has just been started. Throws where a step does not go as told. */
export async function tell(stage: Stage): Promise<Ending> {
  const { print } = stage;
  const registry = await register(stage);

  print.chapter('2025-04', '妊娠  Pregnancy');
  const motherId = await registry.createPatient(people.mother, '見本 さくら');
  const motherApp = await familyApp(stage, motherId);
  await link(stage, registry, motherApp, motherId, registry.hospital, atHospital(motherAtHospital), 'mother');
  await sendToHospitalPort(
    stage,
    'check-up at 20 weeks',
    measurements('20250502000001', motherAtHospital, '20250502101500', '202505020000001', [
      ['31000296', '体重', '54.30', 'kg'],
      ['31000301', '腹囲', '82.5', 'cm'],
    ]),
  );

  print.chapter('2025-09-20', '誕生  Birth');
  await sendToHospitalPort(stage, 'the newborn is admitted', admission('20250920000001', newborn, '20250920094200'));
  await sendToHospitalPort(
    stage,
    'weight 3.050 kg, length 49.0 cm',
    measurements('20250920000002', newborn, '20250920095500', '202509200000001', [
      ['31002900', '出生時体重', '3.050', 'kg'],
      ['31000298', '身長', '49.0', 'cm'],
      ['31006116', '頭囲', '33.5', 'cm'],
    ]),
  );
  print.note('The hospital knows its own number, not the family. Nothing is guessed: the messages wait.');
  const childId = await registry.createPatient(people.child, '見本 つむぎ', '2025-09-26, from the birth list');
  const app = await familyApp(stage, childId);
  await app.create(people.motherOf(`Patient/${childId}`));
  print.step('family', 'the mother is written into the child’s record (RelatedPerson, 母)');
  await link(stage, registry, app, childId, registry.hospital, atHospital(newborn), 'child');

  print.chapter('2025-11-20', '生後2か月  Two months: what is due?');
  await showPlan(stage, app, childId, '2025-11-20');
  await giveDoses(stage, registry, childId);
  await sendToHospitalPort(
    stage,
    'BCG at six months',
    vaccination('20260325000001', newborn, '20260325143000', ['ＢＣＧ', 'TEST-BCG-1', '20270930']),
  );

  print.chapter('2026-01-15', '壊れた電文  A message that cannot be read');
  await sendToHospitalPort(stage, 'a frame with broken characters', brokenMessage());

  print.chapter('2026-02-12', '薬局  The pharmacy');
  await link(stage, registry, app, childId, registry.pharmacy, atPharmacy, 'child');
  const notebookFile = join(stage.folder, 'notebook-JAHISTC08.csv');
  await writeFile(notebookFile, notebook());
  const identifier = `${atPharmacy.system}|${atPharmacy.value}`;
  const fromPharmacy = { format: 'jahis', identifier, token: registry.pharmacyToken };
  const dispensed = await stage.product.tsumugi('import', fromPharmacy, notebookFile);
  print.step('pharmacy', `medication notebook (JAHIS, Shift_JIS) → ${lastLine(dispensed)}`);
  for (const drug of await app.names('MedicationDispense')) print.note(drug);

  print.chapter('2026-06-01', 'マイナポータル  MyNa Portal');
  const historyFile = join(stage.folder, 'myna-vaccination.json');
  await writeFile(historyFile, vaccinationHistory());
  const fromFamily = { format: 'myna', patient: childId, token: app.token };
  const imported = await stage.product.tsumugi('import', fromFamily, historyFile);
  print.step('family', `vaccination history of the municipality → ${lastLine(imported)}`);

  print.chapter('2026-11-20', '1歳2か月  Fourteen months: the plan');
  await showPlan(stage, app, childId, '2026-11-20');

  print.chapter('2026-11-20', '一生の記録  The record for life');
  const archive = await exportAndVerify(stage, app, childId);
  await exportForOthers(stage, app, childId);
  return { childId, familyToken: app.token, archive };
}

type Registry = Awaited<ReturnType<typeof register>>;
type App = Awaited<ReturnType<typeof familyApp>>;

/** The municipality and the institutions, each with a token of its own. */
async function register({ product, print }: Stage) {
  const client = async (name: string, scope: string) => {
    const token = await product.tsumugi('token', { client: name, scope });
    return { token, api: new Client({ baseUrl: `${product.url}/fhir`, bearerToken: token }) };
  };
  const municipality = await client('見本市', 'system/Patient.cr system/Organization.crs system/Consent.c');
  const clinic = await client('ひなた試験こどもクリニック', 'system/*.crus');
  const pharmacy = await client('テスト薬局', 'system/*.crus');
  const organization = async (resource: Organization) => (await created(municipality.api, resource)).id ?? '';
  const hospitalId = await organization(people.hospital);
  const pharmacyId = await organization(people.pharmacy);
  const clinicId = await organization(people.clinic);
  print.step('見本市', 'the municipality registers 見本市立試験病院, テスト薬局 and ひなた試験こどもクリニック');
  return {
    hospital: hospitalId,
    pharmacy: pharmacyId,
    clinic: { id: clinicId, ...clinic },
    pharmacyToken: pharmacy.token,
    async createPatient(patient: Patient, name: string, when = '') {
      const { id = '' } = await created(municipality.api, patient);
      print.step('見本市', `${name} has a record now${when ? ` (${when})` : ''}`);
      return id;
    },
    /** A facility's code for a family: on paper, or as a QR at the desk. */
    async linkCode(organizationId: string, identifier: { system: string; value: string }): Promise<string> {
      const input = { resourceType: 'Parameters', parameter: [{ name: 'identifier', valueIdentifier: identifier }] };
      const answer = await clinic.api.operation({
        name: 'link-code',
        resourceType: 'Organization',
        id: organizationId,
        input,
      });
      return (answer as Parameters).parameter?.find(({ name }) => name === 'code')?.valueString ?? '';
    },
  };
}

/** The app that the family chose: a token for one patient. */
async function familyApp({ product }: Stage, patientId: string) {
  const token = await product.tsumugi('token', { client: '家族アプリ', scope: 'patient/*.cruds', patient: patientId });
  const api = new Client({ baseUrl: `${product.url}/fhir`, bearerToken: token });
  return {
    token,
    api,
    create: (resource: Resource) => created(api, resource),
    async names(type: 'MedicationDispense'): Promise<string[]> {
      const found = (await api.search({
        resourceType: type,
        searchParams: { patient: patientId },
      })) as unknown as Bundle;
      return (found.entry ?? []).map(
        ({ resource }) =>
          (resource as { medicationCodeableConcept?: { text?: string } }).medicationCodeableConcept?.text ?? '',
      );
    },
  };
}

async function link(
  { print }: Stage,
  registry: Registry,
  app: App,
  patientId: string,
  organizationId: string,
  number: { system: string; value: string },
  who: string,
) {
  const code = await registry.linkCode(organizationId, number);
  const input = { resourceType: 'Parameters', parameter: [{ name: 'code', valueString: code }] };
  const answer = (await app.api.operation({
    name: 'link-facility',
    resourceType: 'Patient',
    id: patientId,
    input,
  })) as Parameters;
  const taken = answer.parameter?.find(({ name }) => name === 'taken')?.valueInteger ?? 0;
  print.step(
    'family',
    `links the ${who}’s number ${number.value} with the one-time code ${code}${taken ? ` → ${taken} waiting messages flow in` : ''}`,
  );
}

async function sendToHospitalPort({ product, print }: Stage, what: string, message: Uint8Array) {
  const answer = await sendMllp({ host: '127.0.0.1', port: product.mllpPort, message });
  const [, code = '?', , text = ''] = /MSA\|(\w\w)\|([^|\r]*)\|?([^|\r]*)/.exec(answer) ?? [];
  print.step('hospital', `HL7 v2.5: ${what} → ${code}${text ? `  ${text}` : ''}`);
}

const VACCINATION_CATEGORY = `${CANONICAL}/CodeSystem/vaccination-category`;

/** What the clinic gave, pushed by its system as FHIR: doses with product, lot and day. */
const doses: readonly (readonly [date: string, code: string, name: string])[] = [
  ['2025-11-21', 'RV1', 'ロタリックス'],
  ['2025-11-21', 'PCV20', 'プレベナー20'],
  ['2025-11-21', 'DPT-IPV-Hib', 'ゴービック'],
  ['2025-12-19', 'RV1', 'ロタリックス'],
  ['2025-12-19', 'PCV20', 'プレベナー20'],
  ['2025-12-19', 'DPT-IPV-Hib', 'ゴービック'],
  ['2026-01-16', 'PCV20', 'プレベナー20'],
  ['2026-01-16', 'DPT-IPV-Hib', 'ゴービック'],
  ['2026-10-02', 'MR', 'ミールビック'],
  ['2026-10-02', 'VAR', '水痘ワクチン'],
  ['2026-10-02', 'PCV20', 'プレベナー20'],
];

async function giveDoses({ print }: Stage, { clinic }: Registry, childId: string) {
  const entry = doses.map(([occurrenceDateTime, code, text], n) => {
    const resource: Immunization = {
      resourceType: 'Immunization',
      meta: people.claiming('immunization'),
      identifier: [{ system: 'urn:oid:2.999.1.3', value: `dose-${n + 1}` }],
      status: 'completed',
      vaccineCode: { coding: [{ system: VACCINE_SYSTEM, code }], text },
      patient: { reference: `Patient/${childId}` },
      occurrenceDateTime,
      primarySource: true,
      lotNumber: `TEST-${String(n + 1).padStart(3, '0')}`,
      performer: [{ actor: { reference: `Organization/${clinic.id}` } }],
      programEligibility: [{ coding: [{ system: VACCINATION_CATEGORY, code: 'routine-A' }], text: '定期接種（A類）' }],
    };
    return {
      fullUrl: `urn:uuid:00000000-0000-4000-8000-${String(n + 1).padStart(12, '0')}`,
      resource,
      request: { method: 'POST', url: 'Immunization' },
    };
  });
  const answer = (await clinic.api.transaction({
    body: { resourceType: 'Bundle', type: 'transaction', entry },
  })) as unknown as Bundle;
  const stored = (answer.entry ?? []).filter(({ response }) => response?.status?.startsWith('201')).length;
  print.step(
    'clinic',
    `FHIR push over the following months: ${stored} doses given at 2, 3, 4 and 12 months, one transaction`,
  );
}

async function showPlan({ print }: Stage, app: App, childId: string, assessmentDate: string) {
  const ask = async (name: string, input: Record<string, string>) =>
    (await app.api.operation({ name, resourceType: 'Patient', id: childId, method: 'GET', input })) as Parameters;
  const answer = await ask('forecast', { assessmentDate });
  const doses = judgedDoses(answer, await ask('events', { type: 'Immunization' }));
  print.step('planner', `Patient/${childId.slice(0, 8)}…/$forecast on ${assessmentDate}${doses ? `: ${doses}` : ''}`);
  const { soon, later } = planRows(answer, `${Number(assessmentDate.slice(0, 4)) + 1}${assessmentDate.slice(4)}`);
  print.table(planHead, soon);
  print.note(`later: ${later.join(' · ')}`);
}

async function exportAndVerify({ product, print, folder }: Stage, app: App, childId: string): Promise<string> {
  const archive = join(folder, 'tsumugi-archive.zip');
  await product.tsumugi('export', { patient: childId, format: 'archive', out: archive, token: app.token });
  const bytes = await readFile(archive);
  print.step('family', `exports the signed archive (${bytes.length} bytes)`);
  print.step('anyone', `verifies it offline → ${lastLine(await product.tsumugi('verify', {}, archive))}`);
  const forged = join(folder, 'one-byte-changed.zip');
  const at = Math.floor(bytes.length / 3);
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  await writeFile(forged, bytes);
  const refusal = await product.tsumugi('verify', {}, forged).catch((error: unknown) => {
    if (error instanceof CommandFailed) return error.message;
    throw error;
  });
  print.step('anyone', `changes one byte and verifies again → ${lastLine(refusal)}`);
  return archive;
}

/** What a family hands to others: a doctor abroad, their own bookshelf. */
async function exportForOthers({ product, print, folder }: Stage, app: App, patient: string): Promise<void> {
  const written = async (format: string, name: string, language: string) => {
    const out = join(folder, name);
    await product.tsumugi('export', { patient, format, out, language, token: app.token });
    return readFile(out);
  };
  const summary = JSON.parse((await written('ips', 'summary.json', 'en')).toString()) as Bundle;
  print.step('family', `takes a summary for a doctor abroad (IPS, ${summary.entry?.length} entries)`);
  print.step('family', `prints the handbook (PDF/A, ${(await written('pdf', 'handbook.pdf', 'ja')).length} bytes)`);
}

async function created<T extends Resource>(api: Client, resource: T): Promise<T> {
  return (await api.create({ resourceType: resource.resourceType, body: resource as never })) as unknown as T;
}

const lastLine = (text: string): string => text.split('\n').at(-1) ?? '';
