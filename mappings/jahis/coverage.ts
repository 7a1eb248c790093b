// Insurance of a prescription: the main one (records 14, 21 to 25, 31) and public payers (27 to 30) -> Coverage.
// JAHIS prescription Ver.1.10; JP Core 1.2.0 JP_Coverage; code tables as in the drafts of the e-prescription guide.

import type { Coding, Coverage, CoverageClass, Extension, Identifier, Patient, Reference } from '@medplum/fhirtypes';
import { UCUM } from '../code-systems.ts';
import { decimal } from '../decimal.ts';
import { businessIdentifier } from '../record.ts';
import { plainNumber } from './amount.ts';
import { codeText, jahisSystem, keyText } from './codes.ts';
import { at, type JahisRecord } from './record.ts';

type Insured = {
  owner: string;
  subject: Reference<Patient>;
  issued: string | undefined;
  single: ReadonlyMap<string, JahisRecord>;
  problems: string[];
};

/** One Coverage each; the same card gives the same one on every prescription. */
export function mapCoverages(insured: Insured): Coverage[] {
  const payers = ['27', '28', '29', '30'].map((kind) => publicPayer(insured, kind));
  return [mainInsurance(insured), ...payers].filter((coverage) => coverage !== undefined);
}

const JP_CORE = 'http://jpfhir.jp/fhir/core';
const INSURANCE_KIND = 'urn:oid:1.2.392.100495.20.2.61';
const INSURED_RELATION = 'urn:oid:1.2.392.100495.20.2.62';
const INSURER = `${JP_CORE}/mhlw/IdSystem/InsurerNumber`;
const MEMBER = 'http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID';
const PUBLIC_PAYER = 'urn:oid:1.2.392.100495.20.3.71';

const insuranceKinds: Record<string, string> = {
  '1': '医保',
  '2': '国保',
  '3': '労災',
  '4': '自賠責',
  '5': '公害',
  '6': '自費',
  '7': '後期高齢者',
};

function mainInsurance({ owner, subject, single }: Insured): Coverage | undefined {
  const [insurer, card] = [at(single.get('22'), 1), single.get('23')];
  const [symbol, number, relation, branch] = [at(card, 1), at(card, 2), at(card, 3), at(card, 4)];
  const kind = codeText(at(single.get('21'), 1));
  if (!insurer && !symbol && !number && !kind) return undefined;
  const digits = insurer.normalize('NFKC');
  const classes = classesOf(single);
  const costs = costsOf(single.get('24'));
  const member = `${digits.padStart(8, '0')}:${symbol}:${number}:${branch}`;
  const identifier: Identifier[] = [
    businessIdentifier('coverage', [owner, kind, digits, keyText(symbol), keyText(number), keyText(branch)]),
    ...(/^[0-9]{8}:[^:\s\u3000]*:[^:\s\u3000]+:([0-9]{2})?$/.test(member) ? [{ system: MEMBER, value: member }] : []),
  ];
  const extension = [
    ...insuredPerson('Symbol', symbol),
    ...insuredPerson('Number', number),
    ...insuredPerson('SubNumber', branch),
  ];
  return {
    resourceType: 'Coverage',
    ...(extension.length > 0 && { extension }),
    identifier,
    status: 'active',
    ...(kind && {
      type: { coding: [withDisplay(INSURANCE_KIND, kind, insuranceKinds[kind])] },
    }),
    ...(number && { subscriberId: number }),
    beneficiary: subject,
    ...(['1', '2'].includes(relation) && { relationship: relationship(relation) }),
    payor: [payorOf(INSURER, digits, /^\d{6}$|^\d{8}$/.test(digits) ? digits.padStart(8, '0') : undefined, kind)],
    ...(classes.length > 0 && { class: classes }),
    ...(costs.length > 0 && { costToBeneficiary: costs }),
  };
}

// Records 27 to 29 have eight and seven digits, 30 whatever a town has made up.
function publicPayer({ owner, subject, single }: Insured, kind: string): Coverage | undefined {
  const [payer, recipient] = [at(single.get(kind), 1), at(single.get(kind), 2)];
  if (!payer) return undefined;
  const digits = payer.normalize('NFKC');
  return {
    resourceType: 'Coverage',
    identifier: [businessIdentifier('coverage', [owner, 'public', keyText(payer), keyText(recipient)])],
    status: 'active',
    type: { coding: [{ system: INSURANCE_KIND, code: '8', display: '公費' }] },
    ...(recipient && { subscriberId: recipient }),
    beneficiary: subject,
    payor: [payorOf(PUBLIC_PAYER, payer, /^\d{8}$/.test(digits) ? digits : undefined, '8')],
    order: Number(kind) - 26,
  };
}

const withDisplay = (system: string, code: string, display: string | undefined): Coding => ({
  system,
  code,
  ...(display && { display }),
});

const relationship = (code: string): Coverage['relationship'] => ({
  coding: [
    withDisplay(INSURED_RELATION, code, code === '1' ? '被保険者' : '被扶養者'),
    ...(code === '1'
      ? [{ system: 'http://terminology.hl7.org/CodeSystem/subscriber-relationship', code: 'self' }]
      : []),
  ],
});

/** Who pays: by number where it is one, in words where it is none; FHIR asks for somebody. */
function payorOf(system: string, words: string, number: string | undefined, kind: string): Reference<never> {
  const display = number === undefined ? words || insuranceKinds[kind] || '不明' : '';
  return {
    type: 'Organization',
    ...(number !== undefined && { identifier: { system, value: number } }),
    ...(display && { display }),
  } as Reference<never>;
}

const insuredPerson = (what: string, value: string): Extension[] =>
  value
    ? [{ url: `${JP_CORE}/Extension/StructureDefinition/JP_Coverage_InsuredPerson${what}`, valueString: value }]
    : [];

const classTables: readonly [string, string, Record<string, string>][] = [
  [
    '14',
    '一部負担金区分',
    { '1': '高齢者一般', '2': '高齢者７割', '3': '６歳未満', '4': '高齢者一般', '5': '高齢者８割' },
  ],
  ['25', '職務上の事由', { '1': '職務上', '2': '下船後３ヶ月以内', '3': '通勤災害' }],
  ['31', 'レセプト種別', {}],
];

/** What of the insurance depends on the person: copay class, cause at work, kind of claim. */
function classesOf(single: ReadonlyMap<string, JahisRecord>): CoverageClass[] {
  return classTables.flatMap(([kind, text, names]) => {
    const value = at(single.get(kind), 1);
    if (!value) return [];
    const name = names[value];
    return [{ type: { coding: [{ system: jahisSystem('record'), code: kind }], text }, value, ...(name && { name }) }];
  });
}

/** Record 24: percent paid by the patient, percent paid by the insurance. */
function costsOf(record: JahisRecord | undefined): NonNullable<Coverage['costToBeneficiary']> {
  const rates: [number, string][] = [
    [1, '患者負担率'],
    [2, '保険給付率'],
  ];
  return rates.flatMap(([place, text]) => {
    const digits = plainNumber(at(record, place));
    const value = digits === undefined ? undefined : decimal(digits);
    if (value === undefined) return [];
    const coding =
      place === 1 ? [{ system: 'http://terminology.hl7.org/CodeSystem/coverage-copay-type', code: 'copaypct' }] : [];
    return [
      {
        type: { ...(coding.length > 0 && { coding }), text },
        valueQuantity: { value, unit: '%', system: UCUM, code: '%' },
      },
    ];
  });
}
