// More messages of the invented hospital: one of every kind that is mapped, with most of their fields filled.

import {
  admission,
  birth,
  discharge,
  laboratory,
  message,
  msh,
  pid,
  prescription,
  report,
  vaccination,
} from './hl7v2.ts';

const doctor = '110^医師^一郎^^^^^^^L^^^^^I';
const timed = (type: string, control: string, time: string): string =>
  msh(type, control).replace('20260915101500.000', time);

/** An ADT about the stay V0001 of 9 to 15 July, or about what `pv1` says of it; empty for a field that is not sent. */
export const movement = ({
  event,
  time,
  visit = 'V0001',
  admitted = '20260709160000',
  discharged = '',
  happened = '',
  patientClass = 'I',
  place = '24^201^1^^^N',
  prior = '',
  pv2 = '',
}: {
  event: string;
  time: string;
  visit?: string;
  admitted?: string;
  discharged?: string;
  happened?: string;
  patientClass?: string;
  place?: string;
  prior?: string;
  pv2?: string;
}): string => {
  const fields: string[] = Array(45).fill('');
  Object.assign(fields, {
    0: '0001',
    1: patientClass,
    2: place,
    5: prior,
    6: doctor,
    9: '24',
    12: 'R',
    13: '1^紹介^99XYZ',
    16: doctor,
    18: visit,
    35: discharged ? '01^治癒^99XYZ' : '',
    43: admitted,
    44: discharged,
  });
  return message(
    timed(`ADT^${event}^ADT_A01`, `${event}-${time}`, time),
    `EVN|${event}|${time}||||${happened}|SEND001`,
    pid,
    `PV1|${fields.join('|')}`,
    ...(pv2 ? [pv2] : []),
  );
};

/** ADT^A08 of SS-MIX2 ADT-00: family, disability, measurements, allergies, insurance. */
export const basics = (time = '20260720090000'): string =>
  message(
    timed('ADT^A08^ADT_A01', `basics-${time}`, time),
    `EVN||${time}|||||SEND001`,
    pid,
    'NK1|1|試験^父^^^^^L^I|FTH^父^HL70063|^^^^100-0001^JPN^H^東京都千代田区千代田１−１|^PRN^PH^^^^^^^^^03-0000-0000',
    'PV1|0001|O|09^^^^^C',
    'DB1|1|PT||N',
    'OBX|1|NM|9N006000000000001^体重^JC10||6.350|kg^kg^ISO+|||||F',
    'AL1|1|FA^食物アレルギー^HL70127|1^鶏卵^99XYZ|MO^中等度^HL70128|蕁麻疹~咳|20260701',
    'AL1|2|DA^薬剤アレルギー^HL70127',
    'IN1|1|06^組合^JHSD0001|06139999|試験健康保険組合||||||あいう|１８７|20260710|20270331||||CHD^子^HL70063',
  );

/** PPR^ZD1: one disease with modifiers before and behind, and its insurance. */
export const disease = ({
  action = 'AD',
  outcome = 'N^回復せず^HL70241',
  ended = '',
  time = '20260722090000',
} = {}): string =>
  message(
    timed('PPR^ZD1^PPR_ZD1', `disease-${time}-${action}`, time),
    pid,
    `PRB|${action}|20260722|20061525^気管支炎^MDCDX2|000000000000901|||20260721||${ended}|J40^^I10^O^外来時^JHSD0004||||${outcome}|${ended}|20260720|急性気管支炎の疑い|1^主診断^JHSD0007|||||||V^非常に限定^HL70177`,
    'ZPR|20080001^急性^MDCDX2|20061525^気管支炎^MDCDX2|20080002^の疑い^MDCDX2|4012^急性^MDCDX2|B6AB^気管支炎^MDCDX2|8002^の疑い^MDCDX2|経過観察',
    'ZI1|1|06^組合^JHSD0001|06139999|試験健康保険組合||||||あいう|１８７|20260710|20270331||13||CHD^子^HL70063|20260710|||70',
    `ORC|NW|000000000000901||||||||||${doctor}|||||09^小児科^99XY1`,
  );

