// Does this response of a time stamp authority (RFC 3161, TimeStampResp) hold for these bytes, and by whose clock?

import { createHash, type X509Certificate } from 'node:crypto';
import { fromBER, Sequence } from 'asn1js';
import { TimeStampResp, TSTInfo } from 'pkijs';
import { checkPath, hashes, readable, readSignature, SignatureFault } from './check-signed-data.ts';
import { oids } from './signed-data.ts';

export type TimeStamp = { atMs: number; certificate: X509Certificate; anchor: X509Certificate };

type Wanted = {
  content: Uint8Array;
  /** Certificates (PEM) to which that of the stamp must lead. */
  anchors: string;
  /** The one that was sent along, when we have asked ourselves: a natural number. */
  nonce?: Uint8Array;
};

/** The time of the stamp. Throws SignatureFault when it is none over `content`. */
export function checkTimeStamp(der: Uint8Array, { content, anchors, nonce }: Wanted): TimeStamp {
  const signature = readSignature(tokenOf(der), oids.timeStampInfo);
  const info = readable(() => TSTInfo.fromBER(new Uint8Array(signature.content)));
  const { hashAlgorithm, hashedMessage } = info.messageImprint;
  const hash = hashes[hashAlgorithm.algorithmId];
  if (info.version !== 1 || hash === undefined) throw new SignatureFault('it stamps in a way that is not accepted');
  if (!createHash(hash).update(content).digest().equals(Buffer.from(hashedMessage.getValue())))
    throw new SignatureFault('it stamps another manifest.json');
  if (nonce && !Buffer.from(info.nonce?.valueBlock.valueHexView ?? []).equals(nonce))
    throw new SignatureFault('it answers another question: its nonce is not the one that was sent');
  const atMs = info.genTime.getTime();
  return {
    atMs,
    certificate: signature.certificate,
    anchor: checkPath(signature, { anchors, atMs, isForStamping: true }),
  };
}

/** The token in a response that says granted, byte for byte. */
function tokenOf(der: Uint8Array): Buffer {
  const bytes = new Uint8Array(der);
  const { status, timeStampToken } = readable(() => TimeStampResp.fromBER(bytes));
  // 0 granted, 1 granted with modifications. RFC 3161 section 2.4.2.
  if (Number(status.status) > 1) throw new SignatureFault('the authority refused to stamp');
  const { offset, result } = fromBER(bytes);
  const token = result instanceof Sequence ? result.valueBlock.value[1] : undefined;
  if (!timeStampToken || !token) throw new SignatureFault('it holds no time stamp');
  if (offset !== bytes.length) throw new SignatureFault('there are bytes behind its end');
  return Buffer.from(token.valueBeforeDecodeView);
}
