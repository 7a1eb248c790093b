// Every refusal of the server, made once and by name. FHIR R4 OperationOutcome, https://hl7.org/fhir/R4/operationoutcome.html
// `diagnostics` is for a vendor's engineer (English); `text` is for people and is chosen by Accept-Language.

import type { OperationOutcome } from '@medplum/fhirtypes';
import { withoutNumbers } from './my-number-text.ts';

export type Language = 'ja' | 'en';
type Text = Record<Language, string>;

export type Issue = {
  severity: 'fatal' | 'error' | 'warning' | 'information';
  /** http://hl7.org/fhir/issue-type */
  code: string;
  diagnostics: string;
  expression?: string[];
  text?: Text;
};

/** Ends a request. `status` is the HTTP status; `issues` is never empty. */
export class OperationOutcomeError extends Error {
  readonly status: number;
  readonly issues: Issue[];
  /** The scope that was lacking, for the challenge of the answer. */
  readonly scope: string | undefined;
  constructor(status: number, issues: Issue[], scope?: string) {
    super(issues[0]?.diagnostics ?? 'refused');
    this.name = 'OperationOutcomeError';
    this.status = status;
    this.issues = issues;
    this.scope = scope;
  }
}

export const notFound = (reference: string) =>
  refusal(404, 'not-found', `${reference} is not known here`, t('見つかりません。', 'Not found.'));

export const gone = (reference: string) =>
  refusal(410, 'deleted', `${reference} has been deleted`, t('削除されています。', 'It has been deleted.'));

export const expired = (why: string) =>
  refusal(
    410,
    'expired',
    why,
    t('このページの期限が切れました。もう一度検索してください。', 'This page has expired. Please search again.'),
  );

export const versionConflict = (sent: string, current: string) =>
  refusal(
    412,
    'conflict',
    `If-Match names version ${sent}, the current version is ${current}`,
    t('ほかの人が先に更新しました。読み直してください。', 'Somebody changed it first. Please read it again.'),
  );

export const exists = (reference: string) =>
  refusal(
    412,
    'conflict',
    `${reference} exists, and If-None-Match asks that it does not`,
    t('すでに登録されています。', 'It already exists.'),
  );

export const preconditionFailed = (why: string) =>
  refusal(
    412,
    'multiple-matches',
    why,
    t('条件に合うものが一つに決まりません。', 'The condition does not name exactly one.'),
  );

export const duplicate = (reference: string) =>
  refusal(409, 'duplicate', `${reference} already exists`, t('すでに登録されています。', 'It already exists.'));

export const conflict = (why: string) =>
  refusal(
    409,
    'conflict',
    why,
    t(
      '同時の変更とぶつかりました。もう一度お試しください。',
      'A change at the same time got in the way. Please try again.',
    ),
  );

export const invalid = (issues: Issue[]) => new OperationOutcomeError(422, issues);

export const businessRule = (why: string, expression?: string[]) =>
  refusal(
    422,
    'business-rule',
    why,
    t('この内容では受け付けられません。', 'This cannot be accepted as it is.'),
    expression,
  );

export const wrongPatchType = () =>
  notSupported(
    'The Content-Type of a PATCH is application/json-patch+json, or application/fhir+json (or fhir+xml) for a FHIRPath Patch',
    415,
  );

/** A patch that is one, but cannot be done to the resource as it is stored. */
export const cannotPatch = (why: string) =>
  refusal(
    422,
    'processing',
    why,
    t('この変更は今の内容に当てはめられません。', 'This change does not fit what is stored.'),
  );

/** A value set or a hierarchy of codes that cannot be worked out from what this server has. */
export const cannotExpand = (why: string) =>
  refusal(
    422,
    'processing',
    `The codes cannot be worked out: ${why}`,
    t('コードの一覧を求められません。', 'The list of codes cannot be worked out.'),
  );

/** My Number Act, article 20: it must not be collected. Names the place, never the digits. */
export const myNumber = (place: string) =>
  refusal(
    422,
    'business-rule',
    `${place} holds a My Number (個人番号), which this server must not store; remove it and send again`,
    t(
      'マイナンバー（個人番号）は保存できません。取り除いてから送ってください。',
      'A My Number cannot be stored. Please remove it and send again.',
    ),
    [place],
  );

export const malformed = (why: string, expression?: string[]) =>
  refusal(400, 'structure', why, t('送られた内容を読み取れません。', 'What was sent cannot be read.'), expression);

export const badRequest = (why: string, code = 'value', expression?: string[]) =>
  refusal(400, code, why, t('指定のしかたに誤りがあります。', 'Something in the request is not right.'), expression);

export const unknownParameter = (name: string, type: string, known: readonly string[]) =>
  badRequest(`${type} has no search parameter "${name}". Known: ${known.join(', ')}`, 'not-supported', [name]);

/** A search parameter that is not in every stored row yet: an answer would be a part of one. */
export const building = (name: string, type: string, { done, total }: { done: number; total: number | undefined }) =>
  refusal(
    422,
    'transient',
    `The search parameter "${name}" of ${type} is being built: ${done} of ${total ?? 'the'} resources are indexed. Try again later; $reindex-status tells how far it is`,
    t(
      'この検索条件は準備中です。しばらくしてからお試しください。',
      'This search is being prepared. Please try again later.',
    ),
    [name],
  );

