// Why a My Number Card was not accepted: one reason, one sentence in each language. None of them holds anything that was sent.

import type { Language } from '../../fhir/outcome.ts';

/** The reasons, in the order in which they are looked for. */
export const refusals = {
  'malformed-request': text(
    'カードから送られた内容を読み取れません。',
    'What was sent is not a challenge, a certificate and a signature.',
  ),
  'unknown-challenge': text(
    '手続きの期限が切れました。はじめからやり直してください。',
    'The challenge was not given to this session, has been used or has expired; ask for a new one.',
  ),
  'unreadable-certificate': text(
    '電子証明書を読み取れません。',
    'The certificate is not an X.509 v3 certificate in DER.',
  ),
  'unknown-issuer': text(
    'この電子証明書の発行者は登録されていません。',
    'The certificate was not issued by a certification authority that this server trusts.',
  ),
  'forged-certificate': text(
    '電子証明書が正しくありません。',
    'No trusted certification authority of that name has signed the certificate.',
  ),
  'weak-cryptography': text(
    'この電子証明書の暗号方式は使えません。',
    'Only RSA keys of 2048 to 8192 bits with SHA-256, SHA-384 or SHA-512 are accepted.',
  ),
  'authority-not-valid': text(
    'この電子証明書の認証局は有効期間外です。',
    'The certification authority of the certificate is outside its own validity.',
  ),
  'not-yet-valid': text('電子証明書の有効期間がまだ始まっていません。', 'The certificate is not valid yet.'),
  expired: text('電子証明書の有効期間が過ぎています。', 'The certificate has expired.'),
  'unknown-critical-extension': text(
    'この電子証明書には対応していません。',
    'The certificate has a critical extension that this server does not know.',
  ),
  'wrong-policy': text(
    'この電子証明書は今の手続きには使えません。',
    'The certificate was not issued under the policy that was asked for.',
  ),
  'wrong-key-usage': text(
    'この電子証明書は今の手続きには使えません。',
    'The key usage of the certificate is not that of its profile.',
  ),
  'is-authority': text(
    'この電子証明書は利用者のものではありません。',
    'The certificate is that of a certification authority.',
  ),
  'wrong-signature': text(
    'カードの署名を確かめられません。',
    'The signature is not one by the key of the certificate over this challenge.',
  ),
  'unreadable-facts': text(
    '電子証明書の氏名などを読み取れません。',
    'The name, birth date, sex and address in the certificate cannot be read.',
  ),
  'no-status-address': text(
    '電子証明書の失効を確かめる方法がありません。',
    'Neither the certificate nor a setting says where its revocation can be asked for.',
  ),
  'no-status': text(
    '電子証明書の失効を確かめられません。しばらくしてからお試しください。',
    'The revocation service gave no answer in time; the certificate cannot be accepted without one.',
  ),
  'unreadable-status': text(
    '電子証明書の失効を確かめられません。',
    'The answer of the revocation service cannot be read, or holds what this server does not know.',
  ),
  'untrusted-status': text(
    '電子証明書の失効を確かめられません。',
    'The answer of the revocation service is not signed by someone who may sign it.',
  ),
  'status-of-another': text(
    '電子証明書の失効を確かめられません。',
    'The answer of the revocation service is about another certificate or another question.',
  ),
  'stale-status': text(
    '電子証明書の失効を確かめられません。',
    'The answer of the revocation service is out of date or from the future.',
  ),
  'unknown-status': text(
    '電子証明書の失効を確かめられません。',
    'The revocation service does not know the certificate.',
  ),
  revoked: text('この電子証明書は失効しています。', 'The certificate has been revoked.'),
} as const satisfies Record<string, Record<Language, string>>;

export type RefusalReason = keyof typeof refusals;

/** Thrown while a card is looked at and caught where the look ends: `jpkiLogin`, or the reader of the trust anchors. */
export class JpkiRefusal extends Error {
  readonly reason: RefusalReason;
  constructor(reason: RefusalReason) {
    super(refusals[reason].en);
    this.name = 'JpkiRefusal';
    this.reason = reason;
  }
}

/** Ends the look with this reason when `holds` is false. */
export function must(holds: boolean, reason: RefusalReason): asserts holds {
  if (!holds) throw new JpkiRefusal(reason);
}

function text(ja: string, en: string): Record<Language, string> {
  return { ja, en };
}
