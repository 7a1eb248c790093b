// Fields of the segments about the message, the person and the visit. HL7 v2.5 chapters 2, 3, 6 and 12; SS-MIX2 2.1 (ZPR, ZI1).

import { COUNTER, OF_FAMILY, RARE, type SegmentFields, TRANSPORT } from './segment.ts';

const insurance =
  "Set ID|Insurance plan (保険種別)|Insurance company (保険者番号)|Insurance company name|Insurance company address|Contact person|Contact phone|Group number|Group name|Insured's group employer ID (記号)|Insured's group employer name (番号)|Plan effective date|Plan expiration date|Authorization information|Plan type|Name of insured|Relationship to patient|Date of birth of insured|Address of insured|Assignment of benefits|Coordination of benefits|Coordination priority|Notice of admission|Notice of admission date|Report of eligibility|Report of eligibility date|Release information code|Pre-admit certification|Verification time|Verification by|Type of agreement|Billing status|Lifetime reserve days|Delay before lifetime reserve|Company plan code|Policy number|Policy deductible|Policy limit amount|Policy limit days|Room rate, semi-private|Room rate, private|Employment status of insured|Sex of insured|Employer's address|Verification status|Prior insurance plan|Coverage type|Handicap|ID number of insured|Signature code|Signature date|Birth place of insured|VIP indicator";

const coverage = {
  2: 'Coverage.type',
  3: 'Coverage.payor.identifier',
  4: 'Coverage.payor.display',
  10: 'Coverage.extension(JP_Coverage_InsuredPersonSymbol)',
  11: 'Coverage.extension(JP_Coverage_InsuredPersonNumber) Coverage.subscriberId',
  12: 'Coverage.period.start Coverage.identifier',
  13: 'Coverage.period.end',
  17: 'Coverage.relationship',
};

const money = 'Accounting and the insured person, who may be another; readable in the original.';

