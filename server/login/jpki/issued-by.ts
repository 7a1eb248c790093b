// Who issued a certificate, RFC 5280 section 6.1 for the shortest of paths: the authorities of JPKI sign the certificates of
// people themselves, so that whoever stands between an anchor and a person's certificate is a stranger.

import type { Certificate } from './certificate.ts';
import { isAuthority, keyUsageOf, keyUsages, refuseUnknownCritical } from './extensions.ts';
import { must } from './refusal.ts';
import { isSignedBy } from './signed-by.ts';

/** The anchor that signed the certificate; both are valid at `nowMs`. Throws JpkiRefusal where there is none. */
export function issuerOf(certificate: Certificate, anchors: readonly Certificate[], nowMs: number): Certificate {
  const named = anchors.filter(({ subject }) => subject.equals(certificate.issuer));
  must(named.length > 0, 'unknown-issuer');
  // An authority that has renewed its key has two certificates of one name.
  const issuer = named.find(({ key }) => isSignedBy(certificate, key));
  must(issuer !== undefined, 'forged-certificate');
  must(issuer.notBeforeMs <= nowMs && nowMs <= issuer.notAfterMs, 'authority-not-valid');
  must(certificate.notBeforeMs <= nowMs, 'not-yet-valid');
  must(nowMs <= certificate.notAfterMs, 'expired');
  return issuer;
}

/** What a certificate must be to vouch for others: of an authority, by its own signature, with a key for that. */
export function refuseAsAnchor(certificate: Certificate): void {
  refuseUnknownCritical(certificate);
  must(isAuthority(certificate), 'unknown-issuer');
  must(keyUsageOf(certificate)?.has(keyUsages.keyCertSign) === true, 'wrong-key-usage');
  must(certificate.subject.equals(certificate.issuer), 'unknown-issuer');
  must(isSignedBy(certificate, certificate.key), 'forged-certificate');
}