/** ADT^A60: an allergy with everything IAM can say. */
export const allergy = ({ action = 'A', clinical = 'C', time = '20260723090000' } = {}): string =>
  message(
    timed('ADT^A60^ADT_A60', `allergy-${time}`, time),
    `EVN||${time}|||||SEND001`,
    pid,
    `IAM|1|DA^薬剤アレルギー^HL70127|620000001^試験抗生剤^HOT9|SV^重度^HL70128|R21^発疹^I10~呼吸困難|${action}^^HL70206|A-77|家族の申告|AL^アレルギー^HL70436||20260701|初回投与時|20260702090000|試験^母^^^^^L^I|MTH^母^HL70063||${clinical}^確認済^HL70438|${doctor}`,
  );

/** RAS^O17: a drug drip, not a vaccination. */
export const drip = ({ control = 'NW', completion = 'CP' } = {}): string =>
  message(
    msh('RAS^O17^RAS_O17', `drip-${control}`),
    pid,
    'PV1|0001|I|24^201^1^^^N',
    'AL1|1|FA^食物アレルギー^HL70127|1^鶏卵^99XYZ',
    `ORC|${control}|000000000000555||1|||||20260710101000|||${doctor}`,
    'RXE||00^一般^JHSI0002|50||ML^ミリリットル^MR9P',
    `RXA|0|1|20260710103000|20260710113000|620007329^試験輸液^HOT9|50|ML^ミリリットル^MR9P||ゆっくり|200^看護^花子||H1||||||拒否^本人拒否^99XYZ||${completion}||20260710114000`,
    'RXR|IV^静脈内^HL70162|LA^左上腕^HL70163|IVP^点滴ポンプ^HL70164|DR^点滴^HL70165',
    'NTE|1||終了時に発赤なし',
  );

/** OMP^O09: a drug order that is not coded yet. */
export const pharmacyOrder = (control = 'NW'): string =>
  message(
    msh('OMP^O09^OMP_O09', `pharmacy-${control}`),
    pid,
    `ORC|${control}|000000000000778||000000000000778_02_001|HD||||20260920103045|058^入力者^花子||${doctor}`,
    'NTE|1||冷所保存',
    'TQ1|1||1013044400000000&内服・経口・１日３回朝昼夕食後&JAMISDP01|||5^d|20260920|20260924|||泣いたら後で',
    'RXO|100000001^試験シロップ^HOT9|3.5||ML^ミリリットル^MR9P||^よく振る^99IC6|||||52.5|ML^ミリリットル^MR9P|1',
    'RXR|PO^口^HL70162',
  );

/** OML^O33: two items of one order of one specimen. */
export const laboratoryOrder = (control = 'NW'): string =>
  message(
    msh('OML^O33^OML_O33', `laboratory-${control}`),
    pid,
    'SPM|1|000000001219002||023^血清^JC10||||^肘静脈^99XYZ|||||||||20260915090000|20260915093000',
    `ORC|${control}|000000000000400|F-400||||||20260915083000|058^入力者^花子||${doctor}||||発熱^発熱^99XYZ`,
    'TQ1|1||||||20260915090000||S^至急^HL70485',
    `OBR|1|000000000000400|F-400|3A010000002327101^総蛋白^JC10||||||||||||${doctor}|||||||||||||||R50^発熱^I10`,
    `ORC|${control}|000000000000400|F-400||||||20260915083000|||${doctor}`,
    'OBR|2|000000000000400|F-400|5C070000002302301^CRP^JC10|||||||||空腹時',
  );

/** OMG^O19: a picture of the chest, whole and part, with the weight told beside it. */
export const imagingOrder = (control = 'NW'): string =>
  message(
    msh('OMG^O19^OMG_O19', `imaging-${control}`),
    pid,
    `ORC|${control}|000000000000500|||||||20260915083000|||${doctor}`,
    'TQ1|1||||||20260916100000|20260916103000|R^^HL70485',
    'OBR||000000000000500||1000000000000000^Ｘ線単純撮影^JJ1017',
    `ORC|PA|000000000000500|||||||20260915083000|||${doctor}`,
    'OBR||000000000000500||1000000000000000^Ｘ線単純撮影^JJ1017',
    'OBX||NM|01-02^体重^JSHR001||6.3|kg^kg^ISO+|||||F',
    `ORC|CH|000000000000501||||||000000000000500|20260915083000|||${doctor}`,
    'OBR||000000000000501||10000002000102000000010000000000^胸部.立位正面^JJ1017|||||||||||||||||||||||||000000000000500||||||20260916100000',
  );

