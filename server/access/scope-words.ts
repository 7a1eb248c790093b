// A scope in the words of the person who is to agree to it. Nothing of it is left out: a wildcard says that it goes on to what
// comes later ("… both now and in the future", SMART App Launch 2.2, "Wildcard scopes"), and a filter shows its parameters.

import { patientCompartmentParameters } from '../fhir/definitions.ts';
import type { Language } from '../fhir/outcome.ts';
import type { Grant, Interaction } from './access.ts';
import { alternativesOf, type GranularQuery } from './granular-query.ts';
import type { IdentityWord, LaunchScope } from './launch-scopes.ts';
import { parseScope } from './scopes.ts';
import { typeWords } from './type-words.ts';

/** One phrase, without a full stop. Throws Error for a scope that is refused. */
export function inWords(scope: string, language: Language): string {
  const parsed = parseScope(scope);
  if (parsed.kind === 'refused') throw new Error(parsed.reason);
  if (parsed.kind === 'identity') return identity[parsed.word][language];
  if (parsed.kind === 'launch') return launchInWords(parsed, language);
  return language === 'ja' ? inJapanese(parsed.grant) : inEnglish(parsed.grant);
}

type Words = Readonly<Record<Language, string>>;

const identity: Readonly<Record<IdentityWord, Words>> = {
  openid: { ja: 'ログインした方がだれかを確かめる', en: 'Check who has logged in' },
  fhirUser: {
    ja: 'ログインした方の登録情報の場所を知る',
    en: 'Learn which record stands for the person who has logged in',
  },
  profile: {
    ja: 'ログインした方の登録情報の場所を知る',
    en: 'Learn which record stands for the person who has logged in',
  },
  offline_access: {
    ja: 'あなたがアプリを使っていないあいだも、取り消すまで利用を続ける',
    en: 'Keep access while you are not using the app, until you withdraw it',
  },
  online_access: { ja: 'あなたがログインしているあいだ利用を続ける', en: 'Keep access while you are logged in' },
};

function launchInWords({ type, role }: LaunchScope, language: Language): string {
  if (language === 'ja') {
    const as = role === undefined ? '' : `（役割: ${role}）`;
    if (type === undefined) return '開いている画面の情報（どなたの、どの受診かなど）を受け取る';
    return type === 'Patient'
      ? `どなたの記録を使うかを受け取る${as}`
      : `選ばれている${typeInWords(type, 'ja')}を受け取る${as}`;
  }
  const as = role === undefined ? '' : ` (role: ${role})`;
  if (type === undefined) return 'Receive what is open on the screen, such as whose record and which visit';
  return type === 'Patient'
    ? `Receive whose record is to be used${as}`
    : `Receive which is selected of: ${typeInWords(type, 'en')}${as}`;
}

/** Reading one and finding many show the same; both are "see". */
const verbs: readonly (readonly [interactions: readonly Interaction[], ja: string, en: string])[] = [
  [['read', 'search'], '見る', 'see'],
  [['create'], '書き加える', 'add'],
  [['update'], '書き直す', 'change'],
  [['delete'], '消す', 'delete'],
];

function inJapanese({ context, type, interactions, query }: Grant): string {
  const acts = verbs.filter(([some]) => some.some((one) => interactions.has(one))).map(([, ja]) => ja);
  const whose = isOfSomebody(type) ? whoseInJapanese[context] : '';
  const what = type === '*' ? `今後追加されるものも含めて、${whose}すべての記録` : `${whose}${typeInWords(type, 'ja')}`;
  return `${what}を${acts.join('・')}${query ? `（${filterInWords(query, 'ja')}ものに限る）` : ''}`;
}

function inEnglish({ context, type, interactions, query }: Grant): string {
  const acts = verbs.filter(([some]) => some.some((one) => interactions.has(one))).map(([, , en]) => en);
  const what = type === '*' ? 'all records' : typeInWords(type, 'en');
  const whose = isOfSomebody(type) ? whoseInEnglish[context] : '';
  const later = type === '*' ? ', including whatever is added later' : '';
  const only = query ? ` (only where ${filterInWords(query, 'en')})` : '';
  return capitalised(`${inSeries(acts)} ${what}${whose}${later}${only}`);
}

