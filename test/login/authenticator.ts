// An authenticator in software: makes passkeys and signs challenges as Web Authentication Level 3 writes them down, and does
// it wrong where a test asks for that.
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

type CreationOptions = { challenge: string; rp: { id?: string }; user: { id: string } };
type RequestOptions = { challenge: string; rpId?: string };

/** What may be wrong. */
export type Faults = {
  origin?: string;
  rpId?: string;
  type?: string;
  challenge?: string;
  isVerified?: boolean;
  isPresent?: boolean;
  crossOrigin?: boolean;
  userHandle?: string | undefined;
  signWith?: KeyObject;
  algorithm?: number;
};

export class Authenticator {
  readonly id = randomBytes(32);
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #origin: string;
  #userHandle = '';
  counter = 0;
  /** Grows the counter with each use; synced passkeys have none. */
  counts: boolean;

  constructor(origin: string, { counts = true }: { counts?: boolean } = {}) {
    this.#origin = origin;
    this.counts = counts;
  }

  /** RegistrationResponseJSON, with attestation `none`. */
  create(options: CreationOptions, faults: Faults = {}) {
    this.#userHandle = options.user.id;
    const { x = '', y = '' } = this.#keys.publicKey.export({ format: 'jwk' });
    const cose = new Map<number, unknown>([
      [1, 2],
      [3, faults.algorithm ?? -7],
      [-1, 1],
      [-2, Buffer.from(x, 'base64url')],
      [-3, Buffer.from(y, 'base64url')],
    ]);
    const credential = Buffer.concat([Buffer.alloc(16), uint16(this.id.length), this.id, cbor(cose)]);
    const authData = Buffer.concat([this.#head(faults.rpId ?? options.rp.id ?? '', faults, 0x40), credential]);
    const attestation = new Map<string, unknown>([
      ['fmt', 'none'],
      ['attStmt', new Map()],
      ['authData', authData],
    ]);
    const clientDataJSON = this.#clientData('webauthn.create', options.challenge, faults);
    return this.#answer({
      clientDataJSON: clientDataJSON.toString('base64url'),
      attestationObject: cbor(attestation).toString('base64url'),
      transports: ['internal'],
    });
  }

  /** AuthenticationResponseJSON. */
  get(options: RequestOptions, faults: Faults = {}) {
    if (this.counts) this.counter += 1;
    const authData = this.#head(faults.rpId ?? options.rpId ?? '', faults, 0);
    const clientData = this.#clientData('webauthn.get', options.challenge, faults);
    const signed = Buffer.concat([authData, createHash('sha256').update(clientData).digest()]);
    return this.#answer({
      clientDataJSON: clientData.toString('base64url'),
      authenticatorData: authData.toString('base64url'),
      signature: sign('sha256', signed, faults.signWith ?? this.#keys.privateKey).toString('base64url'),
      ...('userHandle' in faults ? { userHandle: faults.userHandle } : { userHandle: this.#userHandle }),
    });
  }

  #head(rpId: string, { isVerified = true, isPresent = true }: Faults, flags: number): Buffer {
    const all = flags | (isPresent ? 0x01 : 0) | (isVerified ? 0x04 : 0);
    return Buffer.concat([createHash('sha256').update(rpId).digest(), Buffer.from([all]), uint32(this.counter)]);
  }

  #clientData(type: string, challenge: string, faults: Faults): Buffer {
    const data = {
      type: faults.type ?? type,
      challenge: faults.challenge ?? challenge,
      origin: faults.origin ?? this.#origin,
    };
    return Buffer.from(JSON.stringify({ ...data, crossOrigin: faults.crossOrigin ?? false }));
  }

  #answer(response: object) {
    const id = this.id.toString('base64url');
    return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response };
  }
}

const uint16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** What of CBOR (RFC 8949) is needed here: integers, byte strings, text strings and maps. */
function cbor(value: unknown): Buffer {
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Map) {
    const entries = [...value].map(([name, member]) => Buffer.concat([cbor(name), cbor(member)]));
    return Buffer.concat([head(5, value.size), ...entries]);
  }
  throw new TypeError('not encoded here');
}

function head(major: number, length: number): Buffer {
  if (length < 24) return Buffer.from([(major << 5) | length]);
  if (length < 256) return Buffer.from([(major << 5) | 24, length]);
  return Buffer.from([(major << 5) | 25, length >> 8, length & 255]);
}
