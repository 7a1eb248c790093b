// The certificates of this deployment: an authority of its own (made once), and each year a certificate that signs manifests
// (CMS) and one that stamps time (RFC 3161). X.509 v3, RFC 5280; the two algorithms differ on purpose, RSA and ECDSA, so that
// the day one of them falls something still stands. All are kept with the database like the other keys.

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { promisify } from 'node:util';
import { BitString, Integer, Null, ObjectIdentifier, OctetString, Primitive, Sequence, Utf8String } from 'asn1js';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  BasicConstraints,
  Certificate,
  Extension,
  PublicKeyInfo,
  Time,
} from 'pkijs';

/** A named secret of the deployment, made on first use: store/secrets.ts. */
export type LoadSecret = <T extends object>(name: string, make: () => Promise<T> | T) => Promise<T>;

/** A certificate with its key; `pem` as it stands in a .pem file. */
export type Certified = { pem: string; certificate: X509Certificate; privateKey: KeyObject };
/** `signing` and `stamping` were issued by `root`. */
export type DeploymentCertificates = { root: Certified; signing: Certified; stamping: Certified };

/** Kept in the database: PEM texts. */
type Stored = { certificate: string; key: string };

const dayMs = 86_400_000;
const yearMs = 365 * dayMs;
const rootLifetimeMs = 50 * yearMs;
/** An archive is judged by the time of its stamp, so this only has to outlast the year in which the certificate is used. */
const lifetimeMs = 5 * yearMs;

/**
 * The certificates that are in use at that time. They are made when an archive first asks for them: most starts of a server
 * never do, and an RSA key takes its time.
 */
export function certificatesOf(load: LoadSecret): (nowMs: number) => Promise<DeploymentCertificates> {
  const made = new Map<string, Promise<DeploymentCertificates>>();
  return (nowMs) => {
    const year = String(new Date(nowMs).getUTCFullYear());
    const found = made.get(year) ?? inYear(load, year, nowMs);
    made.set(year, found);
    found.catch(() => made.delete(year));
    return found;
  };
}

async function inYear(load: LoadSecret, year: string, nowMs: number): Promise<DeploymentCertificates> {
  const root = certified(await load('archive-root', () => issue({ name: 'Tsumugi archive root', use: 'root', nowMs })));
  const issued = (use: Use, name: string) =>
    load(`archive-${use}-${year}`, () => issue({ name, use, nowMs, issuer: root }));
  return {
    root,
    signing: certified(await issued('signing', `Tsumugi archive signature ${year}`)),
    stamping: certified(await issued('stamping', `Tsumugi archive clock ${year}`)),
  };
}

export type Use = 'root' | 'signing' | 'stamping';
type Wanted = { name: string; use: Use; nowMs: number; issuer?: Certified };

