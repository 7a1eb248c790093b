// The extensions of certificates that are understood here. RFC 5280 section 4.2.

import type { Certificate } from './certificate.ts';
import {
  bitsOf,
  booleanOf,
  bytesOf,
  childrenOf,
  contentOf,
  context,
  type Der,
  membersOf,
  oidOf,
  onlyChildOf,
  readDer,
  smallNumberOf,
  tagOf,
  tags,
} from './der.ts';
import { must } from './refusal.ts';

export const extensionIds = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  crlDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  ocspNoCheck: '1.3.6.1.5.5.7.48.1.5',
} as const;

/** Bits of keyUsage by their number. */
export const keyUsages = { digitalSignature: 0, nonRepudiation: 1, keyCertSign: 5, cRLSign: 6 } as const;

/** Refuses a certificate with a critical extension that is not in the table above. */
export function refuseUnknownCritical({ extensions }: Pick<Certificate, 'extensions'>): void {
  const known = new Set<string>(Object.values(extensionIds));
  for (const [id, { critical }] of extensions) must(!critical || known.has(id), 'unknown-critical-extension');
}

/** The bits that are set; undefined without the extension. */
export function keyUsageOf(certificate: Certificate): Set<number> | undefined {
  const value = extensionValue(certificate, extensionIds.keyUsage);
  return value && bitsOf(value);
}

/** Whether the certificate is a certification authority's. */
export function isAuthority(certificate: Certificate): boolean {
  const value = extensionValue(certificate, extensionIds.basicConstraints);
  if (!value) return false;
  const members = membersOf(value);
  const ca = members.optional(tags.boolean);
  const pathLength = members.optional(tags.integer);
  if (pathLength) smallNumberOf(pathLength);
  members.end();
  return ca !== undefined && booleanOf(ca);
}

export function policiesOf(certificate: Certificate): string[] {
  const value = extensionValue(certificate, extensionIds.certificatePolicies);
  return value ? childrenOf(value, tags.sequence).map((policy) => oidOf(membersOf(policy).next())) : [];
}

/** Purposes by their object identifier; undefined without the extension. */
export function extendedKeyUsageOf(certificate: Certificate): string[] | undefined {
  const value = extensionValue(certificate, extensionIds.extendedKeyUsage);
  return value && childrenOf(value, tags.sequence).map(oidOf);
}

/** Addresses of OCSP responders, RFC 6960 section 3.1. */
export function ocspUrlsOf(certificate: Certificate): string[] {
  const value = extensionValue(certificate, extensionIds.authorityInfoAccess);
  if (!value) return [];
  return childrenOf(value, tags.sequence).flatMap((description) => {
    const members = membersOf(description);
    const isOcsp = oidOf(members.next()) === '1.3.6.1.5.5.7.48.1';
    return isOcsp ? httpUrls([members.next()]) : [];
  });
}

/** A place where a CRL is found: `names` is the DER of each of its names, `urls` those that are http addresses. */
export type DistributionPoint = { names: Buffer[]; urls: string[] };

/** Points that are limited to some reasons, or whose list another issuer makes, are left out: they do not say enough. */
export function distributionPointsOf(certificate: Certificate): DistributionPoint[] {
  const value = extensionValue(certificate, extensionIds.crlDistributionPoints);
  if (!value) return [];
  return childrenOf(value, tags.sequence).flatMap((point) => {
    const members = membersOf(point);
    const name = members.optional(context(0));
    const isLimited = members.optional(context(1)) !== undefined || members.optional(context(2)) !== undefined;
    return name && !isLimited ? [readPointName(onlyChildOf(name, context(0)))] : [];
  });
}

/** DistributionPointName; one relative to the issuer has no names here. */
export function readPointName(node: Der): DistributionPoint {
  if (tagOf(node) !== context(0)) return { names: [], urls: [] };
  const names = childrenOf(node, context(0));
  return { names: names.map(bytesOf), urls: httpUrls(names) };
}

/** The otherNames of subjectAltName: object identifier -> value. One that is there twice makes it unreadable. */
export function otherNamesOf(certificate: Certificate): Map<string, Der> {
  const names = new Map<string, Der>();
  const value = extensionValue(certificate, extensionIds.subjectAltName);
  for (const name of value ? childrenOf(value, tags.sequence) : []) {
    if (tagOf(name) !== context(0)) continue;
    const [id, content] = childrenOf(name, context(0));
    must(id !== undefined && content !== undefined && !names.has(oidOf(id)), 'unreadable-facts');
    names.set(oidOf(id), onlyChildOf(content, context(0)));
  }
  return names;
}

function extensionValue({ extensions }: Certificate, id: string): Der | undefined {
  const extension = extensions.get(id);
  return extension && readDer(extension.value);
}

function httpUrls(names: Der[]): string[] {
  return names
    .filter((name) => tagOf(name) === uniformResourceIdentifier)
    .map((name) => contentOf(name, uniformResourceIdentifier).toString('latin1'))
    .filter((url) => /^https?:\/\/[\x21-\x7e]+$/i.test(url) && URL.canParse(url));
}

const uniformResourceIdentifier = context(6);
