// What the invented children are given, and the words in which clinics, ledgers and families speak of it. Lots have the form of
// the maker's; none is real.

export type Product = {
  /** Of our code system of vaccines. */
  code: string;
  brand: string;
  maker: string;
  /** `0` a digit, `A` a letter; everything else stands as it is. */
  lotForm: string;
  /** As a municipal ledger has it. */
  ledger: string;
  /** As a family writes it who knows the product. */
  family: string;
  /** Other writings of the same product. */
  spellings: string[];
  /** What is said where only the disease or the kind is known. */
  kindOnly: string[];
  /** A product it is mistaken for. */
  near?: string;
  /** As somebody abroad codes it. */
  cvx: { code: string; display: string };
};

const FIVE = ['五種混合', '5種混合ワクチン', '５種混合', '五混', 'DPT-IPV-Hib', '５混'];
const PCV = ['肺炎球菌20価', '小児用肺炎球菌（２０価）', '沈降20価肺炎球菌結合型ワクチン', 'ﾌﾟﾚﾍﾞﾅｰ20'];
const MR = ['麻しん風しん', 'ＭＲワクチン', '麻疹・風疹', 'MR混合ワクチン（第1期）', '麻しん風しん混合'];
const HEPB = ['Ｂ型肝炎', 'B型肝炎ワクチン', 'HBV', 'ビームゲン注0.25mL', 'HBワクチン'];
const JE = ['日脳', '日本脳炎', '日本脳炎ワクチン（1期）', 'ジェービックＶ', '日本脳炎 第1期'];
const FLU = ['インフルエンザ', '季節性インフルエンザ', 'インフルエンザHAワクチン', 'インフル', 'ｲﾝﾌﾙｴﾝｻﾞ'];

