// What the receiver of a link sends for its manifest. HL7 SMART Health Cards and Links STU 1, "SMART Health Link Manifest Request".

import { isObject } from '../fhir/json.ts';

export type ManifestRequest = {
  /** Who asks, by the name they give themselves. */
  recipient: string;
  passcode: string | undefined;
  /** The longest file that is wanted inside the manifest, in characters. */
  embeddedLengthMax: number | undefined;
};

const mostRecipient = 200;
const mostPasscode = 200;

/** A sentence where it cannot be read. Members that are not known are ignored, as the specification wants. */
export function readManifestRequest(contentType: string | undefined, body: unknown): ManifestRequest | string {
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') return 'The body is JSON (Content-Type: application/json)';
  const asked = typeof body === 'string' ? jsonOf(body) : undefined;
  if (!isObject(asked)) return 'The body is a JSON object';
  const recipient = recipientIn(asked.recipient);
  if (recipient === undefined) return 'recipient is who asks, in 1 to 200 characters without control characters';
  const { passcode, embeddedLengthMax } = asked;
  if (passcode !== undefined && (typeof passcode !== 'string' || passcode.length > mostPasscode))
    return 'passcode is text';
  if (embeddedLengthMax !== undefined && !isLength(embeddedLengthMax))
    return 'embeddedLengthMax is a whole number, not below 0';
  return { recipient, passcode, embeddedLengthMax };
}

/** Undefined for what is no name: missing, empty, too long, with line breaks and the like. */
export function recipientIn(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  const isName = text !== '' && [...text].length <= mostRecipient && !/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(text);
  return isName ? text : undefined;
}

const isLength = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
