// One drug of a prescription (record 201 and what is added to it) -> MedicationRequest. JAHIS prescription Ver.1.10;
// JP Core 1.2.0 JP_MedicationRequest; substitution and strength codes as in the drafts of the e-prescription guide.

import type {
  Annotation,
  CodeableConcept,
  MedicationRequest,
  MedicationRequestSubstitution,
  Patient,
  Reference,
} from '@medplum/fhirtypes';
import { CANONICAL } from '../../server/fhir/canonical.ts';
import { ORDER_IN_RP, RP_NUMBER } from '../code-systems.ts';
import { japaneseDate } from '../japanese-date.ts';
import { businessIdentifier } from '../record.ts';
import { amountsOf, DAY } from './amount.ts';
import { drugCoding, jahisConcept, keyText, sayUnreadableCode } from './codes.ts';
import type { OrderedDrug, OrderedRp } from './ordered.ts';
import { orderedDosage, orderedKind } from './ordered-dosage.ts';
import type { Issuer } from './prescriber.ts';
import { at, type JahisRecord } from './record.ts';

export type PrescriptionContext = {
  subject: Reference<Patient>;
  keys: readonly string[];
  /** Day of issue, `YYYY-MM-DD`. */
  issued: string | undefined;
  single: ReadonlyMap<string, JahisRecord>;
  issuer: Issuer | undefined;
  insurance: Reference[];
  /** Records 81. */
  remarks: readonly JahisRecord[];
  occurrences: Map<string, number>;
  problems: string[];
};

/** Undefined, with the reason told, for a record that is not as the format has it or names no drug. */
export function mapOrderedDrug(
  context: PrescriptionContext,
  rp: OrderedRp,
  drug: OrderedDrug,
): MedicationRequest | undefined {
  const { record } = drug;
  const medication = medicationOf(record);
  if (typeof medication === 'string') {
    context.problems.push(`Line ${record.line}: a drug (record 201) was not taken: ${medication}.`);
    return undefined;
  }
  if (!rp.form)
    context.problems.push(`Line ${record.line}: RP ${rp.rp} has no record 101 that says what kind of drug it is.`);
  sayUnreadableCode(context, record, 5);
  const kind = orderedKind(rp.form);
  const amounts = amountsOf(at(record, 7), at(record, 9), {
    ...kind,
    times: at(rp.form, 4),
    count: undefined,
  });
  if (!amounts) context.problems.push(`Line ${record.line}: the amount of a drug (record 201) is kept in words only.`);
  const dosage = orderedDosage(rp, drug, amounts);
  const note = notesOf(context, rp, drug);
  const substitution = substitutionOf(drug.supplements);
  const { issued, issuer, single } = context;
  const until = japaneseDate(at(single.get('52'), 1));
  const refills = Number(at(single.get('64'), 1));
  const isValid = until !== undefined && (issued === undefined || issued <= until);
  const dispenseRequest = {
    ...(isValid && { validityPeriod: { ...(issued && { start: issued }), end: until } }),
    // The first hand-out is none of the repeats.
    ...(refills >= 2 && refills <= 9 && { numberOfRepeatsAllowed: refills - 1 }),
    ...(amounts?.total && { quantity: amounts.total }),
    ...(amounts?.days && { expectedSupplyDuration: { ...amounts.days, ...DAY } }),
  };
  return {
    resourceType: 'MedicationRequest',
    ...(issuer && issuer.contained.length > 0 && { contained: issuer.contained }),
    identifier: [
      businessIdentifier('medication-request', keysOf(context, rp, record)),
      { system: RP_NUMBER, value: rp.rp },
      { system: ORDER_IN_RP, value: String(Number(at(record, 2)) || rp.drugs.indexOf(drug) + 1) },
    ],
    status: 'active',
    intent: 'order',
    ...categoryOf(record),
    medicationCodeableConcept: medication,
    subject: context.subject,
    ...(issued && { authoredOn: issued }),
    ...(issuer && { requester: issuer.requester as Reference<never> }),
    groupIdentifier: groupOf(context),
    ...(context.insurance.length > 0 && { insurance: context.insurance as Reference<never>[] }),
    ...(note.length > 0 && { note }),
    ...(dosage && { dosageInstruction: [dosage] }),
    ...(Object.keys(dispenseRequest).length > 0 && { dispenseRequest }),
    ...(substitution && { substitution }),
  };
}

