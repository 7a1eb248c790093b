// How an operation hands out a one-time code: as letters, and as a QR code that opens the portal with it.

import encodeQR from 'qr';
import type { Parameter } from './parameters.ts';
import type { Fhir } from './request.ts';

export const codeLifetimeMs = 14 * 86_400_000;

/** A new code with its last moment, and the picture of the portal's address at `page`, which stands beside the FHIR base; the portal itself is not built yet. */
export function codeParameters(fhir: Pick<Fhir, 'base'>, code: string, expires: string, page: string): Parameter[] {
  const address = `${new URL(`../app/${page}`, `${fhir.base}/`)}?code=${code}`;
  const data = Buffer.from(encodeQR(address, 'svg', { ecc: 'medium' })).toString('base64');
  return [
    { name: 'code', valueString: code },
    { name: 'expires', valueInstant: expires },
    { name: 'qr', valueAttachment: { contentType: 'image/svg+xml', data } },
  ];
}