/** OMI^Z23: the same, done. */
export const imagingDone = (control = 'PA'): string =>
  message(
    msh('OMI^Z23^OMI_Z23', `imaged-${control}`),
    pid,
    `ORC|${control}|000000000000500|||||||20260916103000|||${doctor}`,
    'OBR||000000000000500||1000000000000000^Ｘ線単純撮影^JJ1017|||20260916100000|20260916102000|||||泣いて動いた||||||||||||||||||R05^咳^I10',
    'ZE1|1|RS|9000^撮影^99XYZ',
    'OBX|1|XCN|TC-02.EM-01^放射線技師^JSHR||345^試験^技師||||||F',
    'OBX|2|TS|TM-P1^開始時間^JSHR||20260916100500||||||F',
    'OBX|3|TS|TM-P2^終了時間^JSHR||20260916101500||||||F',
    'OBX|4|ZRD|DE-02^薬品^JSHR||100555401^試験造影剤^HOT9^1^AMP&管&MR9P||||||F',
    'OBX|5|CWE|DE-06^器具^JSHR||4953170067938^試験器具^JAN||||||F',
    'OBX|6|TX|MS3-24^所見^JSHR||異常なし||||||F',
    'IPC|A20260916||1.2.392.200036.9999.1||CR^^DCM',
  );

/** ORU^R01 with its specimen behind the result and a report read by a doctor. */
export const physiology = (): string =>
  message(
    msh('ORU^R01^ORU_R01', 'physiology'),
    pid,
    'PV1|0001|O|09^^^^^C',
    `ORC|RE|000000000000600||||||||||${doctor}|||||||||見本病院`,
    'OBR|1|000000000000600|F-600|9A110^標準１２誘導心電図^JC10|||20260915100000|20260915100500||||||||||||||20260915110000||EC|F|||||||' +
      doctor,
    'OBX|1|TX|9A110&IMP^心電図所見^JC10|1|異常なし||||||F|||20260915100000||' +
      doctor +
      '|12^１２誘導^99XYZ|||LA^左腕^99XYZ',
    'NTE|1||自動解析',
  );

/** ORU^R30: vital signs at the bedside. */
export const vitalSigns = (): string =>
  message(
    msh('ORU^R30^ORU_R30', 'vital'),
    pid,
    'OBR|1|||VS^バイタル^99XYZ|||20260710120000',
    'OBX|1|NM|8310-5^体温^LN||36.8|Cel^℃^UCUM|||||F|||20260710120000',
    'OBX|2|NM|8867-4^脈拍^LN||132|/min^回/分^UCUM|||||F|||20260710120000',
  );

/** OMD^O03: breakfast from 10 July, without egg. */
export const meals = (control = 'NW'): string =>
  message(
    msh('OMD^O03^OMD_O03', `meals-${control}`),
    pid,
    `ORC|${control}|000000000000700|||||||20260709170000|||${doctor}`,
    'TQ1|1||||||20260710|20260715',
    'ODS|D|B^朝食^99XYZ|J01^離乳食中期^99XYZ|卵を除く',
    'ODS|S||M1^調乳^99XYZ|',
    'NTE|1||母子同室',
  );

/** SIU: the second dose, in October. */
export const appointment = ({
  event = 'S12',
  filler = 'Booked',
  start = '20261015140000',
  time = '20260920090000',
} = {}): string =>
  message(
    timed(`SIU^${event}^SIU_S12`, `siu-${event}-${time}`, time),
    `SCH|P-1|F-1||||DUE^都合^HL70276|VAC^予防接種^99XYZ|FOLLOWUP^再診^HL70277|15|分|^^^${start}|||||||||||||||${filler}`,
    'NTE|1||母子手帳を持参',
    pid,
    'RGS|1',
    'AIS|1|A|V01^五種混合^99XYZ|20261015140000',
    'AIP|1|A|110^医師^一郎',
    'AIL|1|A|予防接種室^^^見本医院',
  );