export const personFields: readonly SegmentFields[] = [
  {
    segment: 'MSH',
    names:
      'Field separator|Encoding characters|Sending application|Sending facility|Receiving application|Receiving facility|Time of message|Security|Message type|Message control ID|Processing ID|Version ID|Sequence number|Continuation pointer|Accept acknowledgment type|Application acknowledgment type|Country code|Character set|Principal language|Alternate character set handling scheme|Message profile|Sending responsible organization|Receiving responsible organization|Sending network address|Receiving network address',
    to: { 7: 'Provenance.occurredDateTime' },
    dropped: {
      1: 'Read to take the message apart.',
      2: 'Read to take the message apart.',
      9: 'Chooses the mapping.',
      10: 'Names the message: intake knows a repeated one by it.',
      18: 'Read to decode the message.',
    },
    kept: { 11: 'A message that is not of production (D, T) is said so in the review list.' },
    otherwise: { dropped: TRANSPORT },
  },
  {
    segment: 'EVN',
    names: 'Event type|Time recorded|Planned time|Event reason|Operator|Time the event happened|Event facility',
    to: {
      2: 'Encounter.period',
      6: 'Encounter.period Encounter.location.period',
    },
    dropped: { 1: 'Chooses the mapping where MSH-9 does not.' },
    otherwise: { dropped: TRANSPORT },
  },
  {
    segment: 'PID',
    names:
      "Set ID|Patient ID (before v2.3.1)|Patient identifier list (患者番号)|Alternate patient ID|Name (氏名)|Mother's maiden name|Date of birth|Sex|Alias|Race|Address|County code|Phone, home|Phone, business|Primary language|Marital status|Religion|Account number|Social security number|Driver's license|Mother's identifier|Ethnic group|Birth place|Multiple birth|Birth order|Citizenship|Veterans military status|Nationality|Death time|Death indicator|Identity unknown|Identity reliability|Last update|Last update facility|Species|Breed|Strain|Production class|Tribal citizenship|Telecommunication (v2.7)",
    to: { 3: '*.subject *.patient *.beneficiary Appointment.participant.actor' },
    dropped: { 1: COUNTER, 19: 'Looked at for a My Number only: with one the message is refused.' },
    otherwise: { kept: OF_FAMILY },
  },
  {
    segment: 'PD1',
    names:
      'Living dependency|Living arrangement|Primary facility|Primary care provider|Student indicator|Handicap|Living will|Organ donor|Separate bill|Duplicate patient|Publicity code|Protection indicator|Protection effective date|Place of worship|Advance directive|Registry status|Registry status date|Publicity code date|Military branch|Military rank|Military status',
    otherwise: { kept: OF_FAMILY },
  },
  {
    segment: 'NK1',
    names:
      "Set ID|Name|Relationship|Address|Phone|Business phone|Contact role|Start date|End date|Job title|Job code|Employee number|Organization|Marital status|Sex|Date of birth|Living dependency|Ambulatory status|Citizenship|Primary language|Living arrangement|Publicity code|Protection indicator|Student indicator|Religion|Mother's maiden name|Nationality|Ethnic group|Contact reason|Contact person's name|Contact person's phone|Contact person's address|Identifiers|Job status|Race|Handicap|Social security number|Birth place|VIP indicator|Telecommunication (v2.7)|Contact's telecommunication (v2.7)",
    dropped: { 1: COUNTER },
    otherwise: { kept: 'Who belongs to a child is said by the family, for it decides who may see the record.' },
  },
  {
    segment: 'DB1',
    names:
      'Set ID|Disabled person|Identifier|Disability indicator|Start date|End date|Return to work|Unable to work since',
    dropped: { 1: COUNTER },
    otherwise: { kept: OF_FAMILY },
  },
  {
    segment: 'MRG',
    names:
      'Prior patient identifiers|Prior alternate patient ID|Prior account number|Prior patient ID|Prior visit number|Prior alternate visit ID|Prior name',
    otherwise: {
      kept: 'Numbers are joined by linking a facility, never by a message: a person looks at it (ADT^A40).',
    },
  },
  {
    segment: 'PV1',
    names:
      'Set ID|Patient class|Assigned location (病棟・病室・病床、診療科)|Admission type|Preadmit number|Prior location|Attending doctor (主治医)|Referring doctor|Consulting doctor|Hospital service (診療科)|Temporary location|Preadmit test|Re-admission|Admit source|Ambulatory status|VIP indicator|Admitting doctor (入院時医師)|Patient type|Visit number|Financial class|Charge price|Courtesy code|Credit rating|Contract code|Contract effective date|Contract amount|Contract period|Interest code|Transfer to bad debt|Transfer date|Bad debt agency|Bad debt transfer amount|Bad debt recovery amount|Delete account|Delete account date|Discharge disposition (退院区分)|Discharged to|Diet type|Servicing facility|Bed status|Account status|Pending location|Prior temporary location|Admit time (入院日時)|Discharge time (退院日時)|Current balance|Total charges|Total adjustments|Total payments|Alternate visit ID|Visit indicator|Other healthcare provider|Service episode description (v2.8)|Service episode identifier (v2.8)',
    to: {
      2: 'Encounter.class',
      3: 'Encounter.location.location.display Encounter.serviceType',
      4: 'Encounter.priority',
      6: 'Encounter.location',
      7: 'Encounter.participant(ATND).individual.display',
      8: 'Encounter.participant(REF).individual.display',
      9: 'Encounter.participant(CON).individual.display',
      10: 'Encounter.serviceType',
      13: 'Encounter.hospitalization.reAdmission',
      14: 'Encounter.hospitalization.admitSource',
      17: 'Encounter.participant(ADM).individual.display',
      19: 'Encounter.identifier',
      36: 'Encounter.hospitalization.dischargeDisposition',
      42: 'Encounter.location',
      44: 'Encounter.period.start Encounter.identifier',
      45: 'Encounter.period.end',
    },
    dropped: { 1: COUNTER },
    otherwise: { kept: RARE },
  },
  {
    segment: 'PV2',
    names:
      'Prior pending location|Accommodation|Admit reason|Transfer reason|Patient valuables|Valuables location|Visit user code|Expected admit time (予定入院日時)|Expected discharge time (予定退院日時)|Estimated length of stay|Actual length of stay|Visit description|Referral source|Previous service date|Employment illness|Purge status|Purge date|Special program|Retention|Expected insurance plans|Visit publicity|Visit protection|Clinic organization|Patient status|Visit priority|Previous treatment date|Expected discharge disposition|Signature date|First similar illness|Charge adjustment|Recurring service|Billing media|Expected surgery|Military partnership|Military availability|Newborn baby|Baby detained|Mode of arrival|Drug use|Level of care|Precaution|Patient condition|Living will|Organ donor|Advance directive|Status effective date|Expected return time (予定帰院日時)|Expected pre-admission testing|Notify clergy',
    to: {
      3: 'Encounter.reasonCode',
      8: 'Encounter.period.start Encounter.location.period.start Encounter.identifier',
      9: 'Encounter.period.end Encounter.location.period.end',
      47: 'Encounter.location.period.end',
    },
    otherwise: { kept: RARE },
  },
  {
    segment: 'AL1',
    names: 'Set ID|Allergen type|Allergen|Severity|Reaction|Identification date',
    to: {
      2: 'AllergyIntolerance.category',
      3: 'AllergyIntolerance.code AllergyIntolerance.identifier',
      4: 'AllergyIntolerance.reaction.severity',
      5: 'AllergyIntolerance.reaction.manifestation',
      6: 'AllergyIntolerance.onsetDateTime',
    },
    otherwise: { dropped: COUNTER },
  },
  {
    segment: 'IAM',
    names:
      'Set ID|Allergen type (アレルゲン分類)|Allergen (アレルゲン情報)|Severity (重症度)|Reaction (反応情報)|Action code|Unique identifier|Action reason|Sensitivity (感受性)|Allergen group|Onset date (発症日)|Onset text (発症時期)|Reported time (情報提供日時)|Reported by (情報提供者)|Relationship of the reporter|Alert device|Clinical status (臨床確認状況)|Statused by person (確認者)|Statused by organization|Statused at',
    to: {
      2: 'AllergyIntolerance.category AllergyIntolerance.criticality',
      3: 'AllergyIntolerance.code AllergyIntolerance.identifier',
      4: 'AllergyIntolerance.reaction.severity',
      5: 'AllergyIntolerance.reaction.manifestation',
      6: 'AllergyIntolerance.verificationStatus',
      7: 'AllergyIntolerance.identifier',
      8: 'AllergyIntolerance.note',
      9: 'AllergyIntolerance.type',
      11: 'AllergyIntolerance.onsetDateTime',
      12: 'AllergyIntolerance.onsetString',
      13: 'AllergyIntolerance.recordedDate',
      14: 'AllergyIntolerance.asserter.display',
      17: 'AllergyIntolerance.verificationStatus AllergyIntolerance.clinicalStatus',
      18: 'AllergyIntolerance.recorder.display',
    },
    dropped: { 1: COUNTER },
    otherwise: { kept: RARE },
  },
  {
    segment: 'PRB',
    names:
      'Action code|Action time|Problem (病名)|Problem instance ID|Episode of care|List priority|Established (病名設定日)|Anticipated resolution|Actual resolution (転帰日)|Classification (ICD-10, 診療区分)|Management discipline|Persistence|Confirmation status|Life cycle status (転帰)|Life cycle status date|Onset (発症日)|Onset text|Ranking (主診断)|Certainty|Probability|Individual awareness|Prognosis|Awareness of prognosis|Family awareness|Security',
    to: {
      1: 'Condition.verificationStatus',
      3: 'Condition.code',
      4: 'Condition.identifier',
      7: 'Condition.recordedDate',
      9: 'Condition.abatementDateTime Condition.clinicalStatus',
      10: 'Condition.code Condition.category',
      13: 'Condition.verificationStatus',
      14: 'Condition.clinicalStatus Condition.extension(JP_Condition_DiseaseOutcome)',
      15: 'Condition.abatementDateTime',
      16: 'Condition.onsetDateTime',
      17: 'Condition.note',
      18: 'Condition.category',
    },
    kept: { 25: 'Who may see what is decided here by the family and by the labels of this server, not by a sender.' },
    otherwise: { kept: RARE },
  },
  {
    segment: 'ZPR',
    names:
      'Modifiers before, key number (修飾語管理番号・接頭語)|Disease, key number (病名管理番号)|Modifiers behind, key number (接尾語)|Modifiers before, exchange code (修飾語交換用コード・接頭語)|Disease, exchange code (病名交換用コード)|Modifiers behind, exchange code (接尾語)|Comment',
    to: {
      1: 'Condition.code.extension(JP_Condition_DiseasePrefixModifier)',
      2: 'Condition.code.text',
      3: 'Condition.code.extension(JP_Condition_DiseasePostfixModifier)',
      4: 'Condition.code.extension(JP_Condition_DiseasePrefixModifier)',
      5: 'Condition.code.coding',
      6: 'Condition.code.extension(JP_Condition_DiseasePostfixModifier)',
      7: 'Condition.note',
    },
    otherwise: { kept: RARE },
  },
  {
    segment: 'IN1',
    names: insurance,
    to: {
      ...coverage,
      8: 'Coverage.class.value',
      9: 'Coverage.class.name',
      36: 'Coverage.subscriberId',
      49: 'Coverage.subscriberId',
    },
    dropped: { 1: COUNTER },
    otherwise: { kept: money },
  },
  {
    segment: 'ZI1',
    names: insurance.split('|').slice(0, 20).join('|').concat('|Benefit rate (給付率)'),
    to: coverage,
    dropped: { 1: COUNTER },
    otherwise: { kept: money },
  },
  {
    segment: 'IN2',
    names: Array.from({ length: 72 }, (_, n) => `Additional insurance information, field ${n + 1}`).join('|'),
    otherwise: { kept: money },
  },
  {
    segment: 'GT1',
    names: Array.from({ length: 57 }, (_, n) => `Guarantor, field ${n + 1}`).join('|'),
    otherwise: { kept: 'Who pays, who is another person than the patient.' },
  },
];