/** A new key and a certificate for it; without an issuer it is its own. */
export async function issue({ name, use, nowMs, issuer }: Wanted): Promise<Stored> {
  const privateKey = await newKey(use);
  const certificate = new Certificate({ version: 2 });
  // A natural number of 127 bits: 20 octets are allowed, and the first bit has to be 0.
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  certificate.serialNumber = new Integer({ valueHex: arrayBufferOf(serial) });
  certificate.subject.typesAndValues = [commonName(name)];
  certificate.issuer.typesAndValues = [commonName(issuer ? nameOf(issuer.certificate) : name)];
  // A day of slack for clocks that differ.
  const notBeforeMs = nowMs - dayMs;
  certificate.notBefore = timeOf(notBeforeMs);
  certificate.notAfter = timeOf(notBeforeMs + (use === 'root' ? rootLifetimeMs : lifetimeMs));
  const signer = issuer?.privateKey ?? privateKey;
  certificate.extensions = [...extensions[use](), ...keyIdentifiers(privateKey, signer)];
  certificate.subjectPublicKeyInfo = PublicKeyInfo.fromBER(arrayBufferOf(publicDer(privateKey)));
  certificate.signature = signatureAlgorithm(signer);
  certificate.signatureAlgorithm = signatureAlgorithm(signer);
  const signed = certificate.encodeTBS().toBER();
  certificate.tbsView = new Uint8Array(signed);
  certificate.signatureValue = new BitString({ valueHex: arrayBufferOf(signWith(signer, Buffer.from(signed))) });
  const pem = new X509Certificate(Buffer.from(certificate.toSchema().toBER())).toString();
  return { certificate: pem, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** A stored certificate, ready for use. */
export function certified({ certificate, key }: Stored): Certified {
  return { pem: certificate, certificate: new X509Certificate(certificate), privateKey: createPrivateKey(key) };
}

/** The common name of whom a certificate is for, else the whole name in one line. */
export function nameOf({ subject }: X509Certificate): string {
  return /^CN=(.+)$/m.exec(subject)?.[1] ?? subject.replaceAll('\n', ', ');
}

/** What a key of ours signs with: RSA with SHA-256 (PKCS #1 v1.5), or ECDSA with SHA-384. */
export function signatureAlgorithm({ asymmetricKeyType }: KeyObject): AlgorithmIdentifier {
  return asymmetricKeyType === 'rsa'
    ? new AlgorithmIdentifier({ algorithmId: '1.2.840.113549.1.1.11', algorithmParams: new Null() })
    : new AlgorithmIdentifier({ algorithmId: '1.2.840.10045.4.3.3' });
}

/** The signature over these bytes by that algorithm. */
export const signWith = (key: KeyObject, bytes: Uint8Array): Buffer =>
  sign(key.asymmetricKeyType === 'rsa' ? 'sha256' : 'sha384', bytes, key);

/** The bytes in a buffer of their own. */
export const arrayBufferOf = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

async function newKey(use: Use): Promise<KeyObject> {
  if (use === 'signing') return (await promisify(generateKeyPair)('rsa', { modulusLength: 3072 })).privateKey;
  return (await promisify(generateKeyPair)('ec', { namedCurve: 'P-384' })).privateKey;
}

const commonName = (value: string) => new AttributeTypeAndValue({ type: '2.5.4.3', value: new Utf8String({ value }) });

/** RFC 5280 section 4.1.2.5: two digits for the year through 2049, then four. */
function timeOf(ms: number): Time {
  const value = new Date(Math.floor(ms / 1000) * 1000);
  return new Time({ type: value.getUTCFullYear() < 2050 ? 0 : 1, value });
}

// RFC 5280 section 4.2.1: basicConstraints, keyUsage; RFC 3161 section 2.3: the one extended use, and critical.
const extensions: Record<Use, () => Extension[]> = {
  root: () => [critical('2.5.29.19', new BasicConstraints({ cA: true }).toSchema()), keyUsage(0x06, 1)],
  signing: () => [critical('2.5.29.19', new Sequence()), keyUsage(0xc0, 6)],
  stamping: () => [
    critical('2.5.29.19', new Sequence()),
    keyUsage(0xc0, 6),
    critical('2.5.29.37', new Sequence({ value: [new ObjectIdentifier({ value: '1.3.6.1.5.5.7.3.8' })] })),
  ],
};

/** subjectKeyIdentifier and authorityKeyIdentifier, by which programs find the way from one certificate to the next. */
function keyIdentifiers(subject: KeyObject, issuer: KeyObject): Extension[] {
  const authority = new Primitive({ idBlock: { tagClass: 3, tagNumber: 0 }, valueHex: keyIdentifier(issuer) });
  const values = [
    { extnID: '2.5.29.14', value: new OctetString({ valueHex: keyIdentifier(subject) }) },
    { extnID: '2.5.29.35', value: new Sequence({ value: [authority] }) },
  ];
  return values.map(({ extnID, value }) => new Extension({ extnID, extnValue: value.toBER() }));
}

/** RFC 7093, section 2, method 4: 160 bits of the SHA-256 of the public key. */
const keyIdentifier = (key: KeyObject): ArrayBuffer =>
  arrayBufferOf(createHash('sha256').update(publicDer(key)).digest().subarray(0, 20));

const publicDer = (key: KeyObject): Buffer => createPublicKey(key).export({ type: 'spki', format: 'der' });

const critical = (extnID: string, value: { toBER(): ArrayBuffer }): Extension =>
  new Extension({ extnID, critical: true, extnValue: value.toBER() });

const keyUsage = (bits: number, unusedBits: number): Extension =>
  critical('2.5.29.15', new BitString({ valueHex: arrayBufferOf(Buffer.of(bits)), unusedBits }));
