// The two kinds of certificate on a My Number Card, as J-LIS profiles them (プロファイル仕様書): what tells them apart is the
// policy they were issued under; what each may be used for follows from it.

import type { Certificate } from './certificate.ts';
import {
  extendedKeyUsageOf,
  isAuthority,
  keyUsageOf,
  keyUsages,
  policiesOf,
  refuseUnknownCritical,
} from './extensions.ts';
import { must } from './refusal.ts';

/** `authentication` is 利用者証明用, which names nobody; `signature` is 署名用, which holds the four basic facts. */
export type CardKind = 'authentication' | 'signature';

type Profile = {
  policy: string;
  /** Exactly these bits of keyUsage. */
  usages: readonly number[];
  /** Purposes that extendedKeyUsage may have where the extension is there. */
  purposes: readonly string[];
};

export const profiles: Record<CardKind, Profile> = {
  authentication: {
    policy: '1.2.392.200149.8.5.1.3.30',
    usages: [keyUsages.digitalSignature],
    purposes: ['1.3.6.1.5.5.7.3.2'],
  },
  signature: {
    policy: '1.2.392.200149.8.5.1.1.20',
    usages: [keyUsages.digitalSignature, keyUsages.nonRepudiation],
    purposes: [],
  },
};

/** Refuses a certificate that is not of this kind. Throws JpkiRefusal. */
export function refuseUnless(kind: CardKind, certificate: Certificate): void {
  const { policy, usages, purposes } = profiles[kind];
  refuseUnknownCritical(certificate);
  must(!isAuthority(certificate), 'is-authority');
  // One policy and no other: a certificate of both kinds would be neither.
  const policies = policiesOf(certificate);
  must(policies.length === 1 && policies[0] === policy, 'wrong-policy');
  const given = keyUsageOf(certificate);
  must(given !== undefined && given.size === usages.length && usages.every((bit) => given.has(bit)), 'wrong-key-usage');
  must(
    (extendedKeyUsageOf(certificate) ?? purposes).every((one) => purposes.includes(one)),
    'wrong-key-usage',
  );
}