/** MDM^T02: a letter of two lines. */
export const letter = (event = 'T02'): string =>
  message(
    msh(`MDM^${event}^MDM_T02`, `letter-${event}`),
    'EVN||20260915120000',
    pid,
    `TXA|1|57133-1^紹介状^LN||20260915113000||20260915114500|||${doctor}|||DOC-1|DOC-0|||紹介状|AU||AV`,
    'OBX|1|TX|57133-1^紹介状^LN||お世話になります||||||F',
    'OBX|2|TX|57133-1^紹介状^LN||発熱の精査をお願いします||||||F',
  );

/** RSP^K11 (Z42): a history of two doses, the second combined, with what stands beside them. */
export const history = (): string =>
  message(
    'MSH|^~\\&|IIS|STATE|GW|RCV|20261001090000-0500||RSP^K11^RSP_K11|RSP-1|P|2.5.1|||NE|NE|||||Z42^CDCPHINVS',
    'MSA|AA|Q-1',
    'QAK|Q-1|OK|Z44^Request Evaluated History^CDCPHINVS',
    'PID|1||0000012345^^^SITE&2.999.1&ISO^MR||TEST^HANA||20260710|F',
    'ORC|RE||9001^IIS|||||||||^DOCTOR^TEST',
    'RXA|0|1|20260910||08^Hep B^CVX|0.5|mL^mL^UCUM||00^new^NIP001|^NURSE^TEST|^^^CLINIC||||L-1|20280101|MSD^Maker^MVX|||PA|A|20260911',
    'RXR|IM^Intramuscular^HL70162|LT^Left thigh^HL70163',
    'OBX|1|CE|64994-7^Eligibility^LN|1|V01^Not eligible^HL70064||||||F',
    'OBX|2|CE|30963-3^Funding^LN|1|PHC70^Private^CDCPHINVS||||||F',
    'OBX|3|CE|69764-9^Document^LN|2|V1^Hep B VIS^cdcgs1vis||||||F',
    'OBX|4|DT|29769-7^Presented^LN|2|20260910||||||F',
    'OBX|5|CE|31044-1^Reaction^LN|3|VXC12^fever^CDCPHINVS||||||F|||20260911',
    'NTE|1||cried',
    'ORC|RE||9002^IIS',
    'RXA|0|1|20260915||110^DTaP-HepB-IPV^CVX|999|||01^historical^NIP0001|||||||||||CP|A',
    'OBX|6|CE|30956-7^Vaccine type^LN|1|20^DTaP^CVX||||||F',
    'OBX|7|NM|30973-2^Dose number^LN|1|1||||||F',
    'OBX|8|NM|59782-3^Doses^LN|1|5||||||F',
    'OBX|9|CE|30956-7^Vaccine type^LN|2|08^Hep B^CVX||||||F',
    'OBX|10|NM|30973-2^Dose number^LN|2|2||||||F',
    'ORC|RE||9999^IIS',
    'RXA|0|1|20261001||998^No vaccine administered^CVX|999||||||||||||||NA',
    'OBX|11|DT|30980-7^Date due^LN|3|20261101||||||F',
  );

/** One of each, those of the other file as well. */
export const everyMessage = (): string[] => [
  vaccination(),
  birth(),
  laboratory(),
  admission(),
  discharge(),
  prescription(),
  report(),
  movement({ event: 'A02', time: '20260710090000', happened: '20260710080000', prior: '24^202^1' }),
  movement({ event: 'A03', time: '20260715101000', discharged: '20260715100000' }),
  movement({
    event: 'A14',
    time: '20260720090000',
    visit: '',
    admitted: '',
    pv2: `PV2|||R05^咳^I10|||||20260801|20260805${'|'.repeat(38)}20260803`,
  }),
  basics(),
  disease(),
  allergy(),
  drip(),
  pharmacyOrder(),
  laboratoryOrder(),
  imagingOrder(),
  imagingDone(),
  physiology(),
  vitalSigns(),
  meals(),
  appointment(),
  letter(),
  history(),
];
