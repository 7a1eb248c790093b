// Every reason of the check before the needle: what it decides alone, and its words for the person who holds the syringe.
import { formatDay } from '../days.ts';
import type { Text } from '../rule.ts';
import type { Because } from '../types.ts';
import type { CheckReason, Decision } from './types.ts';

/** A reason by its code, with the rule it stands on. A code without a row is asked about: nothing passes unnamed. */
export function reasonOf(code: string, because?: Because): CheckReason {
  const [decision, ja, en] = REASONS[code] ?? UNNAMED;
  const date = because?.day === undefined || !Number.isFinite(because.day) ? undefined : formatDay(because.day);
  return {
    code,
    decision,
    text: { ja, en },
    ...(because === undefined ? {} : { rule: because.rule }),
    ...(date === undefined ? {} : { date }),
  };
}

/** The same with the words completed, for reasons that name a value. */
export function reasonAbout(code: string, about: Text): CheckReason {
  const reason = reasonOf(code);
  return { ...reason, text: { ja: `${reason.text.ja}（${about.ja}）`, en: `${reason.text.en} (${about.en})` } };
}

type Row = readonly [decision: Decision, ja: string, en: string];

const UNNAMED: Row = ['ask', '医師に確認してください', 'Ask the clinician'];

const REASONS: Readonly<Record<string, Row>> = {
  // The dose against its series.
  ageTooYoung: ['stop', '対象年齢より前です', 'Too young on this day'],
  ageTooOld: [
    'ask',
    '対象年齢を過ぎています。定期接種としては接種できず、任意接種は医師の判断です',
    'Past the legal age: not a routine dose; a private one is for the physician to decide',
  ],
  gestationalAgeTooEarly: [
    'ask',
    '対象の妊娠週数より前です。任意接種は医師の判断です',
    'Too early in the pregnancy for the routine dose; a private one is for the physician to decide',
  ],
  gestationalAgeTooLate: ['stop', '対象の妊娠週数を過ぎています', 'Too late in the pregnancy on this day'],
  outsideAnyWindow: [
    'ask',
    'この日は定期接種の期間に当たりません。任意接種は医師の判断です',
    'In no routine window on this day; a private dose is for the physician to decide',
  ],
  intervalTooSoon: ['stop', '前の接種からの間隔が足りません', 'Too soon after the dose before'],
  vaccineConflict: ['stop', '他のワクチンとの間隔が足りません', 'Too soon after another vaccine'],
  seriesAlreadyComplete: ['stop', '必要な回数はもう済んでいます', 'No further dose is needed'],
  duplicateRecord: ['stop', '同じ日に同じワクチンの記録がもうあります', 'This vaccine is already recorded on this day'],
  notPreferableOrAllowable: ['stop', 'この製品はこの回に使えません', 'This product is not for this dose'],
  comboProductAllowed: ['go', '混合ワクチンとして差し支えありません', 'Allowed as part of a combination'],
  partOfCombination: ['go', '組み合わせて1回と数えます', 'Counts together with its partner as one dose'],
  dateTooVague: [
    'ask',
    '前の接種の日付がはっきりせず、判定できません',
    'An earlier dose has no exact day, so this one cannot be judged',
  ],
  lotExpired: ['stop', '有効期限が切れています', 'The lot has expired'],
  doseCondition: ['stop', '製品の状態に問題があります', 'The product is below standard'],
  // The person.
  deceased: ['stop', '亡くなられた方の記録です', 'The record is of a person who has died'],
  contraindicated: ['stop', 'この人には接種できません', 'Not for this person'],
  immune: ['stop', 'その病気にかかったことがあり、対象外です', 'Has had the disease'],
  notRelevant: ['stop', 'この人は対象ではありません', 'This person is not in the target group'],
  advisedAgainst: ['ask', '接種できる日ですが、勧められていません', 'Legal on this day, but advised against'],
  notBefore: ['ask', 'この日より後まで待つことになっています', 'To be put off beyond this day'],
  review: ['ask', '判断の定まらない点があり、医師の確認がいります', 'Rests on something uncertain: ask the clinician'],
  givenDuringDeferral: [
    'ask',
    '輸血や免疫グロブリンなどの後で、効果が十分でないおそれがあります',
    'Within the waiting time after immunoglobulin or transfusion',
  ],
  requiresPhysicianException: [
    'ask',
    '医師が必要と認めた場合に限る短い間隔です',
    'A short interval that needs the physician to find it necessary',
  ],
  productNotRoutine: [
    'ask',
    'この日の定期接種には使わない製品です',
    'Not a product of the routine programme on this day',
  ],
  productExcluded: ['stop', 'この人にはこの製品を使えません', 'This product is not for this person'],
  boosterBeforeOneYear: ['ask', '追加接種はおおむね1年後とされています', 'The booster is set about one year later'],
  voluntaryOnly: [
    'ask',
    '定期接種ではなく任意接種です（費用と同意を確かめてください）',
    'Not a routine dose: voluntary, at own cost; confirm that this is meant',
  ],
  noRule: ['ask', 'この人にこの製品を接種する決まりが見つかりません', 'No rule covers this product for this person'],
  // The history.
  unknownVaccine: ['ask', '読み取れないワクチンの記録があります', 'A record names a vaccine that is not known'],
  invalidDate: ['ask', '日付の読めない接種記録があります', 'A record has no readable date'],
  uncertainFact: ['ask', '疑いや未確定の病気・反応の記録があります', 'A suspected disease or reaction is on record'],
  looseCode: ['ask', '他の意味もありうるコードの記録があります', 'A code on record can also mean something else'],
  undatedFact: ['ask', '日付の分からない病気や治療の記録があります', 'An illness or treatment on record has no date'],
  unreadableResult: ['ask', '読めない検査結果があります', 'A test result cannot be read'],
  amountUnknown: ['ask', '免疫グロブリンの投与量が分かりません', 'The amount of immunoglobulin given is not known'],
  unknownFact: ['ask', '計画の語彙にないコードの記録があります', 'A code on record is not among the known facts'],
  possibleDuplicate: [
    'ask',
    '日の分からない接種記録が、別の記録と同じ接種かもしれません',
    'A vague record may repeat another',
  ],
  sameLotNearby: ['ask', '同じロットの接種記録が近い日にあります', 'One lot is recorded on neighbouring days'],
  repeatedId: ['ask', '同じIDの接種記録が2つあります', 'Two records bear one id'],
  notGiven: ['go', '見合わせた接種の記録があります', 'A dose is on record as not given'],
  notLookedAt: [
    'ask',
    '読む権限のない記録があり、禁忌を確かめきれていません',
    'Records outside the scopes of this token were not looked at: exclusions are not ruled out',
  ],
  beforeBirth: ['ask', '生まれる前の日付の接種記録があります', 'A record is dated before birth'],
  afterAssessmentDate: ['ask', 'この日より後の接種記録があります', 'A record is dated after this day'],
  // The package in the hand.
  unknownProduct: ['ask', 'この製品は登録されていません', 'This product is not known'],
  antibodyProduct: ['ask', 'ワクチンではなく抗体製剤です', 'An antibody, not a vaccine'],
  lotNotStated: ['go', '製造番号は確かめていません', 'The lot was not stated, so not checked'],
  expiryNotStated: ['go', '有効期限は確かめていません', 'The expiry date was not stated, so not checked'],
  expiryUnreadable: ['ask', '有効期限が読めません', 'The expiry date cannot be read'],
  wrongRoute: ['stop', '接種経路が違います', 'Wrong route'],
  routeNotStated: ['go', '接種経路は確かめていません', 'The route was not stated, so not checked'],
  wrongVolume: ['stop', '接種量が違います', 'Wrong volume for this age'],
  volumeNotStated: ['go', '接種量は確かめていません', 'The volume was not stated, so not checked'],
  notOnMarket: ['ask', 'この日には販売されていない製品です', 'Not on the market on this day'],
  outsideLicence: ['stop', '添付文書の年齢に当たりません', 'Outside the licensed age'],
};
