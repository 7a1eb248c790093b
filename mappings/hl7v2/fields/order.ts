// Fields of the segments of orders and results. HL7 v2.5 chapters 4 and 7; SS-MIX2 2.1 (ZE1, ZE2).

import { COUNTER, RARE, type SegmentFields, TRANSPORT } from './segment.ts';

const orders =
  'MedicationRequest Immunization MedicationAdministration ServiceRequest Procedure NutritionOrder DiagnosticReport';
const each = (element: string): string =>
  orders
    .split(' ')
    .map((type) => `${type}.${element}`)
    .join(' ');

export const orderFields: readonly SegmentFields[] = [
  {
    segment: 'ORC',
    names:
      "Order control|Placer order number (オーダ番号)|Filler order number|Placer group number (RP番号)|Order status|Response flag|Quantity/timing|Parent (親オーダ)|Time of transaction|Entered by (入力者)|Verified by|Ordering provider (依頼者)|Enterer's location|Call back phone|Order effective time|Order control reason|Entering organization (診療科)|Entering device|Action by|Advanced beneficiary notice|Ordering facility name|Ordering facility address|Ordering facility phone|Ordering provider address|Order status modifier|Notice override reason|Filler's expected availability|Confidentiality|Order type (入外区分)|Enterer authorization mode|Parent universal service",
    to: {
      1: each('status'),
      2: each('identifier'),
      3: each('identifier'),
      4: 'MedicationRequest.identifier',
      5: 'MedicationRequest.status ServiceRequest.status',
      8: 'ServiceRequest.basedOn.identifier Procedure.partOf.identifier',
      9: 'MedicationRequest.authoredOn ServiceRequest.authoredOn NutritionOrder.dateTime',
      10: 'MedicationRequest.recorder.display',
      12: 'MedicationRequest.requester.display ServiceRequest.requester.display NutritionOrder.orderer.display Immunization.performer(OP).actor.display Condition.recorder.display',
      16: 'ServiceRequest.reasonCode',
      21: 'Observation.performer.display Encounter.serviceProvider.display',
    },
    otherwise: { kept: 'Where and how the order was entered; readable in the original.' },
  },
  {
    segment: 'TQ1',
    names:
      'Set ID|Quantity|Repeat pattern (用法)|Explicit time|Relative time and units|Service duration (日数)|Start (開始日時)|End (終了日時)|Priority|Condition text|Text instruction|Conjunction|Occurrence duration|Total occurrences',
    to: {
      3: 'MedicationRequest.dosageInstruction.timing.code',
      6: 'MedicationRequest.dosageInstruction.timing.repeat.boundsDuration MedicationRequest.dispenseRequest.expectedSupplyDuration',
      7: 'MedicationRequest.dosageInstruction.extension(JP_MedicationDosage_PeriodOfUse) ServiceRequest.occurrenceDateTime NutritionOrder.oralDiet.schedule Appointment.start',
      8: 'MedicationRequest.dosageInstruction.timing.repeat.boundsPeriod ServiceRequest.occurrencePeriod NutritionOrder.oralDiet.schedule Appointment.end',
      9: 'ServiceRequest.priority',
      11: 'MedicationRequest.dosageInstruction.patientInstruction',
    },
    dropped: { 1: COUNTER },
    otherwise: { kept: RARE },
  },
  {
    segment: 'RXE',
    names:
      "Quantity/timing|Give code (薬品、注射種別)|Give amount, minimum (1回量)|Give amount, maximum|Give units|Give dosage form (剤形)|Administration instructions|Deliver-to location|Substitution status|Dispense amount (全量)|Dispense units|Number of refills|Orderer's DEA number|Pharmacist's verifier ID|Prescription number (処方箋番号)|Refills remaining|Refills dispensed|Most recent refill|Total daily dose (1日量)|Needs human review|Special dispensing instructions (処方区分)|Give per (time unit)|Give rate amount|Give rate units|Give strength|Give strength units|Give indication|Dispense package size|Dispense package size unit|Dispense package method|Supplementary code|Original order time|Give drug strength volume|Give drug strength volume units|Controlled substance schedule|Formulary status|Pharmaceutical substance alternative|Pharmacy of most recent fill|Initial dispense amount|Dispensing pharmacy|Dispensing pharmacy address|Deliver-to patient location|Deliver-to address|Pharmacy order type",
    to: {
      2: 'MedicationRequest.medicationCodeableConcept MedicationRequest.category Immunization',
      3: 'MedicationRequest.dosageInstruction.doseAndRate.doseQuantity',
      5: 'MedicationRequest.dosageInstruction.doseAndRate.doseQuantity',
      7: 'MedicationRequest.dosageInstruction.additionalInstruction',
      10: 'MedicationRequest.dispenseRequest.quantity',
      11: 'MedicationRequest.dispenseRequest.quantity',
      12: 'MedicationRequest.dispenseRequest.numberOfRepeatsAllowed',
      15: 'MedicationRequest.groupIdentifier',
      19: 'MedicationRequest.dosageInstruction.doseAndRate.rateRatio',
      21: 'MedicationRequest.category',
      23: 'MedicationRequest.dosageInstruction.doseAndRate.rateQuantity',
      24: 'MedicationRequest.dosageInstruction.doseAndRate.rateQuantity',
      31: 'MedicationRequest.medicationCodeableConcept.coding',
      32: 'MedicationRequest.authoredOn',
    },
    kept: { 6: 'The form is part of what the drug code says; R4 has no place for it beside a code.' },
    otherwise: { kept: RARE },
  },
  {
    segment: 'RXO',
    names:
      "Requested give code|Requested give amount, minimum|Requested give amount, maximum|Requested give units|Requested dosage form|Pharmacy instructions|Administration instructions|Deliver-to location|Allow substitutions|Requested dispense code|Requested dispense amount|Requested dispense units|Number of refills|Orderer's DEA number|Pharmacist's verifier ID|Needs human review|Requested give per|Requested give strength|Requested give strength units|Indication|Requested give rate amount|Requested give rate units|Total daily dose|Supplementary code|Requested drug strength volume|Requested drug strength volume units|Pharmacy order type|Dispensing interval",
    to: {
      1: 'MedicationRequest.medicationCodeableConcept',
      2: 'MedicationRequest.dosageInstruction.doseAndRate.doseQuantity',
      4: 'MedicationRequest.dosageInstruction.doseAndRate.doseQuantity',
      6: 'MedicationRequest.dosageInstruction.additionalInstruction',
      11: 'MedicationRequest.dispenseRequest.quantity',
      12: 'MedicationRequest.dispenseRequest.quantity',
      13: 'MedicationRequest.dispenseRequest.numberOfRepeatsAllowed',
    },
    otherwise: { kept: RARE },
  },
  {
    segment: 'RXR',
    names: 'Route (経路)|Site (部位)|Administration device|Administration method|Routing instruction|Site modifier',
    to: {
      1: 'MedicationRequest.dosageInstruction.route MedicationAdministration.dosage.route Immunization.route',
      2: 'MedicationRequest.dosageInstruction.site MedicationAdministration.dosage.site Immunization.site',
      3: 'MedicationAdministration.device.display',
      4: 'MedicationRequest.dosageInstruction.method MedicationAdministration.dosage.method',
    },
    otherwise: { kept: RARE },
  },
  {
    segment: 'RXC',
    names:
      'Component type|Component (薬品)|Amount|Units|Strength|Strength units|Supplementary code|Drug strength volume|Drug strength volume units',
    to: {
      2: 'MedicationRequest.contained(Medication).ingredient.itemCodeableConcept',
      3: 'MedicationRequest.contained(Medication).ingredient.strength',
      4: 'MedicationRequest.contained(Medication).ingredient.strength',
    },
    otherwise: { kept: RARE },
  },
  {
    segment: 'RXA',
    names:
      'Give sub-ID|Administration sub-ID|Start (投薬開始日時)|End (投薬終了日時)|Administered code (薬品)|Administered amount|Administered units|Dosage form|Administration notes|Administering provider (投薬者)|Administered-at location|Administered per (time unit)|Strength|Strength units|Lot number|Expiration date|Manufacturer|Refusal reason|Indication|Completion status|Action code|System entry time|Strength volume|Strength volume units|Barcode identifier|Pharmacy order type|Administer-at (v2.6)|Administered-at address (v2.6)',
    to: {
      3: 'Immunization.occurrenceDateTime MedicationAdministration.effectivePeriod.start',
      4: 'MedicationAdministration.effectivePeriod.end',
      5: 'Immunization.vaccineCode MedicationAdministration.medicationCodeableConcept',
      6: 'Immunization.doseQuantity MedicationAdministration.dosage.dose',
      7: 'Immunization.doseQuantity MedicationAdministration.dosage.dose',
      9: 'Immunization.primarySource Immunization.reportOrigin Immunization.note Immunization.protocolApplied MedicationAdministration.note',
      10: 'Immunization.performer(AP).actor.display MedicationAdministration.performer.actor.display',
      11: 'Immunization.location.display',
      12: 'MedicationAdministration.dosage.text',
      15: 'Immunization.lotNumber',
      16: 'Immunization.expirationDate',
      17: 'Immunization.manufacturer',
      18: 'Immunization.statusReason MedicationAdministration.statusReason',
      20: 'Immunization.status MedicationAdministration.status Immunization.isSubpotent',
      21: 'Immunization.status MedicationAdministration.status',
      22: 'Immunization.recorded',
      27: 'Immunization.location.display',
    },
    dropped: { 1: COUNTER, 2: COUNTER },
    otherwise: { kept: RARE },
  },
  {
    segment: 'OBR',
    names:
      "Set ID|Placer order number (オーダ番号)|Filler order number|Universal service (検査項目)|Priority|Requested time|Observation time (検査・採取日時)|Observation end time|Collection volume|Collector|Specimen action code|Danger code|Relevant clinical information|Specimen received|Specimen source|Ordering provider (依頼者)|Order callback phone|Placer field 1|Placer field 2|Filler field 1|Filler field 2|Results reported (結果報告日時)|Charge to practice|Diagnostic service section|Result status|Parent result|Quantity/timing|Result copies to|Parent|Transportation mode|Reason for study|Principal result interpreter|Assistant result interpreter|Technician|Transcriptionist|Scheduled time|Number of sample containers|Transport logistics|Collector's comment|Transport arrangement responsibility|Transport arranged|Escort required|Planned patient transport comment|Procedure code|Procedure code modifier|Placer supplemental information|Filler supplemental information|Medically necessary duplicate|Result handling",
    to: {
      2: 'DiagnosticReport.identifier ServiceRequest.identifier Procedure.identifier Observation.identifier',
      3: 'DiagnosticReport.identifier ServiceRequest.identifier Procedure.identifier',
      4: 'DiagnosticReport.code ServiceRequest.code Procedure.code',
      5: 'ServiceRequest.priority',
      7: 'DiagnosticReport.effectiveDateTime Observation.effectiveDateTime Procedure.performedDateTime',
      8: 'DiagnosticReport.effectivePeriod.end Procedure.performedPeriod.end',
      13: 'ServiceRequest.note Procedure.note',
      16: 'ServiceRequest.requester.display',
      22: 'DiagnosticReport.issued Observation.issued',
      24: 'DiagnosticReport.category',
      25: 'DiagnosticReport.status',
      27: 'ServiceRequest.priority',
      29: 'ServiceRequest.basedOn.identifier Procedure.partOf.identifier',
      31: 'ServiceRequest.reasonCode Procedure.reasonCode',
      32: 'DiagnosticReport.resultsInterpreter.display',
      36: 'ServiceRequest.occurrenceDateTime',
    },
    dropped: { 1: COUNTER },
    otherwise: { kept: RARE },
  },
  {
    segment: 'OBX',
    names:
      "Set ID|Value type|Observation identifier (検査項目)|Observation sub-ID|Value (結果値)|Units (単位)|Reference range (基準値範囲)|Abnormal flags|Probability|Nature of abnormal test|Result status (結果状態)|Effective date of reference range|User defined access checks|Observation time (検査日時)|Producer's ID|Responsible observer|Observation method|Equipment instance|Analysis time|Observation site (v2.6)|Observation instance (v2.6)|Mood code (v2.6)|Performing organization (v2.6)|Performing organization address (v2.6)|Performing organization medical director (v2.6)|Patient results release category (v2.8)|Root cause (v2.8)|Local process control (v2.8)|Observation type (v2.8.1)|Observation sub-type (v2.8.1)|Action code (v2.9)|Observation value absent reason (v2.9)",
    to: {
      2: 'Observation.value[x]',
      3: 'Observation.code Observation.category Procedure.performer.function',
      4: 'Observation.identifier Immunization.education Immunization.protocolApplied',
      5: 'Observation.value[x] Procedure.performer.actor.display Procedure.usedCode Procedure.performedPeriod Immunization.programEligibility Immunization.fundingSource Immunization.education Immunization.protocolApplied DocumentReference.content.attachment.data',
      6: 'Observation.valueQuantity',
      7: 'Observation.referenceRange',
      8: 'Observation.interpretation',
      11: 'Observation.status',
      14: 'Observation.effectiveDateTime Immunization.reaction.date',
      16: 'Observation.performer.display',
      17: 'Observation.method',
      20: 'Observation.bodySite',
    },
    dropped: { 1: COUNTER },
    otherwise: { kept: RARE },
  },
  {
    segment: 'SPM',
    names:
      'Set ID|Specimen ID|Parent specimens|Specimen type (検体タイプ)|Type modifier|Additives|Collection method|Source site (採取部位)|Source site modifier|Collection site|Specimen role|Collection amount|Grouped specimen count|Description|Handling code|Risk code|Collection time (採取日時)|Received time|Expiration time|Availability|Reject reason|Quality|Appropriateness|Condition|Current quantity|Number of containers|Container type|Container condition|Child role',
    to: {
      2: 'Specimen.identifier Observation.identifier',
      4: 'Specimen.type Observation.specimen.display',
      8: 'Specimen.collection.bodySite',
      17: 'Specimen.collection.collectedDateTime Observation.effectiveDateTime',
      18: 'Specimen.receivedTime',
    },
    dropped: { 1: COUNTER },
    otherwise: { kept: RARE },
  },
  {
    segment: 'NTE',
    names:
      'Set ID|Source|Comment|Comment type|Entered by (v2.6)|Entered at (v2.6)|Effective start (v2.6)|Expiration (v2.6)',
    to: {
      3: 'Observation.note MedicationRequest.note ServiceRequest.note Procedure.note NutritionOrder.note Immunization.note Appointment.comment',
    },
    dropped: { 1: COUNTER },
    otherwise: { kept: RARE },
  },
  {
    segment: 'ODS',
    names: 'Type|Service period (食事時期)|Diet, supplement or preference (食種)|Text instruction',
    to: {
      1: 'NutritionOrder.oralDiet NutritionOrder.supplement',
      2: 'NutritionOrder.oralDiet.instruction',
      3: 'NutritionOrder.oralDiet.type NutritionOrder.supplement.type',
      4: 'NutritionOrder.oralDiet.instruction',
    },
    otherwise: { kept: RARE },
  },
  {
    segment: 'ODT',
    names: 'Tray type|Service period|Text instruction',
    to: { 2: 'NutritionOrder.oralDiet.instruction', 3: 'NutritionOrder.oralDiet.instruction' },
    otherwise: { kept: RARE },
  },
  {
    segment: 'IPC',
    names:
      'Accession identifier|Requested procedure ID|Study instance UID|Scheduled procedure step ID|Modality|Protocol code|Scheduled station name|Scheduled procedure step location|Scheduled AE title',
    to: { 1: 'Procedure.identifier', 3: 'Procedure.identifier' },
    otherwise: { kept: 'For finding pictures in the hospital; the two numbers that do it are taken over.' },
  },
  {
    segment: 'ZE1',
    names: 'Set ID|Kind of item (明細区分)|Item done (実施項目)|Amount (数量)|Unit (単位)',
    to: { 3: 'Procedure.note' },
    dropped: { 1: COUNTER },
    otherwise: { kept: 'Accounting of an examination; readable in the original.' },
  },
  {
    segment: 'ZE2',
    names: Array.from({ length: 20 }, (_, n) => `Details of an exposure, field ${n + 1} (撮影条件)`).join('|'),
    otherwise: { kept: 'How an apparatus was set; readable in the original.' },
  },
  {
    segment: 'CTI',
    names: 'Sponsor study ID|Study phase|Study time point',
    otherwise: { kept: 'A clinical trial is no matter of this record.' },
  },
  {
    segment: 'PRT',
    names: Array.from({ length: 22 }, (_, n) => `Participation (v2.7), field ${n + 1}`).join('|'),
    otherwise: { kept: RARE },
  },
  {
    segment: 'SFT',
    names: 'Vendor|Version|Product|Binary ID|Product information|Install date',
    otherwise: { dropped: TRANSPORT },
  },
];
