// The certificate of an erasure: what went, when and at whose request, what remains and why, and what backups hold. It is signed as JSON
// and told in words; whose record it was can be read only by who knows its address, of which it has the SHA-256.

import { createHash } from 'node:crypto';
import type { Language } from '../fhir/outcome.ts';
import type { Erased, Subject } from '../store/expunge.ts';

export type Certificate = {
  format: 'tsumugi-erasure-certificate';
  version: 2;
  issuer: string;
  /** SHA-256 of the full URL, in hexadecimal. */
  erased: string;
  /** ISO 8601, UTC. */
  at: string;
  /** Of the request that erased, as the audit names it. */
  request: string;
  /** When the family's request was complete, and how many had agreed. */
  asked?: { at: string; agreed: number };
  rows: Record<string, number>;
  versions: Record<string, number>;
  /** How many resources that are also another patient's go on without this one. */
  rewritten: number;
  remains: string[];
  backups: {
    /** `destroyed`: what backups hold of the patient opens no more; `none`: no backup ever held any; `kept`: of one resource only. */
    key: 'destroyed' | 'none' | 'kept';
    /** When the last backup and the last key ring were written before. */
    last?: string;
    ring?: string;
  };
};

type Facts = {
  base: string;
  subject: Subject;
  erased: Erased;
  rewritten: number;
  at: string;
  request: string;
  asked: Certificate['asked'] | undefined;
};

export function erasureCertificate(facts: Facts): Certificate {
  const { base, subject, erased, rewritten, at, request, asked } = facts;
  const { rows, versions, backups } = erased;
  const hadKey = rows.patient_key !== undefined;
  return {
    format: 'tsumugi-erasure-certificate',
    version: 2,
    issuer: base,
    erased: createHash('sha256').update(`${base}/${subject.type}/${subject.id}`).digest('hex'),
    at,
    request,
    ...(asked && { asked }),
    rows,
    versions,
    rewritten,
    remains: [
      'audit',
      ...(subject.type === 'Patient' ? ['own-persons', 'binaries'] : []),
      ...(rewritten > 0 ? ['shared'] : []),
    ],
    backups: {
      key: subject.type !== 'Patient' ? (backups.last ? 'kept' : 'none') : hadKey ? 'destroyed' : 'none',
      ...(backups.last && { last: backups.last }),
      ...(backups.ring && { ring: backups.ring }),
    },
  };
}

const remainsWords: Readonly<Record<string, Record<Language, string>>> = {
  audit: {
    ja: '利用の記録(だれがいつ利用したか。内容や氏名は含みません)。不正な利用を後から確かめられるよう保存する義務があるためです(個人情報の保護に関する法律23条)。',
    en: 'The access log: who used the record and when, without names or contents. It has to be kept so that misuse can be found (Act on the Protection of Personal Information, article 23).',
  },
  'own-persons': {
    ja: '保護者など、家族それぞれ自身のアカウントと情報。本人のものだからです。',
    en: 'The accounts and details of the members of the family themselves: they are their own.',
  },
  binaries: {
    ja: '本人との関係が記録されていない添付文書(Binary)。個別に消去できます。',
    en: 'Attached documents (Binary) of which it is not recorded whose they are: they are erased one by one.',
  },
  shared: {
    ja: 'ほかの人の記録でもあるもの。この人の情報を除いた形で、その人の記録に残ります。',
    en: 'What is also in somebody else’s record: it stays there, without this person.',
  },
};

const backupWords: Readonly<Record<Certificate['backups']['key'], Record<Language, string>>> = {
  destroyed: {
    ja: '控え(バックアップ)には暗号化されたまま残りますが、その鍵はデータベースから破棄しました。運営者が保管する鍵の束は次の書き直しで失われ、以後は誰にも読めません。',
    en: 'Backups still hold it encrypted. Its key was destroyed in the database; it goes from the operator’s key ring when that is written next, and after that nobody can read it.',
  },
  none: { ja: '控え(バックアップ)には含まれていません。', en: 'No backup holds any of it.' },
  kept: {
    ja: '控え(バックアップ)には、記録全体が消去されるまで暗号化されたまま残ります。',
    en: 'Backups go on holding it, encrypted, until the whole record is erased.',
  },
};

/** The certificate in words. */
export function certificateText(certificate: Certificate, language: Language): string {
  const isJapanese = language === 'ja';
  const { asked, versions, remains, backups, rewritten } = certificate;
  const counts = Object.entries(versions).map(([type, count]) => `${type} ${count}`);
  const heading = (ja: string, en: string) => `\n${isJapanese ? ja : en}`;
  return [
    isJapanese ? '消去証明書' : 'Certificate of erasure',
    `${isJapanese ? '消去した日時' : 'Erased at'}: ${inJapan(certificate.at, isJapanese)}`,
    ...(asked
      ? [
          isJapanese
            ? `ご家族の求め: ${inJapan(asked.at, true)}(同意した人 ${asked.agreed}人)`
            : `Asked for by the family: ${inJapan(asked.at, false)} (${asked.agreed} agreed)`,
        ]
      : []),
    heading('消去したもの(種類ごとの版の数)', 'What was erased (versions of each kind)'),
    counts.length > 0 ? counts.join(', ') : isJapanese ? 'なし' : 'none',
    ...(rewritten > 0
      ? [
          isJapanese
            ? `ほかの人の記録からこの人を除いたもの: ${rewritten}`
            : `Taken out of other people’s entries: ${rewritten}`,
        ]
      : []),
    heading('残るものとその理由', 'What remains, and why'),
    ...remains.map((what) => `- ${remainsWords[what]?.[language] ?? what}`),
    heading('控え(バックアップ)', 'Backups'),
    backupWords[backups.key][language],
    heading('確かめ方', 'How to check this'),
    isJapanese
      ? `記録のアドレスのSHA-256: ${certificate.erased}。署名(receipt)は ${certificate.issuer.replace(/\/fhir$/, '')}/.well-known/jwks.json の鍵で確かめられます。`
      : `SHA-256 of the record’s address: ${certificate.erased}. The signature (receipt) is checked with the keys at ${certificate.issuer.replace(/\/fhir$/, '')}/.well-known/jwks.json.`,
  ].join('\n');
}

const offsetMs = 9 * 3_600_000;

function inJapan(at: string, isJapanese: boolean): string {
  const [date = '', time = ''] = new Date(Date.parse(at) + offsetMs).toISOString().split('T');
  const [year, month, day] = date.split('-').map(Number);
  return isJapanese ? `${year}年${month}月${day}日 ${time.slice(0, 5)}` : `${date} ${time.slice(0, 5)} (Japan)`;
}