export const unknownElement = (name: string, type: string, known: readonly string[]) =>
  badRequest(`_elements: ${type} has no element "${name}". Known: ${known.join(', ')}`, 'value', ['_elements']);

export const unknownType = (type: string) =>
  refusal(
    404,
    'not-supported',
    `"${type}" is not a resource type of FHIR R4`,
    t('その種類の記録はありません。', 'There is no such kind of record.'),
  );

export const unauthenticated = () =>
  refusal(401, 'login', 'A valid bearer token is required', t('ログインが必要です。', 'Please sign in.'));

export const forbidden = (what: string) =>
  refusal(403, 'forbidden', what, t('この操作をする権限がありません。', 'You are not allowed to do this.'));

/** `scope`: one that would do. */
export const insufficientScope = (what: string, scope: string) =>
  new OperationOutcomeError(403, forbidden(what).issues, scope);

export const tooManyTries = (why: string) =>
  refusal(429, 'throttled', why, t('しばらくしてからお試しください。', 'Please try again in a while.'));

export const notSupported = (what: string, status = 405) =>
  refusal(status, 'not-supported', what, t('この操作はできません。', 'This is not supported.'));

export const tooLarge = (maxBytes: number) =>
  refusal(
    413,
    'too-long',
    `The body is larger than ${maxBytes} bytes`,
    t('データが大きすぎます。', 'The data is too large.'),
  );

export const tooDeep = (mostLevels: number) =>
  refusal(
    422,
    'too-long',
    `The body is nested more than ${mostLevels} levels deep`,
    t('データの入れ子が深すぎます。', 'The data is nested too deeply.'),
  );

/** An answer that is put together in memory has an end. */
export const answerTooLarge = (maxBytes: number) =>
  refusal(
    413,
    'too-costly',
    `The answers in one Bundle take at most ${maxBytes} bytes; ask for this one by itself`,
    t('結果が大きすぎます。個別に取得してください。', 'The answer is too large here. Please ask for it by itself.'),
  );

export const tooCostly = (why: string) =>
  refusal(
    422,
    'too-costly',
    why,
    t('条件が広すぎます。絞り込んでください。', 'Too much was asked for. Please narrow it.'),
  );

export const internal = () =>
  refusal(
    500,
    'exception',
    'An error on our side; it has been logged',
    t('サーバーで問題が起きました。', 'Something went wrong on our side.'),
  );

export const unavailable = () =>
  refusal(
    503,
    'transient',
    'The database cannot be reached',
    t('しばらくしてからお試しください。', 'Please try again in a while.'),
  );

/** Beside an answer that is right, but not all there is. */
export const incomplete = (why: string): Issue => ({
  severity: 'warning',
  code: 'too-costly',
  diagnostics: why,
  text: t('結果はこれで全部ではありません。', 'This is not all there is.'),
});

/** Beside an answer that was found without a part of what was asked (`Prefer: handling=lenient`). */
export const ignored = (why: string): Issue => ({
  severity: 'warning',
  code: 'not-supported',
  diagnostics: why,
  text: t('指定の一部は使われませんでした。', 'Part of what was asked was not used.'),
});

/** What `Prefer: return=OperationOutcome` asks for. */
export function done(what: string): Issue[] {
  const text = t('完了しました。', 'It is done.');
  return [{ severity: 'information', code: 'informational', diagnostics: what, text }];
}

/** The resource for an answer, its `details.text` in one language. */
export function operationOutcome(issues: Issue[], language: Language): OperationOutcome {
  return {
    resourceType: 'OperationOutcome',
    issue: issues.map(({ severity, code, diagnostics, expression, text }) => ({
      severity,
      code: code as OperationOutcome['issue'][0]['code'],
      details: { text: (text ?? defaultText[severity])[language] },
      // A sentence may repeat what was sent.
      diagnostics: withoutNumbers(diagnostics),
      ...(expression ? { expression: expression.map(withoutNumbers) } : {}),
    })),
  } as OperationOutcome;
}

/** Japanese unless the first language we speak in Accept-Language is English. */
export function languageOf(acceptLanguage: string | undefined): Language {
  const first = (acceptLanguage ?? '').toLowerCase().match(/\b(ja|en)\b/);
  return first?.[1] === 'en' ? 'en' : 'ja';
}

const wrong = { ja: '内容に誤りがあります。', en: 'Something in the content is not right.' };
const defaultText: Record<Issue['severity'], Text> = {
  fatal: wrong,
  error: wrong,
  warning: {
    ja: '確かめられないところ、または直すとよいところがあります。',
    en: 'Something could not be checked, or could be better.',
  },
  information: { ja: '参考の情報です。', en: 'For your information.' },
};

function t(ja: string, en: string): Text {
  return { ja, en };
}

function refusal(status: number, code: string, diagnostics: string, text: Text, expression?: string[]) {
  return new OperationOutcomeError(status, [
    { severity: 'error', code, diagnostics, text, ...(expression ? { expression } : {}) },
  ]);
}
