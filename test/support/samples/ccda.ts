// A C-CDA document about an invented child, with one of everything the mapping reads, as pieces that a test may change.

const T = '2.16.840.1.113883.10.20.22.4.';
const SNOMED = '2.16.840.1.113883.6.96';
const LOINC = '2.16.840.1.113883.6.1';

const template = (number: number): string => `<templateId root="${T}${number}"/>`;
const snomed = (code: string, displayName: string): string =>
  `<value xsi:type="CD" code="${code}" displayName="${displayName}" codeSystem="${SNOMED}"/>`;
const author = (time: string): string =>
  `<author><time value="${time}"/><assignedAuthor><id root="2.999.5" extension="D1"/><assignedPerson><name><family>医師</family><given>一郎</given></name></assignedPerson></assignedAuthor></author>`;

/** A dose, with what stands inside the statement and its attributes. */
export const dose = (more = '', attributes = 'moodCode="EVN" negationInd="false"', id = 'dose-1'): string =>
  `<substanceAdministration classCode="SBADM" ${attributes}>${template(52)}<id root="2.999.3" extension="${id}"/>
  <statusCode code="completed"/><effectiveTime value="20260910"/>
  <routeCode code="C38299" codeSystem="2.16.840.1.113883.3.26.1.1" displayName="Subcutaneous"/>
  <approachSiteCode code="368208006" codeSystem="${SNOMED}" displayName="Left upper arm"/>
  <doseQuantity value="0.50" unit="mL"/>
  <consumable><manufacturedProduct>${template(54)}<manufacturedMaterial>
    <code code="04" codeSystem="2.16.840.1.113883.12.292" displayName="M/R"><originalText><reference value="#imm"/></originalText></code>
    <lotNumberText>LOT-7</lotNumberText></manufacturedMaterial>
    <manufacturerOrganization><name>試験製薬</name></manufacturerOrganization></manufacturedProduct></consumable>
  <performer><assignedEntity><id root="2.999.5" extension="N1"/><assignedPerson><name>看護 花</name></assignedPerson>
    <representedOrganization><id root="2.999.6"/><name>見本医院</name></representedOrganization></assignedEntity></performer>
  ${author('202609101015+0900')}
  <entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN">${template(46)}<value xsi:type="INT" value="2"/></observation></entryRelationship>
  <entryRelationship typeCode="SUBJ"><act classCode="ACT" moodCode="EVN">${template(64)}<text>泣かなかった</text></act></entryRelationship>
  ${more}</substanceAdministration>`;

export const allergy = `<act classCode="ACT" moodCode="EVN">${template(30)}<id root="2.999.3" extension="concern-1"/><statusCode code="active"/>
  <entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN">${template(7)}<id root="2.999.3" extension="allergy-1"/>
  <statusCode code="completed"/><effectiveTime><low value="20260801"/></effectiveTime>${snomed('414285001', 'Allergy to food')}
  ${author('20260802')}
  <participant typeCode="CSM"><participantRole><playingEntity><code code="102263004" displayName="Eggs" codeSystem="${SNOMED}"/></playingEntity></participantRole></participant>
  <entryRelationship typeCode="MFST" inversionInd="true"><observation classCode="OBS" moodCode="EVN">${template(9)}<effectiveTime value="20260801"/>${snomed('247472004', 'Hives')}
    <entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN">${template(8)}${snomed('6736007', 'Moderate')}</observation></entryRelationship></observation></entryRelationship>
  <entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN">${template(145)}<value xsi:type="CD" code="CRITL" codeSystem="2.16.840.1.113883.5.1063"/></observation></entryRelationship>
  </observation></entryRelationship></act>`;

export const noKnownAllergy = `<act classCode="ACT" moodCode="EVN">${template(30)}<statusCode code="active"/>
  <entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN" negationInd="true">${template(7)}<id root="2.999.3" extension="allergy-0"/>
  <statusCode code="completed"/>${snomed('419199007', 'Allergy to substance')}
  <participant typeCode="CSM"><participantRole><playingEntity><code nullFlavor="NA"/></playingEntity></participantRole></participant>
  </observation></entryRelationship></act>`;

export const problem = `<act classCode="ACT" moodCode="EVN">${template(3)}<statusCode code="completed"/>
  <entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN">${template(4)}<id root="2.999.3" extension="problem-1"/>
  <statusCode code="completed"/><effectiveTime><low value="20260701"/><high value="20260708"/></effectiveTime>${snomed('49727002', 'Cough')}
  </observation></entryRelationship></act>`;

export const medication = `<substanceAdministration classCode="SBADM" moodCode="EVN">${template(16)}<id root="2.999.3" extension="drug-1"/>
  <text><reference value="#drug"/></text><statusCode code="active"/>
  <effectiveTime xsi:type="IVL_TS"><low value="20260901"/><high value="20260905"/></effectiveTime>
  <effectiveTime xsi:type="PIVL_TS" operator="A"><period value="8" unit="h"/></effectiveTime>
  <doseQuantity value="3.050" unit="mL"/>
  <consumable><manufacturedProduct>${template(23)}<manufacturedMaterial><code nullFlavor="UNK"><originalText>試験シロップ</originalText></code></manufacturedMaterial></manufacturedProduct></consumable>
  <entryRelationship typeCode="RSON"><observation classCode="OBS" moodCode="EVN">${template(19)}${snomed('386661006', 'Fever')}</observation></entryRelationship>
  <precondition typeCode="PRCN"><criterion><value xsi:type="CD" code="386661006" displayName="Fever" codeSystem="${SNOMED}"/></criterion></precondition>
  </substanceAdministration>`;

