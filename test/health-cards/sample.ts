// A card of an invented child, and cards that are wrong in one respect, signed all the same.

import { generateKeyPairSync, sign } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { type TrustedIssuer, thumbprintOf } from '../../server/health-cards/trust.ts';

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { x = '', y = '' } = pair.publicKey.export({ format: 'jwk' });
export const kid = thumbprintOf({ x, y });
export const publicJwk = { kty: 'EC', kid, use: 'sig', alg: 'ES256', crv: 'P-256', x, y };
export const privateJwk = pair.privateKey.export({ format: 'jwk' });
export const iss = 'https://cards.example/health-cards';
/** 2026-11-23. */
export const atSeconds = 1_795_392_000;

export const trustedWith = (crls: unknown[] = [], keys: unknown[] = [publicJwk]): TrustedIssuer[] => [
  { iss, keys, crls },
];

export const bundle = () => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: [
    {
      fullUrl: 'resource:0',
      resource: { resourceType: 'Patient', name: [{ family: '試験', given: ['花子'] }], birthDate: '2024-02-29' },
    },
    {
      fullUrl: 'resource:1',
      resource: {
        resourceType: 'Immunization',
        status: 'completed',
        vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '19' }] },
        patient: { reference: 'resource:0' },
        occurrenceDateTime: '2024-07-20',
      },
    },
  ],
});

export const claims = (more: object = {}, vc: object = {}) => ({
  iss,
  nbf: atSeconds - 100,
  vc: {
    type: ['https://smarthealth.cards#health-card', 'https://smarthealth.cards#immunization'],
    credentialSubject: { fhirVersion: '4.0.1', fhirBundle: bundle() },
    rid: 'sample-rid',
    ...vc,
  },
  ...more,
});

export const header = (more: object = {}) => ({ zip: 'DEF', alg: 'ES256', kid, ...more });

/** Signs whatever it is given. */
export function signed(body: Buffer, head: object = header()): string {
  const text = `${Buffer.from(JSON.stringify(head)).toString('base64url')}.${body.toString('base64url')}`;
  const signature = sign('sha256', Buffer.from(text), { key: pair.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

export const card = (payload: object = claims(), head?: object): string =>
  signed(deflateRawSync(JSON.stringify(payload)), head);
