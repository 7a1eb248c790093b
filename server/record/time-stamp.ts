// manifest.tsr by our own clock: a time stamp (RFC 3161), which says that these bytes were there at a time. It is worth as much
// as the word of whoever runs this server; the manifest says so. Another party's: time-stamp-authority.ts.

import { createHash, randomBytes } from 'node:crypto';
import { Integer, OctetString } from 'asn1js';
import { AlgorithmIdentifier, ContentInfo, MessageImprint, PKIStatusInfo, TimeStampResp, TSTInfo } from 'pkijs';
import { arrayBufferOf, type Certified } from './certificates.ts';
import { derOf, oids, signedData } from './signed-data.ts';

/** A response (TimeStampResp, DER) like an authority's, to the second. */
export function stampItself(content: Uint8Array, nowMs: number, by: Certified): Buffer {
  const info = new TSTInfo({
    version: 1,
    policy,
    messageImprint: imprintOf(content),
    serialNumber: new Integer({ valueHex: arrayBufferOf(naturalNumber()) }),
    genTime: new Date(Math.floor(nowMs / 1000) * 1000),
  });
  const token = signedData({ content: derOf(info), contentType: oids.timeStampInfo, isEnclosed: true, by });
  const granted = new PKIStatusInfo({ status: 0 });
  return derOf(new TimeStampResp({ status: granted, timeStampToken: ContentInfo.fromBER(arrayBufferOf(token)) }));
}

// Ours: an object identifier made from a UUID (ITU-T X.667), which nobody has to hand out. "The clock of the machine that the
// server runs on, without a promise of its accuracy."
const policy = '2.25.24825425923574650404248668161480400027';

/** What is stamped: the SHA-256 of the content. */
export function imprintOf(content: Uint8Array): MessageImprint {
  return new MessageImprint({
    hashAlgorithm: new AlgorithmIdentifier({ algorithmId: '2.16.840.1.101.3.4.2.1' }),
    hashedMessage: new OctetString({ valueHex: arrayBufferOf(createHash('sha256').update(content).digest()) }),
  });
}

/** 16 random octets of which the first is neither zero nor the sign of a negative number. */
export function naturalNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}