export const PRODUCTS: readonly Product[] = [
  product('RV1', 'ロタリックス', 'グラクソ・スミスクライン', 'AROLA000AA', 'ロタウイルス（1価）', 'ロタ1価', {
    spellings: ['ロタ１価', 'ロタウイルス１価', 'ﾛﾀﾘｯｸｽ', 'Rotarix', 'ロタリックス内用液'],
    kindOnly: ['ロタ', 'ロタウイルス'],
    near: 'ロタテック',
    cvx: { code: '119', display: 'rotavirus, monovalent' },
  }),
  product('RV5', 'ロタテック', 'MSD', 'A00000', 'ロタウイルス（5価）', 'ロタ5価', {
    spellings: ['ロタ５価', '五価ロタウイルス', 'ﾛﾀﾃｯｸ', 'RotaTeq', 'ロタテック内用液'],
    kindOnly: ['ロタ', 'ロタウイルス'],
    near: 'ロタリックス',
    cvx: { code: '116', display: 'rotavirus, pentavalent' },
  }),
  product('HepB', 'ビームゲン', 'KMバイオロジクス', 'Y00A', 'B型肝炎', 'B型肝炎', {
    spellings: HEPB,
    kindOnly: ['肝炎', 'HB'],
    cvx: { code: '45', display: 'Hep B, unspecified formulation' },
  }),
  product('HepB', 'ヘプタバックスⅡ', 'MSD', 'A000000', 'B型肝炎', 'B型肝炎', {
    spellings: ['Ｂ型肝炎', 'ヘプタバックス-2', 'ヘプタバックスII', 'B型肝炎ワクチン'],
    kindOnly: ['肝炎', 'HB'],
    cvx: { code: '08', display: 'Hep B, adolescent or pediatric' },
  }),
  product('PCV20', 'プレベナー20', 'ファイザー', 'AA0000', '小児用肺炎球菌（20価）', '肺炎球菌20価', {
    spellings: PCV,
    kindOnly: ['肺炎球菌', '小児用肺炎球菌', 'プレベナー'],
    near: 'バクニュバンス',
    cvx: { code: '109', display: 'pneumococcal, unspecified formulation' },
  }),
  product('PCV15', 'バクニュバンス', 'MSD', 'A000000', '小児用肺炎球菌（15価）', '肺炎球菌15価', {
    spellings: ['肺炎球菌１５価', '小児用肺炎球菌15価', 'ﾊﾞｸﾆｭﾊﾞﾝｽ', 'バクニュバンス水性懸濁注'],
    kindOnly: ['肺炎球菌', '小児用肺炎球菌'],
    near: 'プレベナー13',
    cvx: { code: '215', display: 'PCV15' },
  }),
  product('DPT-IPV-Hib', 'ゴービック', '阪大微生物病研究会', '5K00A', '五種混合', '5種混合', {
    spellings: FIVE,
    kindOnly: ['混合ワクチン', '百日せき'],
    near: '四種混合',
    cvx: { code: '120', display: 'DTaP-Hib-IPV' },
  }),
  product('DPT-IPV-Hib', 'クイントバック', 'KMバイオロジクス', 'KQ000', '五種混合', '5種混合', {
    spellings: [...FIVE, 'クイントバック水性懸濁注射用'],
    kindOnly: ['混合ワクチン', '百日せき'],
    near: '四種混合',
    cvx: { code: '120', display: 'DTaP-Hib-IPV' },
  }),
  product('BCG', '乾燥BCGワクチン(経皮用・1人用)', '日本ビーシージー製造', 'KH000', 'BCG', 'BCG', {
    spellings: ['ＢＣＧ', 'BCGワクチン', 'ＢＣＧワクチン', '結核（BCG）'],
    kindOnly: ['結核'],
    cvx: { code: '19', display: 'BCG' },
  }),
  product('MR', 'ミールビック', '阪大微生物病研究会', 'MR000', '麻しん風しん混合', 'MR', {
    spellings: MR,
    kindOnly: ['はしか', '風しん'],
    near: '麻しん',
    cvx: { code: '04', display: 'M/R' },
  }),
  product('VAR', '乾燥弱毒生水痘ワクチン「ビケン」', '阪大微生物病研究会', 'VZ000', '水痘', '水ぼうそう', {
    spellings: ['みずぼうそう', '水痘ワクチン', '水痘（1回目）', '水ぼうそうワクチン'],
    kindOnly: ['水痘生ワクチン'],
    cvx: { code: '21', display: 'varicella' },
  }),
  product('MUMPS', '乾燥弱毒生おたふくかぜワクチン「タケダ」', '武田薬品工業', 'G000', 'おたふくかぜ', 'おたふくかぜ', {
    spellings: ['おたふく', 'ムンプス', '流行性耳下腺炎', 'おたふくかぜワクチン'],
    kindOnly: ['耳下腺炎'],
    cvx: { code: '07', display: 'mumps' },
  }),
  product('JE', 'ジェービックV', '阪大微生物病研究会', 'JR000', '日本脳炎', '日本脳炎', {
    spellings: JE,
    kindOnly: ['脳炎'],
    cvx: { code: '129', display: 'Japanese Encephalitis, unspecified formulation' },
  }),
  product('JE', 'エンセバック', 'KMバイオロジクス', 'E000A', '日本脳炎', '日本脳炎', {
    spellings: ['日脳', 'エンセバック皮下注用', '日本脳炎ワクチン', 'ｴﾝｾﾊﾞｯｸ'],
    kindOnly: ['脳炎'],
    cvx: { code: '129', display: 'Japanese Encephalitis, unspecified formulation' },
  }),
  product('IIV', 'インフルエンザHAワクチン', 'KMバイオロジクス', '000A', 'インフルエンザ', 'インフルエンザ', {
    spellings: FLU,
    kindOnly: ['フル'],
    near: 'フルミスト',
    cvx: { code: '88', display: 'influenza, unspecified formulation' },
  }),
  product('DT', 'DTビック', '阪大微生物病研究会', 'DT000', '二種混合', '二種混合', {
    spellings: ['2種混合', '２種混合', 'DT', '二混', 'ジフテリア破傷風'],
    kindOnly: ['混合ワクチン'],
    near: '三種混合',
    cvx: { code: '28', display: 'DT (pediatric)' },
  }),
  product('HPV9', 'シルガード9', 'MSD', 'A000000', 'ヒトパピローマウイルス感染症（9価）', '子宮頸がん9価', {
    spellings: ['9価HPV', 'ＨＰＶ９価', 'シルガード９', '子宮頸がん予防（9価）'],
    kindOnly: ['子宮頸がん', 'HPV'],
    near: 'ガーダシル',
    cvx: { code: '137', display: 'HPV, unspecified formulation' },
  }),
];

/** The products of a code; the children of one family may have had several of them. */
export const productsOf = (code: string): Product[] => PRODUCTS.filter((one) => one.code === code);

type Words = Pick<Product, 'spellings' | 'kindOnly' | 'near' | 'cvx'>;

function product(
  code: string,
  brand: string,
  maker: string,
  lotForm: string,
  ledger: string,
  family: string,
  words: Words,
): Product {
  return { code, brand, maker, lotForm, ledger, family, ...words };
}
