// What can be wrong with a SMART Health Card, in words that a program can count on and a person can read.
// SMART Health Cards 1.4 (HL7 SMART Health Cards and Links STU 1). https://hl7.org/fhir/uv/smart-health-cards-and-links

export type FaultCode =
  /** No text that holds a card, or something stands before or behind it. */
  | 'form'
  | 'trailing'
  /** The header of the JWS. */
  | 'header'
  | 'zip'
  | 'alg'
  | 'kid'
  /** The compressed payload. */
  | 'inflate'
  | 'too-large'
  | 'payload'
  | 'duplicate-member'
  | 'too-deep'
  /** Who issued it, and the proof of that. */
  | 'iss'
  | 'untrusted-issuer'
  | 'unknown-key'
  | 'key'
  | 'signature'
  /** What it claims. */
  | 'nbf'
  | 'exp'
  | 'type'
  | 'rid'
  | 'crl'
  | 'crl-missing'
  | 'revoked'
  | 'bundle'
  | 'resource'
  /** What only a card in a QR code has to keep to. */
  | 'qr-length'
  | 'qr-content'
  | 'qr-digits'
  | 'qr-chunks'
  | 'qr-segments';

/** `why` is one English sentence without a full stop; it names places, and quotes nothing of the person on the card. */
export type CardFault = { code: FaultCode; why: string };

export const fault = (code: FaultCode, why: string): CardFault => ({ code, why });

/** Where no card can be read at all. */
export class UnreadableCard extends Error {
  readonly fault: CardFault;
  constructor(code: FaultCode, why: string) {
    super(why);
    this.name = 'UnreadableCard';
    this.fault = fault(code, why);
  }
}
