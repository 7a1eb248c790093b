// Is this a signature (CMS SignedData, RFC 5652) over these bytes, by a certificate that leads to one of those we start from?
// Only what is known to be strong is taken: SHA-256, -384 and -512, RSA from 2048 bits, elliptic curves from 256.

import { createHash, type KeyObject, verify, X509Certificate } from 'node:crypto';
import { fromBER, ObjectIdentifier, OctetString, Sequence } from 'asn1js';
import { Certificate, ContentInfo, IssuerAndSerialNumber, SignedData, type SignerInfo } from 'pkijs';
import { nameOf } from './certificates.ts';
import { oids } from './signed-data.ts';

export type Signature = {
  /** Whose, and when the certificate was good for is judged by `checkPath`. */
  certificate: X509Certificate;
  /** All that came with the signature. */
  certificates: X509Certificate[];
  /** What was signed. */
  content: Buffer;
};

/** What is wrong, in words that follow "it" or name their subject; the caller knows the file. */
export class SignatureFault extends Error {}

/**
 * The one signature in this DER. `detached` is what must have been signed when the content is not inside.
 * Throws SignatureFault.
 */
export function readSignature(der: Uint8Array, contentType: string, detached?: Uint8Array): Signature {
  return readable(() => {
    const signed = parsed(der);
    const { eContentType, eContent } = signed.encapContentInfo;
    if (eContentType !== contentType) throw new SignatureFault('it signs something of another kind');
    if ((eContent === undefined) !== (detached !== undefined))
      throw new SignatureFault(detached ? 'it holds a content of its own' : 'it holds no content');
    const content = detached ? Buffer.from(detached) : Buffer.from(eContent?.getValue() ?? new ArrayBuffer(0));
    const [signer, ...others] = signed.signerInfos;
    if (!signer || others.length > 0) throw new SignatureFault('it does not hold exactly one signature');
    const given = (signed.certificates ?? []).filter((one): one is Certificate => one instanceof Certificate);
    const certificates = given.map((one) => new X509Certificate(Buffer.from(one.toSchema().toBER())));
    const certificate = certificates[given.findIndex((one) => isNamedBy(signer, one))];
    if (!certificate) throw new SignatureFault('the certificate of its signer is not in it');
    checkSigner(signer, { content, contentType, certificate });
    return { certificate, certificates, content };
  });
}

type PathWanted = {
  /** Certificates (PEM, one after the other) of which one must stand at the end of the way. */
  anchors: string;
  /** When every certificate on the way must have been good. */
  atMs: number;
  /** For stamping time, and for nothing else. */
  isForStamping: boolean;
};

/** The anchor to which the certificate of a signature leads. Throws SignatureFault. */
export function checkPath({ certificate, certificates }: Signature, wanted: PathWanted): X509Certificate {
  return readable(() => {
    const anchors = certificatesIn(wanted.anchors);
    const uses = certificate.keyUsage ?? [];
    if (wanted.isForStamping && !(uses.length === 1 && uses[0] === timeStamping))
      throw new SignatureFault('its certificate is not one for time stamps alone');
    let at = certificate;
    for (let steps = 0; steps < longestPath; steps += 1) {
      checkCertificate(at, wanted.atMs);
      const anchor = anchors.find((one) => one.raw.equals(at.raw) || isIssuedBy(at, one));
      if (anchor) {
        checkCertificate(anchor, wanted.atMs);
        return anchor;
      }
      const next = certificates.find((one) => !one.raw.equals(at.raw) && isIssuedBy(at, one));
      if (!next) break;
      at = next;
    }
    throw new SignatureFault(`its certificate (${nameOf(certificate)}) was not issued by the authority in the archive`);
  });
}

/** What `read` answers. Throws SignatureFault for whatever the libraries below throw at bytes that were made to be odd. */
export function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof SignatureFault ? error : new SignatureFault('it cannot be read', { cause: error });
  }
}

/** The certificates in a text, one after the other. Throws SignatureFault when there is none or one cannot be read. */
export function certificatesIn(pem: string): X509Certificate[] {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    if (found.length > 0) return found.map((one) => new X509Certificate(one));
  } catch {
    // Said below.
  }
  throw new SignatureFault('it holds no certificate that can be read');
}

const timeStamping = '1.3.6.1.5.5.7.3.8';
const longestPath = 5;
export const hashes: Record<string, string> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
/** PKCS #1 v1.5 and ECDSA; `rsaEncryption` leaves the hash to the digest algorithm. */
const signatures: Record<string, { keyType: string; hash?: string }> = {
  '1.2.840.113549.1.1.1': { keyType: 'rsa' },
  '1.2.840.113549.1.1.11': { keyType: 'rsa', hash: 'sha256' },
  '1.2.840.113549.1.1.12': { keyType: 'rsa', hash: 'sha384' },
  '1.2.840.113549.1.1.13': { keyType: 'rsa', hash: 'sha512' },
  '1.2.840.10045.4.3.2': { keyType: 'ec', hash: 'sha256' },
  '1.2.840.10045.4.3.3': { keyType: 'ec', hash: 'sha384' },
  '1.2.840.10045.4.3.4': { keyType: 'ec', hash: 'sha512' },
};

