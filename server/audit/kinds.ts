// What the words of an audit row mean: codes of FHIR and DICOM, and the words that a family reads. Data.
// The codes of REST as in IHE BALP 1.1; logins, tokens and emergencies by DICOM PS3.16, CID 400 to 403.

import type { Language } from '../fhir/outcome.ts';

type Words = Record<Language, string>;
type Row = readonly [
  interaction: string,
  type: string,
  subtype: string,
  action: Kind['action'],
  way: Kind['way'],
  ...words: [did: string, tried: string, didInEnglish: string, triedInEnglish: string],
];

export type Kind = {
  /** `rest`, or a DICOM code for what happened beside the record. */
  type: string;
  /** Of restful-interaction for `rest`, else of DICOM. */
  subtype: string;
  /** http://hl7.org/fhir/audit-event-action */
  action: 'C' | 'R' | 'U' | 'D' | 'E';
  /** Which way the data went: out to the caller, in from the caller, or nowhere. */
  way: 'out' | 'in' | 'none';
  /** What was done; `…` is what it was done to. */
  did: Words;
  /** The same as something that was tried. */
  tried: Words;
};

// biome-ignore format: a table
const rows: readonly Row[] = [
  ['read', 'rest', 'read', 'R', 'out', '…を見ました', '…を見ること', 'viewed …', 'view …'],
  ['vread', 'rest', 'vread', 'R', 'out', '…の以前の版を見ました', '…の以前の版を見ること', 'viewed an earlier version of …', 'view an earlier version of …'],
  ['history', 'rest', 'history', 'R', 'out', '…の変更の経過を見ました', '…の変更の経過を見ること', 'viewed the changes of …', 'view the changes of …'],
  ['search', 'rest', 'search', 'E', 'out', '…を検索しました', '…を検索すること', 'searched …', 'search …'],
  ['create', 'rest', 'create', 'C', 'in', '…を登録しました', '…を登録すること', 'added …', 'add …'],
  ['update', 'rest', 'update', 'U', 'in', '…を書き換えました', '…を書き換えること', 'changed …', 'change …'],
  ['delete', 'rest', 'delete', 'D', 'none', '…を削除しました', '…を削除すること', 'deleted …', 'delete …'],
  ['request-erasure', 'rest', 'operation', 'U', 'in', '記録の完全な消去について意思を伝えました', '記録の完全な消去を求めること', 'asked for the erasure of the record, agreed to it or took it back', 'ask for the erasure of the record'],
  ['refuse-erasure', 'rest', 'operation', 'U', 'in', '記録の完全な消去に応じられない理由を伝えました', '記録の完全な消去を断ること', 'said why the record is not erased', 'refuse the erasure of the record'],
  ['expunge', 'rest', 'operation', 'D', 'none', '…を完全に消去しました', '…を完全に消去すること', 'erased … for ever', 'erase … for ever'],
  ['everything', 'rest', 'operation', 'E', 'out', '記録全体を取り出しました', '記録全体を取り出すこと', 'took out the whole record', 'take out the whole record'],
  ['archive', 'rest', 'operation', 'E', 'none', '記録全体の控えを作りました', '記録全体の控えを作ること', 'asked for a copy of the whole record', 'ask for a copy of the whole record'],
  ['archive-download', 'rest', 'operation', 'E', 'out', '記録全体の控えを受け取りました', '記録全体の控えを受け取ること', 'received a copy of the whole record', 'receive a copy of the whole record'],
  ['work-file', 'rest', 'operation', 'E', 'out', '取り出した記録を受け取りました', '取り出した記録を受け取ること', 'received what was taken out of the record', 'receive what is taken out of the record'],
  ['summary', 'rest', 'operation', 'E', 'out', '国際患者サマリーを作りました', '国際患者サマリーを作ること', 'made a summary of the record', 'make a summary of the record'],
  ['export', 'rest', 'operation', 'E', 'out', '記録をまとめて書き出しました', '記録をまとめて書き出すこと', 'exported the record', 'export the record'],
  ['export-deidentified', 'rest', 'operation', 'E', 'out', '研究のため、個人が分からない形で書き出しました', '研究のため、個人が分からない形で書き出すこと', 'released the record for research, without saying whose it is', 'release the record for research, without saying whose it is'],
  ['export-file', 'rest', 'operation', 'E', 'out', '書き出した記録を受け取りました', '書き出した記録を受け取ること', 'received an export of the record', 'receive an export of the record'],
  ['bulk-import', 'rest', 'operation', 'C', 'in', '記録をまとめて取り込みました', '記録をまとめて取り込むこと', 'imported records', 'import records'],
  ['bulk-import-file', 'rest', 'operation', 'E', 'out', '取り込みの結果を受け取りました', '取り込みの結果を受け取ること', 'received the result of an import', 'receive the result of an import'],
  ['forecast', 'rest', 'operation', 'E', 'out', '予防接種の時期を計算しました', '予防接種の時期を計算すること', 'computed when vaccines are due', 'compute when vaccines are due'],
  ['plan', 'rest', 'operation', 'E', 'out', '予防接種の計画を作りました', '予防接種の計画を作ること', 'made a plan of the next vaccinations', 'make a plan of the next vaccinations'],
  ['growth', 'rest', 'operation', 'E', 'out', '成長曲線を見ました', '成長曲線を見ること', 'looked at the growth chart', 'look at the growth chart'],
  ['handbook', 'rest', 'operation', 'E', 'out', '母子健康手帳の形で記録を印刷しました', '母子健康手帳の形で記録を印刷すること', 'printed the record as a handbook', 'print the record as a handbook'],
  ['vaccination-certificate', 'rest', 'operation', 'E', 'out', '予防接種の記録を英語で印刷しました', '予防接種の記録を英語で印刷すること', 'printed the vaccinations in English', 'print the vaccinations in English'],
  ['school-form', 'rest', 'operation', 'E', 'out', '園や学校に出す予防接種の記録を印刷しました', '園や学校に出す予防接種の記録を印刷すること', 'printed the vaccinations for a nursery or school', 'print the vaccinations for a nursery or school'],
  ['events', 'rest', 'operation', 'E', 'out', '接種などの出来事のまとめを見ました', '接種などの出来事のまとめを見ること', 'looked at what happened, each event once', 'look at what happened, each event once'],
  ['same-event', 'rest', 'operation', 'U', 'in', '同じ出来事の記録かどうかを決めました', '同じ出来事の記録かどうかを決めること', 'said which records tell of one event', 'say which records tell of one event'],
  ['hand-over', 'rest', 'operation', 'U', 'in', '記録の引き継ぎを行いました', '記録の引き継ぎを行うこと', 'took the record over', 'take the record over'],
  ['check', 'rest', 'operation', 'E', 'out', '接種の前の確認をしました', '接種の前の確認をすること', 'checked a dose before it was given', 'check a dose before it was given'],
  ['share', 'rest', 'operation', 'E', 'none', '記録の一部を見せるリンクを作りました', '記録の一部を見せるリンクを作ること', 'made a link to a part of the record', 'make a link to a part of the record'],
  ['share-open', 'rest', 'operation', 'E', 'out', '渡されたリンクで記録を見ました', '渡されたリンクで記録を見ること', 'viewed the record by a link that was given out', 'view the record by a link that was given out'],
  ['shares', 'rest', 'operation', 'E', 'out', '渡したリンクの一覧を見ました', '渡したリンクの一覧を見ること', 'looked at the links that were given out', 'look at the links that were given out'],
  ['revoke-share', 'rest', 'operation', 'D', 'none', '渡したリンクを終わらせました', '渡したリンクを終わらせること', 'ended a link that was given out', 'end a link that was given out'],
  ['login', '110114', '110122', 'E', 'none', 'ログインしました', 'ログインすること', 'logged in', 'log in'],
  ['logout', '110114', '110123', 'E', 'none', 'ログアウトしました', 'ログアウトすること', 'logged out', 'log out'],
  ['login-failed', '110114', '110122', 'E', 'none', 'ログインに失敗しました', 'ログインすること', 'failed to log in', 'log in'],
  ['login-recovered', '110114', '110122', 'E', 'none', '回復コードでログインを回復しました', '回復コードでログインを回復すること', 'recovered the login by a recovery code', 'recover the login by a recovery code'],
  ['account-created', '110113', '110137', 'C', 'none', 'アカウントを作りました', 'アカウントを作ること', 'made an account', 'make an account'],
  ['account-status', '110113', '110137', 'U', 'none', 'アカウントの状態を変更しました', 'アカウントの状態を変更すること', 'changed the state of an account', 'change the state of an account'],
  ['factor-added', '110113', '110137', 'U', 'none', 'ログインの方法を加えました', 'ログインの方法を加えること', 'added a way to log in', 'add a way to log in'],
  ['factor-removed', '110113', '110137', 'U', 'none', 'ログインの方法を外しました', 'ログインの方法を外すこと', 'removed a way to log in', 'remove a way to log in'],
  ['identity-proven', '110113', '110137', 'U', 'none', 'カードで本人であることを確かめました', 'カードで本人であることを確かめること', 'proved who they are by a card', 'prove who they are by a card'],
  ['recovery-code-issued', '110113', '110137', 'C', 'none', '回復コードを発行しました', '回復コードを発行すること', 'issued a recovery code', 'issue a recovery code'],
  ['token', '110113', '110137', 'E', 'none', 'アプリに接続を許可しました', 'アプリに接続を許可すること', 'connected an app', 'connect an app'],
  ['token-revoke', '110113', '110137', 'D', 'none', 'アプリの接続を終わらせました', 'アプリの接続を終わらせること', 'ended the connection of an app', 'end the connection of an app'],
  ['break-glass', '110113', '110127', 'E', 'none', '緊急時の閲覧を始めました', '緊急時の閲覧を始めること', 'began an emergency access', 'begin an emergency access'],
  ['paper', 'rest', 'operation', 'C', 'in', '手帳のページを登録しました', '手帳のページを登録すること', 'entered a page of the handbook', 'enter a page of the handbook'],
  ['health-cards-issue', 'rest', 'operation', 'E', 'out', '予防接種の証明カードを発行しました', '予防接種の証明カードを発行すること', 'issued vaccination cards', 'issue vaccination cards'],
  ['health-cards', 'rest', 'operation', 'E', 'out', '発行した証明カードの一覧を見ました', '発行した証明カードの一覧を見ること', 'looked at the cards that were issued', 'look at the cards that were issued'],
  ['revoke-health-card', 'rest', 'operation', 'U', 'none', '証明カードを取り消しました', '証明カードを取り消すこと', 'revoked vaccination cards', 'revoke vaccination cards'],
  ['health-card-verify', 'rest', 'operation', 'E', 'none', '証明カードを確かめました', '証明カードを確かめること', 'verified a vaccination card', 'verify a vaccination card'],
  ['health-card-picture', 'rest', 'operation', 'E', 'none', '証明カードをQRコードにしました', '証明カードをQRコードにすること', 'made a QR code of a card', 'make a QR code of a card'],
  ['consent', '110113', '110135', 'U', 'none', '同意の内容を変更しました', '同意の内容を変更すること', 'changed who may see the record', 'change who may see the record'],
];