/** The page says whose record a `patient/` scope is about. */
const whoseInJapanese: Readonly<Record<Grant['context'], string>> = {
  patient: '',
  user: 'あなたが見ることのできるすべての方の',
  system: 'この事業者に認められたすべての方の',
};
const whoseInEnglish: Readonly<Record<Grant['context'], string>> = {
  patient: '',
  user: ' of everyone whose records you may see',
  system: ' of everyone whose records this organization is allowed',
};

/** False for organizations, medicines and whatever else is no one's record. */
const isOfSomebody = (type: string): boolean =>
  type === '*' || type === 'Patient' || patientCompartmentParameters(type).length > 0;

function typeInWords(type: string, language: Language): string {
  const [ja, en] = (Object.hasOwn(typeWords, type) && typeWords[type]) || [
    `「${type}」の情報`,
    `records of type ${type}`,
  ];
  return language === 'ja' ? ja : en;
}

function filterInWords(query: GranularQuery, language: Language): string {
  const parts = query.map(([name, value]) => {
    const label = parameters[name]?.[language] ?? name;
    const values = alternativesOf(value).map((text) => valueInWords(text, language));
    return language === 'ja' ? `${label}が${values.join('または')}の` : `${label} is ${values.join(' or ')}`;
  });
  return language === 'ja' ? parts.join('、かつ、') : parts.join(' and ');
}

const parameters: Readonly<Record<string, Words>> = {
  category: { ja: '区分', en: 'the category' },
  class: { ja: '区分', en: 'the class' },
  code: { ja: '内容', en: 'the subject' },
  'combo-code': { ja: '内容', en: 'the subject' },
  encounter: { ja: '受診', en: 'the visit' },
  patient: { ja: '対象の方', en: 'the person' },
  status: { ja: '状態', en: 'the status' },
  subject: { ja: '対象の方', en: 'the person' },
  type: { ja: '種類', en: 'the type' },
  'vaccine-code': { ja: 'ワクチン', en: 'the vaccine' },
  _security: { ja: '秘密の度合い', en: 'the confidentiality' },
  _tag: { ja: '目印', en: 'the tag' },
};

/** What has no words here is shown as it is: nobody should agree to less than they read. */
function valueInWords(text: string, language: Language): string {
  const known = Object.hasOwn(values, text) ? values[text] : undefined;
  return language === 'ja' ? `「${known?.ja ?? text}」` : `“${known?.en ?? text}”`;
}

const categories = 'http://terminology.hl7.org/CodeSystem/observation-category';
const levels = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const values: Readonly<Record<string, Words>> = {
  [`${categories}|vital-signs`]: {
    ja: '身長・体重・体温など',
    en: 'vital signs such as height, weight and temperature',
  },
  [`${categories}|laboratory`]: { ja: '検体の検査', en: 'laboratory tests' },
  [`${categories}|imaging`]: { ja: '画像の検査', en: 'imaging' },
  [`${categories}|exam`]: { ja: '診察', en: 'physical examination' },
  [`${categories}|procedure`]: { ja: '処置', en: 'procedures' },
  [`${categories}|survey`]: { ja: '質問票', en: 'surveys' },
  [`${categories}|social-history`]: { ja: '生活の様子', en: 'social history' },
  [`${categories}|therapy`]: { ja: '治療', en: 'therapy' },
  [`${categories}|activity`]: { ja: '活動', en: 'activity' },
  [`${levels}|N`]: { ja: 'ふつう', en: 'normal' },
  [`${levels}|R`]: { ja: '限られた人だけ', en: 'restricted' },
  [`${levels}|V`]: { ja: 'ごく限られた人だけ', en: 'very restricted' },
};

function inSeries(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