/** The drug, or what is wrong with its record. Kinds out of their tables show that its fields stand elsewhere than they should. */
function medicationOf(record: JahisRecord): CodeableConcept | string {
  const [information, kind, code, name] = [at(record, 3), at(record, 4), at(record, 5), at(record, 6)];
  if (!/^\d?$/.test(information) || !/^\d?$/.test(kind)) return 'its fields are not where the format has them';
  const coding = drugCoding(kind, code, name);
  // A claims code stands for its drug even without a name; it is looked up, not guessed, by whoever shows it.
  const text = name || coding[0]?.code;
  return text ? { ...(coding.length > 0 && { coding }), text } : 'it has neither name nor code';
}

const informationKinds: Record<string, string> = { '1': '医薬品', '2': '医療材料', '3': '非保険薬' };

function categoryOf(record: JahisRecord): { category?: CodeableConcept[] } {
  const kind = at(record, 3);
  const display = informationKinds[kind];
  return display ? { category: [jahisConcept('information-kind', kind, display)] } : {};
}

/** The same drug twice in one RP is told apart by its place among its equals. */
function keysOf({ keys, occurrences }: PrescriptionContext, { rp }: OrderedRp, record: JahisRecord): string[] {
  const own = [...keys, rp, keyText(at(record, 6) || at(record, 5))];
  const key = own.join('\u001f');
  const place = occurrences.get(key) ?? 0;
  occurrences.set(key, place + 1);
  return [...own, String(place)];
}

/** All drugs of one prescription belong together: by its exchange number (record 82) where there is one. */
function groupOf({ single, keys }: PrescriptionContext): MedicationRequest['groupIdentifier'] {
  const number = at(single.get('82'), 2).normalize('NFKC');
  if (at(single.get('82'), 1) === '1' && /^\d{16}$/.test(number))
    return { system: `${CANONICAL}/sid/prescription-exchange-number`, value: number };
  return businessIdentifier('prescription', keys);
}

const substitutions: Record<string, string> = { '3': '1', '4': '2', '5': '3' };
const substitutionTexts: Record<string, string> = { '1': '変更不可', '2': '剤形変更不可', '3': '含量規格変更不可' };
const SUBSTITUTION = 'urn:oid:1.2.392.100495.20.2.41';

/** Record 281, classes 3 to 6 (what must not be changed) and 8 (the patient wishes the original). */
function substitutionOf(supplements: readonly JahisRecord[]): MedicationRequestSubstitution | undefined {
  const of = (...classes: string[]) => supplements.filter((record) => classes.includes(at(record, 4)));
  const codes = of('3', '4', '5', '6').flatMap((record) => {
    const code = substitutions[at(record, 4)];
    return code ? [code] : ['2', '3'];
  });
  const text = of('3', '4', '5', '6')
    .map((record) => at(record, 5))
    .filter(Boolean)
    .join(' ');
  const wish = of('8')[0];
  if (codes.length === 0 && !wish) return undefined;
  const coding = [...new Set(codes)].map((code) => ({
    system: SUBSTITUTION,
    code,
    ...(substitutionTexts[code] && { display: substitutionTexts[code] }),
  }));
  return {
    // A wish of the patient forbids nothing by itself.
    ...(coding.length > 0 ? { allowedCodeableConcept: { coding, ...(text && { text }) } } : { allowedBoolean: true }),
    ...(wish && {
      reason: {
        ...jahisConcept('drug-supplement', '8', '先発医薬品患者希望'),
        ...(at(wish, 5) && { text: at(wish, 5) }),
      },
    }),
  };
}

const remarkKinds: Record<string, string> = { '1': '一包化', '2': '粉砕', '3': '分割' };
const leftoverKinds: Record<string, string> = {
  '1': '残薬確認: 保険医療機関へ疑義照会した上で調剤',
  '2': '残薬確認: 保険医療機関へ情報提供',
};

/** What people have to read: remarks (81), leftover drugs (62), parts of a split prescription (63, 102), unit factor (211). */
function notesOf({ remarks, single }: PrescriptionContext, { part }: OrderedRp, { added }: OrderedDrug): Annotation[] {
  const [split, leftover, factor] = [single.get('63'), at(single.get('62'), 1), at(added.get('211'), 3)];
  const texts = [
    ...remarks.map((record) => {
      const [kind, text] = [remarkKinds[at(record, 2)], at(record, 3)];
      return kind && kind !== text ? `${kind}: ${text}` : text;
    }),
    leftover && (leftoverKinds[leftover] ?? `残薬確認: ${leftover}`),
    split && `分割指示: ${at(split, 1)}回のうち${at(split, 2)}回目`,
    part && `分割回ごとの調剤数量: ${at(part, 2)}（総調剤数量 ${at(part, 3)}）`,
    factor && `単位変換係数: ${factor}（薬価収載単位）`,
  ];
  return texts.filter((text): text is string => Boolean(text)).map((text) => ({ text }));
}
