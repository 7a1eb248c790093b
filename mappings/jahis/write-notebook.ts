// A record -> a medication notebook that a family hands to a pharmacy (JAHISTC08, direction 2). What is in force of allergies and
// history, drugs from the shelf, all dispensings and what was said about them. JAHIS notebook Ver.2.6.

import type {
  AllergyIntolerance,
  BundleEntry,
  CareTeam,
  Communication,
  Condition,
  MedicationDispense,
  MedicationRequest,
  MedicationStatement,
  Patient,
  Resource,
} from '@medplum/fhirtypes';
import { creatorOf, dayText, jahisCodeOf, kindOf, notebookLine, wordsOf } from './notebook-line.ts';
import { blockLines, blocksOf, type Dispensed } from './write-dispensing.ts';

/** The lines of the notebook. `entries` with their addresses, by which they point to each other; the Patient may be among them. */
export function writeNotebook(entries: readonly BundleEntry[]): string[] {
  const of = <Type extends Resource>(type: Type['resourceType']): Type[] =>
    entries.flatMap(({ resource }) => (resource?.resourceType === type ? [resource as Type] : []));
  const messages = of<Communication>('Communication').filter(({ status }) => status === 'completed');
  return [
    'JAHISTC08,2',
    patientLine(of<Patient>('Patient')[0]),
    ...of<AllergyIntolerance>('AllergyIntolerance').flatMap(allergyLine),
    ...of<Condition>('Condition').flatMap(historyLine),
    ...messages.flatMap((message) =>
      recordOf(message) === '2' ? [notebookLine('2', '9', textOf(message), creatorOf(message))] : [],
    ),
    ...of<MedicationStatement>('MedicationStatement').flatMap((statement, index) =>
      otcLines(statement, String(index + 1)),
    ),
    ...messages.flatMap((message) =>
      recordOf(message) === '4' ? [notebookLine('4', textOf(message), dayText(message.sent), creatorOf(message))] : [],
    ),
    ...dispensingLines(entries, of<MedicationDispense>('MedicationDispense'), messages),
    ...of<CareTeam>('CareTeam').flatMap(pharmacistLine),
  ];
}

/** Who shows the notebook: name, sex, day of birth. Address and telephone are nobody's business here. */
function patientLine(patient: Patient | undefined): string {
  const named = (representation: string) =>
    patient?.name?.find(({ extension }) => extension?.some(({ valueCode }) => valueCode === representation));
  const words = (name: Patient['name'] extends (infer Name)[] | undefined ? Name | undefined : never): string =>
    name?.text ?? [name?.family, ...(name?.given ?? [])].filter(Boolean).join(' ');
  const sex = { male: '1', female: '2', other: '', unknown: '' }[patient?.gender ?? 'unknown'];
  const kana = named('SYL');
  return notebookLine(
    '1',
    words(named('IDE') ?? patient?.name?.[0]),
    sex,
    dayText(patient?.birthDate),
    ...['', '', '', '', '', ''],
    kana && words(kana),
  );
}

const codeIn = (concept: { coding?: { code?: string }[] } | undefined): string => concept?.coding?.[0]?.code ?? '';
const RULED_OUT = ['refuted', 'entered-in-error'];

/** Record 2, kind 1 or 2: what was noted as an adverse reaction to a drug stays one. */
function allergyLine(allergy: AllergyIntolerance): string[] {
  const isOver =
    RULED_OUT.includes(codeIn(allergy.verificationStatus)) || codeIn(allergy.clinicalStatus) === 'resolved';
  const isReaction = allergy.type !== 'allergy' && allergy.category?.includes('medication');
  const text = wordsOf(allergy.code);
  return isOver || !text ? [] : [notebookLine('2', isReaction ? '2' : '1', text, creatorOf(allergy))];
}

function historyLine(condition: Condition): string[] {
  const text = wordsOf(condition.code);
  const isOut = RULED_OUT.includes(codeIn(condition.verificationStatus));
  return isOut || !text ? [] : [notebookLine('2', '3', text, creatorOf(condition))];
}

