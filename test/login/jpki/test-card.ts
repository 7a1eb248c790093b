// A My Number Card of the test authority in a reader: it signs what it is given and hands its certificate over.

import { sign } from 'node:crypto';
import type { CardKind } from '../../../server/login/jpki/profile.ts';
import { type CertificateWishes, certificate, ext, type Keys, makeKeys, policies } from './test-authority.ts';

/** The four facts as the certificate for signatures holds them, by the last arc of their object identifiers. */
export const cardFacts = {
  1: '試験　花子',
  2: '00000',
  3: '2',
  4: '319900503',
  5: '東京都試験区見本一丁目１番１号',
  6: '0'.repeat(15),
};

export type TestCard = ReturnType<typeof testCard>;

/** `serial` is hexadecimal; `status` are the extensions that say where revocation is asked for. */
export function testCard({
  authority,
  serial,
  kind = 'authentication',
  facts = cardFacts,
  keys = sharedKeys,
  status = [],
}: {
  authority: Keys;
  serial: string;
  kind?: CardKind;
  facts?: Record<number, string>;
  keys?: Keys;
  status?: CertificateWishes['extensions'];
}) {
  const profile =
    kind === 'authentication'
      ? [ext.digitalSignature(), ext.policy(policies.authentication)]
      : [ext.signatureAndNonRepudiation(), ext.policy(policies.signature), ext.facts(facts)];
  const der = certificate({ keys, signer: authority, serial, extensions: [...profile, ...status] });
  return {
    serial,
    certificate: der.toString('base64'),
    /** What goes back to the server for a challenge. */
    answer: ({ challenge, toSign }: { challenge: string; toSign: string }) => ({
      challenge,
      certificate: der.toString('base64'),
      signature: sign('sha256', Buffer.from(toSign), keys.privateKey).toString('base64'),
    }),
  };
}

const sharedKeys = makeKeys();