/** `value` is the whole element. */
export const result = (value: string, more = '', id = 'result-1'): string =>
  `<organizer classCode="BATTERY" moodCode="EVN">${template(1)}<id root="2.999.3" extension="panel-${id}"/>
  <code code="24323-8" codeSystem="${LOINC}" displayName="Panel"/><statusCode code="completed"/>
  <component><observation classCode="OBS" moodCode="EVN" ${more}>${template(2)}<id root="2.999.3" extension="${id}"/>
  <code code="718-7" codeSystem="${LOINC}" displayName="Hemoglobin"/><statusCode code="completed"/><effectiveTime value="20260910093000+0900"/>
  ${value}<interpretationCode code="N" codeSystem="2.16.840.1.113883.5.83"/>
  <referenceRange><observationRange><value xsi:type="IVL_PQ"><low value="10.5" unit="g/dL"/><high value="14.0" unit="g/dL"/></value></observationRange></referenceRange>
  </observation></component></organizer>`;

export const quantityValue = '<value xsi:type="PQ" value="12.30" unit="g/dL"/>';

const vitalSign = `<organizer classCode="CLUSTER" moodCode="EVN">${template(26)}<statusCode code="completed"/>
  <component><observation classCode="OBS" moodCode="EVN">${template(27)}<id root="2.999.3" extension="weight-1"/>
  <code code="29463-7" codeSystem="${LOINC}" displayName="Body weight"/><statusCode code="completed"/><effectiveTime value="20260910"/>
  <value xsi:type="PQ" value="4.2" unit="kg"/></observation></component></organizer>`;

export const procedure = `<procedure classCode="PROC" moodCode="EVN">${template(14)}<id root="2.999.3" extension="procedure-1"/>
  <code code="113091000" displayName="MRI" codeSystem="${SNOMED}"/><statusCode code="completed"/>
  <effectiveTime><low value="20260902"/><high value="20260903"/></effectiveTime>
  <targetSiteCode code="69536005" displayName="Head" codeSystem="${SNOMED}"/></procedure>`;

export const encounter = `<encounter classCode="ENC" moodCode="EVN">${template(49)}<id root="2.999.3" extension="visit-1"/>
  <code code="410620009" displayName="Well child visit" codeSystem="${SNOMED}"><translation code="AMB" codeSystem="2.16.840.1.113883.5.4"/></code>
  <effectiveTime value="20260910"/>
  <participant typeCode="LOC"><participantRole><playingEntity><name>見本医院 小児科</name></playingEntity></participantRole></participant>
  <entryRelationship typeCode="SUBJ"><act classCode="ACT" moodCode="EVN">${template(80)}
    <entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN">${template(4)}<id root="2.999.3" extension="diagnosis-1"/>
    <statusCode code="completed"/><effectiveTime><low value="20260910"/></effectiveTime>${snomed('49727002', 'Cough')}</observation></entryRelationship></act></entryRelationship>
  </encounter>`;

export const section = (code: string, entries: readonly string[], more = ''): string =>
  `<component><section><code code="${code}" codeSystem="${LOINC}"/><title>節</title>
  <text><table><tbody><tr><td ID="imm">MRワクチン</td><td ID="drug">1日3回 毎食後</td></tr></tbody></table></text>${more}
  ${entries.map((entry) => `<entry typeCode="DRIV">${entry}</entry>`).join('')}</section></component>`;

export type Head = { id?: string; setId?: string; time?: string; patient?: string; more?: string };

/** A document of these sections. */
export function ccda(sections: readonly string[], head: Head = {}): Uint8Array {
  const { id = 'doc-1', time = '20260910120000+0900', more = '' } = head;
  const {
    patient = '<recordTarget><patientRole><id root="2.999.1" extension="000123"/><patient><name>試験 花子</name></patient></patientRole></recordTarget>',
  } = head;
  const line = head.setId ? `<setId root="2.999.2" extension="${head.setId}"/><versionNumber value="1"/>` : '';
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<id root="2.999.2" extension="${id}"/><code code="34133-9" codeSystem="${LOINC}" displayName="Summary"/><title>見本の記録</title>
<effectiveTime value="${time}"/><confidentialityCode code="N"/><languageCode code="ja-JP"/>${line}${patient}${more}
<custodian><assignedCustodian><representedCustodianOrganization><id root="2.999.6"/><name>見本医院</name></representedCustodianOrganization></assignedCustodian></custodian>
<component><structuredBody>${sections.join('\n')}</structuredBody></component></ClinicalDocument>`);
}

/** One of everything. */
export const everySection: readonly string[] = [
  section('11369-6', [dose()]),
  section('48765-2', [allergy, noKnownAllergy]),
  section('11450-4', [problem]),
  section('10160-0', [medication]),
  section('30954-2', [result(quantityValue)]),
  section('8716-3', [vitalSign]),
  section('47519-4', [procedure]),
  section('46240-8', [encounter]),
];
