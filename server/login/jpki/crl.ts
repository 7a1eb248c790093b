// Reading a certificate revocation list and finding one certificate in it. RFC 5280 sections 5 and 6.3, RFC 10007.

import { algorithmOf, readExtensions, readSigned } from './certificate.ts';
import {
  bytesOf,
  childrenOf,
  context,
  type Der,
  integerHexOf,
  membersOf,
  onlyChildOf,
  readDer,
  smallNumberOf,
  tagOf,
  tags,
  timeMsOf,
} from './der.ts';
import { type DistributionPoint, keyUsageOf, keyUsages, readPointName } from './extensions.ts';
import type { Issued } from './ocsp.ts';
import { must } from './refusal.ts';
import { isSignedBy } from './signed-by.ts';

/**
 * Returns where the list is complete, of this authority, in date, and without the certificate. `point` is the place in the
 * certificate that the list was read from. Throws JpkiRefusal for everything else, DerError for what cannot be read.
 */
export function readCrl(
  list: Uint8Array,
  { certificate, issuer }: Issued,
  point: DistributionPoint,
  nowMs: number,
): void {
  const outer = membersOf(readDer(list));
  const { tbs, ...signed } = readSigned(outer);
  outer.end();
  const members = membersOf(tbs);
  must(smallNumberOf(members.next(tags.integer)) === 1, 'unreadable-status');
  must(algorithmOf(members.next()) === signed.algorithm, 'unreadable-status');
  must(bytesOf(members.next()).equals(issuer.subject), 'untrusted-status');
  must(keyUsageOf(issuer)?.has(keyUsages.cRLSign) === true, 'untrusted-status');
  must(isSignedBy({ ...signed, tbs: bytesOf(tbs) }, issuer.key), 'untrusted-status');
  const thisUpdateMs = timeMsOf(members.next());
  const nextUpdateMs = timeMsOf(members.next());
  must(thisUpdateMs <= nowMs + clockSkewMs && nowMs <= nextUpdateMs, 'stale-status');
  const revoked = members.optional(tags.sequence);
  const extensions = members.optional(context(0));
  members.end();
  if (extensions) refuseOtherScope(onlyChildOf(extensions, context(0)), point);
  must(!hasSerial(revoked, certificate.serial), 'revoked');
}

/** A list that is a part, of other certificates, or of other authorities too, does not answer the question. */
function refuseOtherScope(extensions: Der, point: DistributionPoint): void {
  for (const [id, { critical, value }] of readExtensions(extensions)) {
    if (id === issuingDistributionPoint) refuseOtherPoint(readDer(value), point);
    else must(!critical, 'unreadable-status');
  }
}

function refuseOtherPoint(value: Der, { names }: DistributionPoint): void {
  for (const member of childrenOf(value, tags.sequence)) {
    const tag = tagOf(member);
    if (tag === context(0)) {
      const named = readPointName(onlyChildOf(member, context(0))).names;
      must(
        named.some((one) => names.some((name) => name.equals(one))),
        'status-of-another',
      );
    } else {
      // onlyContainsUserCerts; the rest narrow the list or widen it to what this server does not look at.
      must(tag === context(1), 'status-of-another');
    }
  }
}

/** Whatever the reason: a certificate on hold is not good either. */
function hasSerial(revoked: Der | undefined, serial: string): boolean {
  let isThere = false;
  for (const entry of revoked ? childrenOf(revoked, tags.sequence) : []) {
    const members = membersOf(entry);
    if (integerHexOf(members.next()) === serial) isThere = true;
    members.next();
    const extensions = members.optional(tags.sequence);
    members.end();
    // A critical one may say that the entry is of another authority.
    if (extensions)
      for (const { critical } of readExtensions(extensions).values()) must(!critical, 'unreadable-status');
  }
  return isThere;
}

const issuingDistributionPoint = '2.5.29.28';
const clockSkewMs = 60_000;
