// A specific health check-up report (hc08, CDA R2) made by hand after the public field table: no real one is public.

/** Of an invented woman; `change` edits the XML. */
export function checkupCda(change: (xml: string) => string = (xml) => xml): Uint8Array {
  return Buffer.from(change(report));
}

const item = (code: string, name: string, inside: string, attributes = ''): string =>
  `<observation classCode="OBS" moodCode="EVN"${attributes}><code code="${code}" codeSystem="1.2.392.200119.6.1005" displayName="${name}"/>${inside}</observation>`;
const entry = (observation: string): string => `<entry>${observation}</entry>`;

const report = `<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
<id root="1.2.392.200119.6.105.1310000001" extension="2026000001"/>
<code code="10" codeSystem="1.2.392.200119.6.1001"/>
<title>特定健診結果報告書</title>
<effectiveTime value="20260920"/>
<confidentialityCode code="N"/>
<recordTarget><patientRole>
<id root="1.2.392.200119.6.101" extension="00012345"/><id root="1.2.392.200119.6.204" extension="記号"/><id root="1.2.392.200119.6.205" extension="67890"/>
<addr>東京都千代田区千代田１−１<postalCode>100-0001</postalCode></addr>
<patient><name>シケン ハナコ</name><administrativeGenderCode code="2" codeSystem="1.2.392.200119.6.1104"/><birthTime value="19850401"/></patient>
</patientRole></recordTarget>
<author><time value="20260920"/><assignedAuthor><id nullFlavor="NI"/><representedOrganization><id root="1.2.392.200119.6.102" extension="1310000001"/><name>見本健診センター</name><telecom value="tel:03-0000-0000"/><addr>東京都</addr></representedOrganization></assignedAuthor></author>
<custodian><assignedCustodian><representedCustodianOrganization><id nullFlavor="NI"/></representedCustodianOrganization></assignedCustodian></custodian>
<participant typeCode="HLD"><functionCode code="1" codeSystem="1.2.392.200119.6.208"/><time><high value="20270331"/></time><associatedEntity classCode="IDENT"><id root="1.2.392.200119.6.209.100012345" extension="26100000001"/></associatedEntity></participant>
<documentationOf><serviceEvent><code code="010" codeSystem="1.2.392.200119.6.1002"/><effectiveTime value="20260901"/></serviceEvent></documentationOf>
<component><structuredBody><component><section>
<code code="01010" codeSystem="1.2.392.200119.6.1010" displayName="検査・問診結果セクション"/><title>検査・問診結果</title><text/>
${[
  entry(item('9N001000000000001', '身長', '<value xsi:type="PQ" value="158.20" unit="cm"/>')),
  entry(item('9N006000000000001', '体重', '<value xsi:type="PQ" value="52.0" unit="kg"/>')),
  entry(
    item(
      '3F015000002327101',
      '中性脂肪',
      '<value xsi:type="PQ" value="98" unit="mg/dL"/><interpretationCode code="N" codeSystem="2.16.840.1.113883.5.83"/><methodCode code="3F015000002327101"/><referenceRange><observationRange><value xsi:type="IVL_PQ"><low value="30" unit="mg/dL"/><high value="149" unit="mg/dL"/></value></observationRange></referenceRange>',
    ),
  ),
  entry(
    item(
      '1A020000000191111',
      '尿糖',
      '<value xsi:type="CO" code="1" codeSystem="1.2.392.200119.6.2112" displayName="-"/>',
    ),
  ),
  entry(
    item(
      '9N501000000000011',
      'メタボリックシンドローム判定',
      '<value xsi:type="CD" code="3" codeSystem="1.2.392.200119.6.2501" displayName="非該当"/>',
    ),
  ),
  entry(item('9N511000000000049', '医師の診断', '<value xsi:type="ST">異常なし</value>')),
  entry(item('2A020000001930101', '赤血球数', '<value xsi:type="PQ" nullFlavor="NI"/>')),
  entry(item('9A110160700000011', '心電図', '', ' negationInd="true"')),
  entry(
    item(
      '2A990000000000000',
      '貧血検査',
      `<entryRelationship typeCode="COMP">${item('2A030000001930101', '血色素量', '<value xsi:type="PQ" value="13.1" unit="g/dL"/>')}</entryRelationship><entryRelationship typeCode="RSON">${item('2A020161001930149', '貧血検査の実施理由', '<value xsi:type="ST">既往歴</value>')}</entryRelationship>`,
    ),
  ),
].join('\n')}
</section></component>
<component><section><code code="01990" codeSystem="1.2.392.200119.6.1010"/><title>任意</title><text>試験の所見</text></section></component>
</structuredBody></component></ClinicalDocument>`;

/** The index of the archive such a report comes in (ix08). */
export const checkupIndex = (): Uint8Array =>
  Buffer.from(
    '<?xml version="1.0" encoding="UTF-8"?><index xmlns="https://www.mhlw.go.jp/stf/seisakunitsuite/bunya/0000161103.html"><interactionType code="6"/><creationTime value="20260920"/><totalRecordCount value="1"/></index>',
  );