const kinds = new Map<string, Kind>(
  rows.map(([interaction, type, subtype, action, way, ...[didJa, triedJa, didEn, triedEn]]) => [
    interaction,
    { type, subtype, action, way, did: { ja: didJa, en: didEn }, tried: { ja: triedJa, en: triedEn } },
  ]),
);

/** Every operation without a row of its own gives what it was asked for. */
const operation: Kind = {
  type: 'rest',
  subtype: 'operation',
  action: 'E',
  way: 'out',
  did: { ja: '…を利用しました', en: 'used …' },
  tried: { ja: '…を利用すること', en: 'use …' },
};

/** The meaning of a row's word. */
export const kindOf = (interaction: string): Kind => kinds.get(interaction) ?? operation;

/** The words of rows that mean one of these codes; of the operations those that are known by name. */
export function interactionsWith(member: 'type' | 'subtype' | 'action', codes: readonly string[]): string[] {
  const known = [...kinds, ...otherOperations.map((name) => [name, operation] as const)];
  return known.filter(([, kind]) => codes.includes(kind[member])).map(([interaction]) => interaction);
}

const otherOperations = [
  ...['meta', 'validate', 'findings', 'diff', 'lastn', 'graphql', 'delivery', 'deliveries', 'reindex-status'],
  ...['expand', 'validate-code', 'lookup', 'subsumes', 'translate'],
];