/** Records 3 and 31. */
function otcLines(statement: MedicationStatement, number: string): string[] {
  const { medicationCodeableConcept: drug, effectivePeriod: period, contained = [] } = statement;
  const name = wordsOf(drug);
  if (!name || statement.status === 'entered-in-error' || statement.status === 'not-taken') return [];
  const jan = drug?.coding?.find(({ system = '' }) => /gtin|\/jan$/.test(system))?.code;
  const creator = creatorOf(statement);
  const ingredients = contained.flatMap((one) => (one.resourceType === 'Medication' ? (one.ingredient ?? []) : []));
  return [
    notebookLine('3', name, dayText(period?.start), dayText(period?.end), creator, number, jan),
    ...ingredients.map(({ itemCodeableConcept: item }) => {
      const [coding] = item?.coding ?? [];
      return notebookLine('31', number, item?.text, coding && kindOf(coding, 'ingredient-code'), coding?.code, creator);
    }),
  ];
}

const recordOf = ({ category }: Communication): string | undefined => jahisCodeOf(category?.[0], 'record');
const textOf = ({ payload }: Communication): string => payload?.[0]?.contentString ?? '';

function dispensingLines(
  entries: readonly BundleEntry[],
  dispenses: readonly MedicationDispense[],
  messages: readonly Communication[],
): string[] {
  const byAddress = addressesOf(entries);
  const drugs = dispenses
    .filter(({ status }) => status === 'completed')
    .map((dispense): Dispensed => {
      const request = byAddress.get(dispense.authorizingPrescription?.[0]?.reference ?? '');
      return { dispense, request: request as MedicationRequest | undefined };
    });
  const blocks = blocksOf(drugs);
  const said = Map.groupBy(
    messages.filter((message) => ['411', '421', '601'].includes(recordOf(message) ?? '')),
    ({ about }) =>
      blocks.findIndex((block) =>
        block.drugs.some(({ dispense }) => dispense === byAddress.get(about?.[0]?.reference ?? '')),
      ),
  );
  return [
    ...blocks.flatMap((block, index) => [...blockLines(block), ...(said.get(index) ?? []).map(messageLine)]),
  ].toSpliced(0, 0, ...(said.get(-1) ?? []).filter((message) => recordOf(message) === '601').map(messageLine));
}

/** What can be pointed to, by whole and by relative address. */
function addressesOf(entries: readonly BundleEntry[]): Map<string, Resource> {
  const byAddress = new Map<string, Resource>();
  for (const { fullUrl, resource } of entries) {
    if (!resource) continue;
    if (fullUrl) byAddress.set(fullUrl, resource);
    if (resource.id) byAddress.set(`${resource.resourceType}/${resource.id}`, resource);
  }
  return byAddress;
}

const informationKinds: Record<string, string> = { 入院中の副作用: '30', 退院後に必要な服薬情報: '31' };

/** Records 411, 421 and 601. */
function messageLine(message: Communication): string {
  const kind = recordOf(message) ?? '';
  if (kind === '601') return notebookLine('601', textOf(message), dayText(message.sent));
  const information = kind === '411' ? [informationKinds[wordsOf(message.category?.[0])] ?? '99'] : [];
  return notebookLine(kind, textOf(message), ...information, creatorOf(message));
}

function pharmacistLine(team: CareTeam): string[] {
  const member = team.participant?.find(({ role }) => jahisCodeOf(role?.[0], 'record') === '701');
  if (!member) return [];
  const phone = team.contained?.flatMap((one) => (one.resourceType === 'Practitioner' ? (one.telecom ?? []) : []))[0];
  const [start, end] = [dayText(team.period?.start), dayText(team.period?.end)];
  return [
    notebookLine('701', member.member?.display, member.onBehalfOf?.display, phone?.value, start, end, creatorOf(team)),
  ];
}
