// Observation codes the Japanese schedule asks about, with their meaning: the vocabulary between a record and the rules.
// `prefix:*` takes a product code or series key behind the colon. A rule that names any other code is refused.
import type { Text } from '../../rule.ts';

export const OBSERVATIONS: Readonly<Record<string, Text>> = {
  // Diseases had (施行令 article 3): `disease:measles`, `disease:varicella` …
  'disease:*': { ja: 'その病気にかかったことがある', en: 'Has had the disease' },
  // People excluded (施行規則 article 2)
  'anaphylaxis:*': {
    ja: 'その製品・シリーズ・成分（egg など）でアナフィラキシーを起こした',
    en: 'Anaphylaxis to the product, series or component (egg …)',
  },
  'unfit:*': { ja: '医師がそのシリーズを不適当と判断した', en: 'Judged unfit for the series by the physician' },
  'adequately-vaccinated:*': {
    ja: 'そのシリーズの接種を十分に受けている',
    en: 'Already adequately vaccinated for the series',
  },
  keloid: { ja: 'ケロイドがある', en: 'Keloid' },
  'intussusception-history': { ja: '腸重積症にかかったことがある', en: 'Past intussusception' },
  'gastrointestinal-malformation': {
    ja: '治療の済んでいない先天性消化管障害',
    en: 'Uncorrected congenital gastrointestinal malformation',
  },
  scid: { ja: '重症複合免疫不全症の所見', en: 'Findings of severe combined immunodeficiency' },
  // Temporary: from `date` to `until`, the date alone where no end is known
  fever: { ja: '明らかな発熱（通常37.5℃以上）', en: 'Clear fever, usually 37.5 degrees or more' },
  'acute-illness': { ja: '重篤な急性疾患', en: 'Severe acute illness' },
  postponed: { ja: '医師が延期した', en: 'Postponed by the physician' },
  // Dated
  'pregnancy-edd': { ja: '出産予定日', en: 'Expected date of delivery' },
  immunoglobulin: { ja: '免疫グロブリン・輸血（値: mg/kg）', en: 'Immunoglobulin or transfusion (value: mg/kg)' },
  'long-illness-ended': { ja: '長期療養などの事情がなくなった日', en: 'Day a long illness (or the like) ended' },
  'missed:*': { ja: 'その事情で受けられなかったシリーズ', en: 'Series missed because of it, as approved' },
  'rubella-titre': { ja: '風しんHI抗体価（値: 倍）', en: 'Rubella HI titre (value)' },
  // Risk
  immunodeficiency: { ja: '免疫不全', en: 'Immunodeficiency' },
  'immunosuppressive-therapy': {
    ja: '免疫抑制療法・生物学的製剤を受けている',
    en: 'Immunosuppressive therapy or biologics, running',
  },
  'aspirin-therapy': { ja: 'アスピリンを服用している', en: 'Aspirin therapy' },
  asplenia: { ja: '無脾症・脾摘', en: 'Asplenia' },
  'complement-deficiency': { ja: '補体欠損', en: 'Complement deficiency' },
  'c5-inhibitor': { ja: '補体C5阻害薬を受けている', en: 'Treated with a C5 inhibitor' },
  'severe-disability': {
    ja: '心臓・腎臓・呼吸器・HIVによる1級相当の障害（60〜64歳の対象）',
    en: 'Severe heart, kidney, lung or HIV disability (eligible at 60 to 64)',
  },
  'severe-hiv-disability': {
    ja: 'HIVによる免疫機能の1級相当の障害',
    en: 'Severe disability of immune function by HIV',
  },
  'high-risk': { ja: '重症化しやすい基礎疾患', en: 'Underlying disease with a risk of severe illness' },
  'indicated:*': {
    ja: '渡航・曝露・本人の希望などでそのシリーズが求められている',
    en: 'The series is asked for: travel, exposure, wish',
  },
  'flag:*': { ja: '市町村の認定など', en: 'Recognition by the municipality and the like' },
  // Mother and birth
  'mother:HBsAg-positive': { ja: '母がHBs抗原陽性', en: 'Mother is HBsAg positive' },
  'mother:biologics-in-pregnancy': {
    ja: '母が妊娠中に生物学的製剤を使った',
    en: 'Biologics given to the mother in pregnancy',
  },
  'birth-weight': { ja: '出生体重（値: g）', en: 'Birth weight (value: grams)' },
  'HBsAg-positive': { ja: 'HBs抗原陽性', en: 'HBsAg positive' },
  'anti-HBs-low': { ja: '接種後のHBs抗体が10mIU/mL未満', en: 'Anti-HBs below 10 mIU/mL after the series' },
  'planned-delivery-before-38w6d': { ja: '38週6日までの分娩予定', en: 'Delivery planned before 38w6d' },
  // Cautions (要注意)
  'heart-disease': { ja: '心臓の病気', en: 'Heart disease' },
  'kidney-disease': { ja: '腎臓の病気', en: 'Kidney disease' },
  'liver-disease': { ja: '肝臓の病気', en: 'Liver disease' },
  'blood-disease': { ja: '血液の病気', en: 'Blood disease' },
  'developmental-disorder': { ja: '発育の障害', en: 'Developmental disorder' },
  'reaction-after-dose': {
    ja: '以前の接種後2日以内の発熱や発疹',
    en: 'Fever within 2 days or rash after an earlier dose',
  },
  'convulsion-history': { ja: 'けいれんを起こしたことがある', en: 'Past convulsion' },
  'immunodeficiency-in-family': { ja: '近親者に先天性免疫不全', en: 'Immunodeficiency in the family' },
  'component-allergy': { ja: '成分へのアレルギーのおそれ', en: 'Risk of allergy to a component' },
  'latex-allergy': { ja: 'ラテックスアレルギー', en: 'Latex allergy' },
  'tuberculosis-contact': { ja: '結核患者と接触した疑い', en: 'Likely contact with tuberculosis' },
  'gastrointestinal-disorder': { ja: '胃腸の障害', en: 'Gastrointestinal disorder' },
  'hypertensive-pregnancy-risk': { ja: '妊娠高血圧症候群のおそれ', en: 'Risk of hypertensive disorder of pregnancy' },
};
