// The sections of a summary: their codes and names, what stands in each, and the columns of its table.
// HL7 IPS 2.0, http://hl7.org/fhir/uv/ips/StructureDefinition/Composition-uv-ips

import type { JsonObject } from '../fhir/json.ts';
import type { Language } from '../fhir/outcome.ts';
import { BIRTH_CODES, BIRTH_SYSTEM } from './content.ts';
import { isOf, PREGNANCY_CODES, SOCIAL_CODES } from './fitted.ts';
import { currentMedication } from './medication.ts';
import { codingsOf, hasCode, textIn } from './texts.ts';

export type Section = {
  code: string;
  /** The name of the LOINC code. */
  display: string;
  title: Readonly<Record<Language, string>>;
  /** What it is made of; the first of them is what it is about. */
  types: readonly string[];
  /** It is there even when nothing is in it. */
  isRequired?: true;
  /** Of the resources of its types, newest first, those that belong here. */
  choose: (resources: readonly JsonObject[], today: number) => JsonObject[];
  /** Of each code only the newest so many. */
  newest?: number;
  /** In the order in which it happened. */
  isOldestFirst?: true;
};

/** A summary is read in minutes: no section has more entries. Ours; all doses of a life are fewer. */
export const MOST_ENTRIES = 100;

const LOINC = 'http://loinc.org';
const VERIFICATION = ['verificationStatus'];
const REFUTED = new Set(['refuted', 'entered-in-error']);
const OVER = new Set(['inactive', 'remission', 'resolved']);
const FOUND = new Set(['final', 'amended', 'corrected', 'preliminary']);

const codeOf = (concept: unknown): string => String(codingsOf(concept)[0]?.code ?? '');
const isTrue = (resource: JsonObject): boolean => VERIFICATION.every((name) => !REFUTED.has(codeOf(resource[name])));
const isOver = (condition: JsonObject): boolean =>
  OVER.has(codeOf(condition.clinicalStatus)) ||
  (condition.clinicalStatus === undefined && Object.keys(condition).some((name) => name.startsWith('abatement')));

/** A result about the patient; with a focus it is about somebody else. */
const isFound = ({ status, focus }: JsonObject): boolean =>
  FOUND.has(String(status)) && !(Array.isArray(focus) && focus.length > 0);

const observed = (is: (observation: JsonObject) => boolean) => (resources: readonly JsonObject[]) =>
  resources.filter((one) => isFound(one) && is(one));

const isBirth = ({ code }: JsonObject): boolean =>
  hasCode(code, LOINC, BIRTH_CODES) || codingsOf(code).some(({ system }) => system === BIRTH_SYSTEM);
const isPregnancy = ({ code }: JsonObject): boolean => hasCode(code, LOINC, PREGNANCY_CODES);
const isSocial = ({ code }: JsonObject): boolean => hasCode(code, LOINC, SOCIAL_CODES);

const status = (...wanted: string[]) => {
  const known = new Set(wanted);
  return (resources: readonly JsonObject[]) => resources.filter((one) => known.has(String(one.status)));
};

export const SECTIONS: readonly Section[] = [
  {
    code: '104605-1',
    display: 'Alert',
    title: { ja: '注意事項', en: 'Alerts' },
    types: ['Flag'],
    choose: status('active'),
  },
  {
    code: '48765-2',
    display: 'Allergies and adverse reactions Document',
    title: { ja: 'アレルギー・副反応', en: 'Allergies and intolerances' },
    types: ['AllergyIntolerance'],
    isRequired: true,
    choose: (resources) => resources.filter(isTrue),
  },
  {
    code: '11450-4',
    display: 'Problem list - Reported',
    title: { ja: '現在の病気・問題', en: 'Problems' },
    types: ['Condition'],
    isRequired: true,
    choose: (resources) => resources.filter((one) => isTrue(one) && !isOver(one)),
  },
  {
    code: '10160-0',
    display: 'History of Medication use Narrative',
    title: { ja: '使用中・最近の薬', en: 'Medications' },
    types: ['MedicationStatement', 'MedicationRequest', 'MedicationDispense'],
    isRequired: true,
    choose: currentMedication,
  },
  {
    code: '11369-6',
    display: 'History of Immunization note',
    title: { ja: '予防接種の記録', en: 'Immunizations' },
    types: ['Immunization'],
    choose: status('completed'),
    isOldestFirst: true,
  },
  {
    code: '18776-5',
    display: 'Plan of care note',
    title: { ja: 'これからの予定', en: 'Plan of care' },
    types: ['ImmunizationRecommendation', 'CarePlan'],
    choose: status('active'),
  },
  {
    code: '30954-2',
    display: 'Relevant diagnostic tests/laboratory data note',
    title: { ja: '検査結果', en: 'Results' },
    types: ['Observation'],
    newest: 1,
    choose: observed((one) => isOf(one, 'laboratory')),
  },
  {
    code: '8716-3',
    display: 'Vital signs note',
    title: { ja: '身体計測・バイタルサイン', en: 'Vital signs and growth' },
    types: ['Observation'],
    newest: 3,
    choose: observed((one) => isOf(one, 'vital-signs') && !isBirth(one)),
  },
  {
    code: '57075-4',
    display: 'Newborn delivery information',
    title: { ja: '出生・分娩の記録', en: 'Birth and delivery' },
    types: ['Observation'],
    newest: 1,
    choose: observed(isBirth),
  },
  {
    code: '10162-6',
    display: 'History of pregnancies Narrative',
    title: { ja: '妊娠・出産の経過', en: 'Pregnancy history' },
    types: ['Observation'],
    newest: 5,
    choose: observed(isPregnancy),
  },
  {
    code: '47519-4',
    display: 'History of Procedures Document',
    title: { ja: '手術・処置', en: 'Procedures' },
    types: ['Procedure'],
    choose: status('completed', 'in-progress', 'stopped', 'unknown'),
  },
  {
    code: '46264-8',
    display: 'History of medical device use',
    title: { ja: '医療機器', en: 'Medical devices' },
    types: ['DeviceUseStatement'],
    choose: status('active', 'completed', 'intended', 'stopped', 'on-hold'),
  },
  {
    code: '11348-0',
    display: 'History of Past illness note',
    title: { ja: 'これまでの病気', en: 'Past problems' },
    types: ['Condition'],
    choose: (resources) => resources.filter((one) => isTrue(one) && isOver(one)),
  },
  {
    code: '29762-2',
    display: 'Social history note',
    title: { ja: '生活の状況', en: 'Social history' },
    types: ['Observation'],
    newest: 1,
    choose: observed(isSocial),
  },
];

/** Of each code the newest so many, and of these as many as a section has; in the order given, newest first. How many that leaves out. */
export function newestOf(resources: readonly JsonObject[], most: number): { kept: JsonObject[]; older: number } {
  const counts = new Map<string, number>();
  const kept = resources
    .filter(({ code }) => {
      const [first] = codingsOf(code);
      const name = first ? `${first.system}|${first.code}` : (textIn((code as JsonObject | undefined)?.text) ?? '');
      counts.set(name, (counts.get(name) ?? 0) + 1);
      return (counts.get(name) ?? 0) <= most;
    })
    .slice(0, MOST_ENTRIES);
  return { kept, older: resources.length - kept.length };
}
