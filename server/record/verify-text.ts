// VERIFY.txt of an archive: how to check it with nothing but openssl and a shell, in forty years too. The commands are pasted
// into a folder into which the ZIP was unpacked. Each certificate is judged by the time of the stamp: it may have expired since.

import type { DeploymentCertificates } from './certificates.ts';
import { certificatePaths, cmsPath, type Manifest, manifestPath, timeStampPath } from './manifest.ts';

type Facts = { manifest: Manifest; stampedMs: number; certificates: DeploymentCertificates; thumbprint: string };

/** In both languages, the family's own first. */
export function verifyText(facts: Facts): string {
  const texts =
    facts.manifest.language === 'en' ? [english(facts), japanese(facts)] : [japanese(facts), english(facts)];
  return texts.join(`\n${'-'.repeat(72)}\n\n`);
}

/** Each command on a line of its own; the last is one line too, however long. */
export function verifyCommands({ manifest, stampedMs }: Pick<Facts, 'manifest' | 'stampedMs'>) {
  const at = `-attime ${Math.floor(stampedMs / 1000)}`;
  const root = `-CAfile ${certificatePaths.root}`;
  const clockRoot = isAuthority(manifest) ? `-CAfile ${certificatePaths.timeStamp}` : root;
  return {
    signature: `openssl cms -verify -binary -inform DER -in ${cmsPath} -content ${manifestPath} ${root} -no-CApath ${at} -out /dev/null`,
    stamp: `openssl ts -verify -data ${manifestPath} -in ${timeStampPath} ${clockRoot} ${at}`,
    time: `openssl ts -reply -in ${timeStampPath} -text`,
    // In canonical JSON "path" is followed by "sha256", and neither needs an escape.
    files: `tr '{' '\\n' < ${manifestPath} | sed -n 's/.*"path":"\\([^"]*\\)","sha256":"\\([0-9a-f]*\\)".*/\\2 \\1/p' | while read -r sum file; do [ "$(openssl dgst -sha256 -r "$file" | cut -c 1-64)" = "$sum" ] && echo "OK $file" || echo "CHANGED $file"; done`,
    fingerprint: `openssl x509 -in ${certificatePaths.root} -noout -fingerprint -sha256`,
  };
}

function isAuthority({ version, ...manifest }: Manifest): boolean {
  return version === 2 && 'timestamp' in manifest && manifest.timestamp.clock === 'authority';
}

const authorityOf = (manifest: Manifest): string =>
  manifest.version === 2 ? (manifest.timestamp.authority ?? '') : '';

function japanese(facts: Facts): string {
  const { manifest, stampedMs, certificates, thumbprint } = facts;
  const { signature, stamp, time, files, fingerprint } = verifyCommands(facts);
  const authority = authorityOf(manifest);
  const clock = isAuthority(manifest)
    ? `時刻は、第三者の時刻認証局 (${authority}) が証明したものです。`
    : `時刻は、この記録を発行したサーバー自身の時計によるものです。第三者の証明ではありません。${
        authority === '' ? '' : `\n   (時刻認証局 ${authority} に頼みましたが、答えがありませんでした。)`
      }`;
  return `このアーカイブの確かめかた

つむぎがあれば (サーバーも通信も不要です):  npx tsumugi verify ファイル名.zip
つむぎがなくても、OpenSSL (1.1.1 以降) だけで確かめられます。ZIP を展開したフォルダで、下の行を
ターミナル (Windows では Git Bash など) に貼り付けてください。

1. manifest.json への署名。「CMS Verification successful」と出れば、署名のあとで変わっていません。

${signature}

2. タイムスタンプ。「Verification: OK」と出れば、${new Date(stampedMs).toISOString()} (世界協定時) にはありました。
   ${clock}

${stamp}
${time}

3. すべてのファイル。どの行も OK なら、manifest.json に書かれたとおりです。ここに出ないファイルは、
   manifest.json と、それについて作られた manifest.jws、manifest.p7s、manifest.tsr、この VERIFY.txt だけです。

${files}

4. だれの署名か。次の指紋を、このファイル以外の方法で、発行元に確かめてください。

${fingerprint}

   作成時の指紋: ${certificates.root.certificate.fingerprint256}
   manifest.jws の鍵の拇印 (RFC 7638): ${thumbprint}
   (発行元は ${originOf(manifest)}/.well-known/jwks.json と /.well-known/archive-root.pem で公表しています。)
   アーカイブを作り替えた人は、この VERIFY.txt も作り替えられます。

証明書の期限はタイムスタンプの時刻で判断します (-attime)。
merkleRoot は RFC 9162 の 2.1.1 節の Merkle Tree Hash (SHA-256) です。葉は manifest.json の順で、
ファイルの SHA-256 (32 バイト) とその path (UTF-8) をつないだものです。
`;
}

function english(facts: Facts): string {
  const { manifest, stampedMs, certificates, thumbprint } = facts;
  const { signature, stamp, time, files, fingerprint } = verifyCommands(facts);
  const authority = authorityOf(manifest);
  const clock = isAuthority(manifest)
    ? `The time is vouched for by another party, the time stamp authority ${authority}.`
    : `The time is that of the clock of the server that issued this record; no other party vouches for it.${
        authority === '' ? '' : `\n   (The time stamp authority ${authority} was asked and did not answer.)`
      }`;
  return `How to check this archive

With Tsumugi (no server and no network needed):  npx tsumugi verify THIS-FILE.zip
Without it OpenSSL (1.1.1 or later) is enough. In the folder into which the ZIP was unpacked, paste the lines below
into a terminal (on Windows, Git Bash or the like).

1. The signature over manifest.json. "CMS Verification successful" says that it has not changed since it was signed.

${signature}

2. The time stamp. "Verification: OK" says that it was there at ${new Date(stampedMs).toISOString()} (UTC).
   ${clock}

${stamp}
${time}

3. Every file. When each line says OK, all is as manifest.json has it. The only files that are not shown here are
   manifest.json and what was made over it: manifest.jws, manifest.p7s, manifest.tsr and this VERIFY.txt.

${files}

4. Who signed. Compare this fingerprint, by another way than this file, with the one of the issuer.

${fingerprint}

   Fingerprint when it was made: ${certificates.root.certificate.fingerprint256}
   Thumbprint of the key of manifest.jws (RFC 7638): ${thumbprint}
   (The issuer publishes them at ${originOf(manifest)}/.well-known/jwks.json and /.well-known/archive-root.pem.)
   Whoever forges an archive can also forge this VERIFY.txt.

Certificates are judged by the time of the stamp (-attime).
merkleRoot is the Merkle Tree Hash of RFC 9162, section 2.1.1 (SHA-256). The leaves are in the order of manifest.json,
each the SHA-256 of the file (32 bytes) followed by its path (UTF-8).
`;
}

const originOf = ({ issuer }: Manifest): string => issuer.replace(/\/fhir$/, '');