/** What a family calls a kind of resource. */
export function typeWords(type: string | undefined, language: Language): string {
  const [ja, en] = (type && types[type]) || [];
  if (type === undefined) return { ja: '記録', en: 'the record' }[language];
  return { ja: ja ?? `${type}の記録`, en: en ?? `the ${type} entries` }[language];
}

const types: Readonly<Record<string, readonly [ja: string, en: string]>> = {
  AllergyIntolerance: ['アレルギーの記録', 'the allergies'],
  Appointment: ['予約', 'the appointments'],
  AuditEvent: ['閲覧の記録', 'the access log'],
  Binary: ['添付された文書', 'an attached document'],
  CarePlan: ['ケアの計画', 'the care plan'],
  Communication: ['連絡', 'the messages'],
  Condition: ['病気の記録', 'the conditions'],
  Consent: ['同意', 'the consents'],
  DiagnosticReport: ['検査の報告', 'the test reports'],
  DocumentReference: ['文書', 'the documents'],
  Encounter: ['受診の記録', 'the visits'],
  Immunization: ['予防接種記録', 'the immunization record'],
  ImmunizationRecommendation: ['予防接種の予定', 'the vaccinations due'],
  Media: ['写真', 'the photos'],
  MedicationRequest: ['処方の記録', 'the prescriptions'],
  MedicationStatement: ['薬の記録', 'the medicines'],
  Observation: ['測定や検査の記録', 'the measurements'],
  Patient: ['基本情報', 'the personal details'],
  Procedure: ['処置の記録', 'the procedures'],
  QuestionnaireResponse: ['問診の回答', 'the answered forms'],
  RelatedPerson: ['家族の情報', 'the family members'],
  Task: ['用件', 'the tasks'],
};

/** What a family is told of a purpose (v3-ActReason); undefined for one without words. */
export const purposeWords = (code: string, language: Language): string | undefined => {
  const [ja, en] = purposes[code] ?? [];
  return { ja, en }[language];
};

const purposes: Readonly<Record<string, readonly [ja: string, en: string]>> = {
  TREAT: ['診療のため', 'for treatment'],
  ETREAT: ['救急の診療のため', 'for emergency treatment'],
  BTG: ['緊急時の閲覧', 'as an emergency access'],
  HPAYMT: ['支払いのため', 'for payment'],
  HOPERAT: ['業務の運営のため', 'for running the service'],
  HRESCH: ['研究のため', 'for research'],
  PUBHLTH: ['公衆衛生のため', 'for public health'],
};