function parsed(der: Uint8Array): SignedData {
  const bytes = new Uint8Array(der).buffer;
  const content = ContentInfo.fromBER(bytes);
  if (fromBER(bytes).offset !== bytes.byteLength) throw new SignatureFault('there are bytes behind its end');
  if (content.contentType !== oids.signedData) throw new SignatureFault('it is no signature');
  return new SignedData({ schema: content.content });
}

type Checked = { content: Uint8Array; contentType: string; certificate: X509Certificate };

function checkSigner(signer: SignerInfo, { content, contentType, certificate }: Checked): void {
  const hash = hashes[signer.digestAlgorithm.algorithmId];
  const signature = signatures[signer.signatureAlgorithm.algorithmId];
  const signatureHash = signature?.hash ?? hash;
  if (!hash || !signature || !signatureHash)
    throw new SignatureFault('it is signed by an algorithm that is not accepted');
  checkKey(certificate.publicKey);
  if (certificate.publicKey.asymmetricKeyType !== signature.keyType)
    throw new SignatureFault('its algorithm is not that of its key');
  const type = attributeOf(signer, oids.contentType);
  if (!(type instanceof ObjectIdentifier) || type.valueBlock.toString() !== contentType)
    throw new SignatureFault('it signs something of another kind');
  const digest = attributeOf(signer, oids.messageDigest);
  if (!(digest instanceof OctetString) || !createHash(hash).update(content).digest().equals(bytesOf(digest)))
    throw new SignatureFault('it signs other bytes');
  checkNamedCertificate(signer, certificate);
  // What is signed is the SET OF itself, not the member [0] as which it is written down. RFC 5652 section 5.4.
  const attributes = Buffer.from(signer.signedAttrs?.encodedValue ?? new ArrayBuffer(0));
  attributes[0] = 0x31;
  if (!verify(signatureHash, attributes, certificate.publicKey, bytesOf(signer.signature)))
    throw new SignatureFault('the signature does not fit');
}

/** RFC 5035: the attribute by which a signature holds for one certificate and for no other of the same key. */
function checkNamedCertificate(signer: SignerInfo, certificate: X509Certificate): void {
  const second = attributeOf(signer, oids.signingCertificateV2);
  const [listed] = membersOf(second ?? attributeOf(signer, oids.signingCertificate));
  const parts = membersOf(membersOf(listed)[0]);
  // The older attribute knows SHA-1 alone; the newer one leaves its hash out when it is SHA-256.
  const [stated] = membersOf(parts[0]);
  const hash =
    second && stated instanceof ObjectIdentifier ? hashes[stated.valueBlock.toString()] : second ? 'sha256' : 'sha1';
  const digest = parts[stated ? 1 : 0];
  const isIt =
    hash !== undefined &&
    digest instanceof OctetString &&
    createHash(hash).update(certificate.raw).digest().equals(bytesOf(digest));
  if (!isIt) throw new SignatureFault('it is not bound to the certificate of its signer');
}

function checkKey({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): void {
  const { modulusLength = 0, namedCurve = '' } = asymmetricKeyDetails ?? {};
  const isStrong = asymmetricKeyType === 'rsa' ? modulusLength >= leastModulusBits : curves.includes(namedCurve);
  if (!isStrong) throw new SignatureFault('its key is of a kind or length that is not accepted');
}

const leastModulusBits = 2048;
const curves = ['prime256v1', 'secp384r1', 'secp521r1'];

function checkCertificate(certificate: X509Certificate, atMs: number): void {
  const { validFromDate, validToDate } = certificate;
  const at = new Date(atMs).toISOString();
  if (atMs < validFromDate.getTime())
    throw new SignatureFault(`the certificate of ${nameOf(certificate)} was not good yet at ${at}`);
  if (atMs > validToDate.getTime())
    throw new SignatureFault(`the certificate of ${nameOf(certificate)} had expired at ${at}`);
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  const isSignedWell = signatures[certificate.signatureAlgorithmOid]?.hash !== undefined;
  return isSignedWell && issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function isNamedBy({ sid }: SignerInfo, { issuer, serialNumber }: Certificate): boolean {
  return sid instanceof IssuerAndSerialNumber && sid.issuer.isEqual(issuer) && sid.serialNumber.isEqual(serialNumber);
}

function attributeOf({ signedAttrs }: SignerInfo, type: string): unknown {
  const found = signedAttrs?.attributes.filter((one) => one.type === type) ?? [];
  const [value, ...more] = found.flatMap(({ values }) => values);
  return more.length === 0 ? value : undefined;
}

const membersOf = (node: unknown): unknown[] => (node instanceof Sequence ? node.valueBlock.value : []);

const bytesOf = (octets: OctetString): Buffer => Buffer.from(octets.getValue());
