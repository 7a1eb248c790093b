// What CMS calls SignedData (RFC 5652): a signature with the certificates that it is checked by. manifest.p7s is one over
// manifest.json, which stands beside it (detached); the token in a time stamp is one around a TSTInfo (RFC 3161).

import { createHash, type KeyObject } from 'node:crypto';
import { ObjectIdentifier, OctetString, Sequence } from 'asn1js';
import {
  AlgorithmIdentifier,
  Attribute,
  Certificate,
  ContentInfo,
  EncapsulatedContentInfo,
  IssuerAndSerialNumber,
  SignedAndUnsignedAttributes,
  SignedData,
  SignerInfo,
} from 'pkijs';
import { arrayBufferOf, type Certified, signatureAlgorithm, signWith } from './certificates.ts';

export const oids = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  timeStampInfo: '1.2.840.113549.1.9.16.1.4',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
} as const;

type Wanted = {
  content: Uint8Array;
  contentType: string;
  /** The content goes in, or stands beside. */
  isEnclosed: boolean;
  by: Certified;
};

/** The DER of a ContentInfo with one signature, and the certificate of its signer. */
export function signedData({ content, contentType, isEnclosed, by }: Wanted): Buffer {
  const hash = hashOf(by.privateKey);
  const digestAlgorithm = new AlgorithmIdentifier({ algorithmId: hash.oid });
  const certificate = Certificate.fromBER(arrayBufferOf(by.certificate.raw));
  const certificateDigest = createHash('sha256').update(by.certificate.raw).digest();
  const attributes = [
    attribute(oids.contentType, new ObjectIdentifier({ value: contentType })),
    attribute(oids.messageDigest, octets(createHash(hash.name).update(content).digest())),
    // ESSCertIDv2 with its default, SHA-256 (RFC 5035): the signature holds for this certificate and for no other of the key.
    attribute(oids.signingCertificateV2, sequence(sequence(sequence(octets(certificateDigest))))),
  ];
  // A SET OF in DER is in the order of its members' bytes.
  attributes.sort((one, other) => Buffer.compare(derOf(one), derOf(other)));
  const signedAttrs = new SignedAndUnsignedAttributes({ type: 0, attributes });
  const bytes = derOf(signedAttrs);
  // What is signed is the SET OF itself, not the member [0] as which it is written down. RFC 5652 section 5.4.
  bytes[0] = 0x31;
  const signer = new SignerInfo({
    version: 1,
    sid: new IssuerAndSerialNumber({ issuer: certificate.issuer, serialNumber: certificate.serialNumber }),
    digestAlgorithm,
    signedAttrs,
    signatureAlgorithm: signatureAlgorithm(by.privateKey),
    signature: octets(signWith(by.privateKey, bytes)),
  });
  const signed = new SignedData({
    version: contentType === oids.data ? 1 : 3,
    digestAlgorithms: [digestAlgorithm],
    encapContentInfo: new EncapsulatedContentInfo({
      eContentType: contentType,
      ...(isEnclosed ? { eContent: octets(content) } : {}),
    }),
    certificates: [certificate],
    signerInfos: [signer],
  });
  return derOf(new ContentInfo({ contentType: oids.signedData, content: signed.toSchema(true) }));
}

const hashOf = ({ asymmetricKeyType }: KeyObject) =>
  asymmetricKeyType === 'rsa'
    ? { name: 'sha256', oid: '2.16.840.1.101.3.4.2.1' }
    : { name: 'sha384', oid: '2.16.840.1.101.3.4.2.2' };

const attribute = (type: string, value: unknown): Attribute => new Attribute({ type, values: [value] });
const octets = (bytes: Uint8Array): OctetString => new OctetString({ valueHex: arrayBufferOf(bytes) });
const sequence = (one: Sequence | OctetString): Sequence => new Sequence({ value: [one] });

/** The bytes of a value of pkijs, as it would be written. */
export const derOf = (value: { toSchema(): { toBER(): ArrayBuffer } }): Buffer => Buffer.from(value.toSchema().toBER());
