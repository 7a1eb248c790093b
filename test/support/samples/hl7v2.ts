// HL7 v2.5 messages of an invented hospital about invented people, laid out as SS-MIX2 standardized storage does.

import Encoding from 'encoding-japanese';

export const INSTITUTION = '1310000001';
export const PATIENT_NUMBER = '0000012345';
export const PATIENT_SYSTEM = `urn:oid:1.2.392.100495.20.3.51.1${INSTITUTION}`;

/** Segments to message text: CR behind each. */
export const message = (...segments: string[]): string => segments.map((segment) => `${segment}\r`).join('');

/** The bytes a Japanese hospital sends: ISO-2022-JP. */
export const jis = (text: string): Uint8Array =>
  Uint8Array.from(Encoding.convert(Encoding.stringToCode(text), { to: 'JIS', from: 'UNICODE' }));

/** The bytes in Windows-31J. */
export const sjis = (text: string): Uint8Array =>
  Uint8Array.from(Encoding.convert(Encoding.stringToCode(text), { to: 'SJIS', from: 'UNICODE' }));

export const msh = (type: string, controlId: string, charset = '~ISO IR87'): string =>
  `MSH|^~\\&|HIS001|SEND|GW|RCV|20260915101500.000||${type}|${controlId}|P|2.5||||||${charset}||ISO 2022-1994|SS-MIX2_1.20^SS-MIX2^1.2.392.200250.2.1.100.1.2.120^ISO`;

export const pid =
  'PID|0001||0000012345^^^^PI||試験^はな^^^^^L^I~シケン^ハナ^^^^^L^P||20260710|F|||^^^^100-0001^JPN^H^東京都千代田区千代田１−１';

const doctor = '110^医師^一郎^^^^^^^L^^^^^I';

/** RAS^O17: the first five-in-one dose, lot and expiry, left upper arm, subcutaneous. */
export const vaccination = ({
  charset = '~ISO IR87',
  product = 'T0001^五種混合（試験用コード）^99XYZ',
  action = '',
  control = 'NW',
} = {}): string =>
  message(
    msh('RAS^O17^RAS_O17', '20260915000001', charset),
    pid,
    'PV1|0001|O|09^^^^^C',
    `ORC|${control}|000000000000321||1|||||20260915101000|||${doctor}|||||09^小児科^99XY1`,
    'RXE||06^予防接種^JHSI0002|0.5||ML^ミリリットル^MR9P',
    'TQ1|1||||||20260915101500',
    'RXR|SC^皮下^HL70162|LA^左上腕^HL70163',
    `RXA|0|1|20260915101500|20260915101500|${product}|0.50|ML^ミリリットル^MR9P||1回目|110^医師^一郎|||||LOT0001|20270331|試験製薬^^99XYZ|||CP|${action}`,
  );

/** ORU^R01: weight and length at birth, the weight with a digit that must not be lost. */
export const birth = (): string =>
  message(
    msh('ORU^R01^ORU_R01', '20260710000009'),
    pid,
    'PV1|0001|I|24^201^1^^^N',
    'OBR|1|000000000000111||31002900^出生時計測^MDC|||20260710093000',
    'OBX|1|NM|31002900^出生時体重^MDC||3.050|kg^kg^ISO+|||||F|||20260710093000',
    'OBX|2|NM|31000298^身長^MDC||49.0|cm^cm^ISO+|||||F|||20260710093000',
    'OBX|3|NM|31006116^頭囲^MDC||測定不能|cm^cm^ISO+|||||F|||20260710093000',
  );

/** OUL^R22: three results of one specimen; one below a limit, one coded. */
export const laboratory = (status = 'F'): string =>
  message(
    msh('OUL^R22^OUL_R22', '20261001000003'),
    pid,
    'SPM|1|000000001219001||023^血清^JC10|||||||||||||202610010915',
    'OBR|1|000000000000354|000000001219001|E001^血液検査^99O03|||20261001|||||||||||||||20261001103059',
    `OBX|1|NM|3A010000002327101^総蛋白^JC10||7.20|g/dL^g/dL^ISO+|6.70-8.3|L|||${status}|||202610010915`,
    'OBX|2|SN|5C070000002302301^CRP^JC10||<^0.05|mg/dL^mg/dL^ISO+|||||F|||202610010915',
    'OBX|3|CWE|5H010000001999911^血液型-ABO式^JC10||A^A型^JSHR002||||||F|||202610010915',
  );

export const admission = (): string =>
  message(
    msh('ADT^A01^ADT_A01', '20260709000001'),
    'EVN||20260709161000|||||20260709160000',
    pid,
    'PV1|0001|I|24^201^1^^^N||||110^医師^一郎|||24|||||||||V0001|||||||||||||||||||||||||20260709160000',
  );

export const discharge = (): string =>
  message(
    msh('ADT^A03^ADT_A03', '20260715000001'),
    'EVN||20260715101000|||||20260715100000',
    pid,
    'PV1|0001|I|24^201^1^^^N||||110^医師^一郎|||24|||||||||V0001|||||||||||||||||||||||||20260709160000|20260715100000',
  );

/** RDE^O11: two drugs of one RP, as SS-MIX2 OMP-01 writes them. */
export const prescription = (control = 'NW'): string =>
  message(
    msh('RDE^O11^RDE_O11', '20260920000001'),
    pid,
    'PV1|0001|O|09^^^^^C',
    `ORC|${control}|000000000000777||1|||||20260920103045|||${doctor}`,
    'RXE||100000001^試験シロップ^HOT9|3.5||ML^ミリリットル^MR9P|||||52.5|ML^ミリリットル^MR9P||||2026092000001||||10.5^ML&ミリリットル&MR9P',
    'TQ1|1||1013044400000000&内服・経口・１日３回朝昼夕食後&JAMISDP01|||5^d|2026092000',
    'RXR|PO^口^HL70162',
    `ORC|${control}|000000000000777||1|||||20260920103045|||${doctor}`,
    'RXE||100000002^試験細粒^HOT9|0.2||G^グラム^MR9P|||||3|G^グラム^MR9P||||2026092000001||||0.6^G&グラム&MR9P',
    'TQ1|1||1013044400000000&内服・経口・１日３回朝昼夕食後&JAMISDP01|||5^d|2026092000',
    'RXR|PO^口^HL70162',
  );

/** VXU^V04 as American systems send it. */
export const report = (): string =>
  message(
    'MSH|^~\\&|EHR|SITE|GW|RCV|20261001090000-0500||VXU^V04^VXU_V04|MSG-1|P|2.5.1',
    'PID|1||0000012345^^^SITE&2.999.1&ISO^MR||TEST^HANA||20260710|F',
    'ORC|RE||65930^DCS',
    'RXA|0|1|20260915||116^rotavirus, pentavalent^CVX|999|||01^historical^NIP001|||||||||||CP|A',
    'ORC|RE||65931^DCS',
    'RXA|0|1|20261001080000-0500||08^Hep B^CVX|.25|mL^mL^UCUM||00^new^NIP001|^NURSE^TEST|||||L-9|20280101|MSD^Maker^MVX|||CP|A',
    'RXR|IM^Intramuscular^HL70162|LT^Left thigh^HL70163',
    'OBX|1|NM|30973-2^Dose number in series^LN|1|2||||||F',
    'ORC|RE||65932^DCS',
    'RXA|0|1|20261001||998^no vaccine administered^CVX|999',
  );
