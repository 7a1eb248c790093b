// README.txt of an archive, for the person who finds it in twenty years: what this is and how to check it.

import type { Language } from '../fhir/outcome.ts';

export type ReadmeFacts = { patient: string; issuer: string; createdAt: string; thumbprint: string; complete: boolean };

/** In both languages, the family's own first. */
export function readmeText(language: Language, facts: ReadmeFacts): string {
  const texts = language === 'en' ? [english(facts), japanese(facts)] : [japanese(facts), english(facts)];
  return texts.join(`\n${'-'.repeat(72)}\n\n`);
}

const japanese = ({
  patient,
  issuer,
  createdAt,
  thumbprint,
  complete,
}: ReadmeFacts): string => `つむぎ 生涯記録アーカイブ

このファイルは、母子健康記録の写しです。個人の健康情報が入っています。大切に保管してください。

  記録    ${patient}
  発行元  ${issuer}
  作成    ${createdAt} (世界協定時)

入っているもの
  fhir/bundle.json  ${complete ? '記録のすべて' : '記録の一部 (作成を求めた人が見られる種類だけ)'} (国際規格 HL7 FHIR R4 の Bundle、JSON 形式)
  manifest.json     各ファイルの大きさと SHA-256
  manifest.jws      manifest.json への電子署名 (JWS, ES256)
  keys.jwks.json    署名を確かめるための公開鍵

確かめかた
  つむぎがあれば (サーバーも通信も不要です):
    npx tsumugi verify このファイル.zip
  最後の行が VALID なら、署名のあとで一文字も変わっていません。
  つむぎがなくても、各ファイルの SHA-256 を manifest.json と比べ、manifest.jws を一般の JOSE の
  道具で確かめられます (署名の中身は manifest.json そのものです)。

だれが署名したか
  署名した鍵の拇印 (RFC 7638): ${thumbprint}
  この値が発行元の公表するもの (/.well-known/jwks.json の kid) と同じかを、別の経路で確かめてください。
  この README も作り替えられるので、ここに書かれた値だけでは証拠になりません。
`;

const english = ({
  patient,
  issuer,
  createdAt,
  thumbprint,
  complete,
}: ReadmeFacts): string => `Tsumugi archive of a lifelong record

This file is a copy of a maternal and child health record. It holds personal health information: keep it safe.

  record    ${patient}
  issuer    ${issuer}
  made      ${createdAt} (UTC)

What is inside
  fhir/bundle.json  ${complete ? 'the whole record' : 'part of the record (what whoever asked could read)'} (a Bundle of HL7 FHIR R4, in JSON)
  manifest.json     size and SHA-256 of every file
  manifest.jws      the electronic signature over manifest.json (JWS, ES256)
  keys.jwks.json    the public key to check it with

How to check it
  With Tsumugi (no server and no network needed):
    npx tsumugi verify THIS-FILE.zip
  When the last line is VALID, not one letter has changed since it was signed.
  Without Tsumugi: compare the SHA-256 of each file with manifest.json, and check manifest.jws with any JOSE
  tool (what it signs is manifest.json, byte for byte).

Who signed it
  Thumbprint of the signing key (RFC 7638): ${thumbprint}
  Compare it, by another way than this file, with the one the issuer publishes ("kid" in
  /.well-known/jwks.json). Whoever forges an archive can also forge this README.
`;
