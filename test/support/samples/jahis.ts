// Medication notebooks of an invented pharmacy about an invented child, in the JAHIS notebook format.

import { sjis } from './hl7v2.ts';

/** Lines to the bytes of a file: Windows-31J, CRLF. */
export const notebookFile = (lines: readonly string[]): Uint8Array => sjis(lines.map((line) => `${line}\r\n`).join(''));

/** Two RPs (a syrup three times a day by JAMI code, an ointment), an allergy, an OTC drug, a memo. */
export const notebook: readonly string[] = [
  'JAHISTC08,1',
  '1,試験 花子,2,R080710,100-0001,東京都千代田区千代田１－１,,,,,ｼｹﾝ ﾊﾅｺ',
  '2,1,鶏卵,1',
  '2,2,試験シロップで発疹,1',
  '3,試験かぜシロップ,20260901,20260903,2,1,4900000000000',
  '31,1,アセトアミノフェン,2,1141007,2',
  '4,食後に体調を記録してください,20260920,1',
  '5,R080920,1',
  '11,テスト薬局,13,4,0000002,,,03-0000-0000,1',
  '15,薬剤 次郎,,1',
  '51,見本こどもクリニック,13,1,0000001,1',
  '55,医師 一郎,小児科,1',
  '201,1,ｼｹﾝｼﾛｯﾌﾟ5%,10.5,mL,4,1141007Q1000,1,【般】試験シロップ,2,1141007QAZZZ',
  '281,1,よく振ってから,1',
  '201,1,試験細粒,0.7,g,2, 620000001,1',
  '301,1,【分３ 毎食後服用】,5,日分,1,2,1013044400000000,1',
  '311,1,食後すぐに,1',
  '201,2,試験軟膏0.1%,25,g,2,662000001,1',
  '301,2,【１日２回 塗布】,1,調剤,5,1,,1',
  '501,正しい飲み方は薬袋をご覧ください。,1',
];

/** An invented year: `days` dispensings of five drugs each, of one shop. */
export function yearNotebook(days = 120): string[] {
  const drug = (rp: number, n: number) => [
    `201,${rp},ｼｹﾝｼﾛｯﾌﾟ${n}%,10.5,mL,4,114100${n}Q1000,1,【般】試験シロップ,2,1141007QAZZZ`,
    `281,${rp},よく振ってから,1`,
  ];
  const usage = (rp: number) => `301,${rp},【分３ 毎食後服用】,5,日分,1,2,1013044400000000,1`;
  return [
    ...notebook.slice(0, 3),
    ...Array.from({ length: days }, (_, index) => {
      const date = new Date(Date.UTC(2026, 0, 1 + 3 * index)).toISOString().slice(0, 10).replaceAll('-', '');
      return [
        `5,${date},1`,
        '11,テスト薬局,13,4,0000002,100-0001,東京都千代田区千代田１－１,03-0000-0000,1',
        '15,薬剤 次郎,,1',
        '51,見本こどもクリニック,13,1,0000001,1',
        '55,医師 一郎,小児科,1',
        ...[...drug(1, 1), ...drug(1, 2), usage(1), ...drug(2, 3), ...drug(2, 4), usage(2), ...drug(3, 5), usage(3)],
        '401,他の薬との併用に注意,1',
        '501,正しい飲み方は薬袋をご覧ください。,1',
      ];
    }).flat(),
  ];
}

/** Every record of the format, every field with a value. */
export const fullNotebook: readonly string[] = [
  'JAHISTC08,1',
  '1,試験 花子,2,R080710,100-0001,東京都千代田区,03-0000-0001,090-0000-0001,A+,3.2,ｼｹﾝ ﾊﾅｺ',
  '2,1,鶏卵,1',
  '3,試験かぜシロップ,20260901,20260903,2,1,4900000000000',
  '31,1,試験成分,2,1141007,2',
  '4,体調を記録,20260920,1',
  '5,R080920,1',
  '11,テスト薬局,13,4,0000002,100-0002,東京都港区,03-0000-0002,1',
  '15,薬剤 次郎,03-0000-0003,1',
  '51,見本こどもクリニック,13,1,0000001,1',
  '55,医師 一郎,小児科,1',
  '201,1,ｼｹﾝｼﾛｯﾌﾟ5%,10.5,mL,4,1141007Q1000,1,【般】試験シロップ,2,1141007QAZZZ',
  // Without a creator of its own: that of the dispensing speaks for it.
  '201,1,試験散,1,ｇ,1',
  '281,1,よく振ってから,1',
  '291,1,グレープフルーツを避ける,1',
  '301,1,毎食後,5,日分,1,2,1013044400000000,1',
  '311,1,透析日は休む,1',
  '391,1,眠気に注意,1',
  '401,他の薬との併用に注意,1',
  '411,粉砕して交付,31,1',
  '421,残薬は5包,1',
  '501,薬袋を参照,1',
  '601,昼に眠くなった,20260921',
  '701,薬剤 次郎,テスト薬局,03-0000-0003,20260401,20270331,1',
];
