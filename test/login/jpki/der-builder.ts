// Writing DER with node-forge: just what certificates, lists and OCSP answers of the tests are made of.

import { sign } from 'node:crypto';
import forge from 'node-forge';

const { asn1 } = forge;
export type Der = forge.asn1.Asn1;

const universal = (type: number, constructed: boolean, value: string | Der[]): Der =>
  asn1.create(asn1.Class.UNIVERSAL, type, constructed, value);
const latin = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

export const seq = (...children: Der[]): Der => universal(0x10, true, children);
export const set = (...children: Der[]): Der => universal(0x11, true, children);
export const oid = (id: string): Der => universal(0x06, false, asn1.oidToDer(id).getBytes());
export const integer = (hex: string): Der =>
  universal(0x02, false, latin(Buffer.from(hex.length % 2 ? `0${hex}` : hex.replace(/^(?=[89a-f])/, '00'), 'hex')));
export const enumerated = (value: number): Der => universal(0x0a, false, String.fromCharCode(value));
export const boolean = (value: boolean): Der => universal(0x01, false, value ? '\xff' : '\0');
export const octets = (bytes: Uint8Array): Der => universal(0x04, false, latin(bytes));
export const bits = (bytes: Uint8Array, unused = 0): Der =>
  universal(0x03, false, String.fromCharCode(unused) + latin(bytes));
export const utf8 = (text: string): Der => universal(0x0c, false, latin(Buffer.from(text, 'utf8')));
export const utf8Bytes = (bytes: Uint8Array): Der => universal(0x0c, false, latin(bytes));
export const printable = (text: string): Der => universal(0x13, false, text);
export const nothing = (): Der => universal(0x05, false, '');
/** `[number]`, constructed with children or primitive with bytes. */
export const tagged = (number: number, ...content: Der[]): Der =>
  asn1.create(asn1.Class.CONTEXT_SPECIFIC, number, true, content);
export const implicit = (number: number, bytes: Uint8Array): Der =>
  asn1.create(asn1.Class.CONTEXT_SPECIFIC, number, false, latin(bytes));
export const utcTime = (ms: number): Der => universal(0x17, false, `${stamp(ms).slice(2)}Z`);
export const generalizedTime = (ms: number): Der => universal(0x18, false, `${stamp(ms)}Z`);

export const der = (node: Der): Buffer => Buffer.from(asn1.toDer(node).getBytes(), 'latin1');
export const undo = (bytes: Uint8Array): Der => asn1.fromDer(latin(bytes));

/** How something is signed: digest -> algorithm. */
export const algorithms = {
  sha256: '1.2.840.113549.1.1.11',
  sha384: '1.2.840.113549.1.1.12',
  sha1: '1.2.840.113549.1.1.5',
  md5: '1.2.840.113549.1.1.4',
} as const;
export type Digest = keyof typeof algorithms;

export const algorithm = (digest: Digest): Der => seq(oid(algorithms[digest]), nothing());

/** What is signed, how, and the signature. */
export const signedParts = (tbs: Der, privateKey: string, digest: Digest = 'sha256'): Der[] => [
  tbs,
  algorithm(digest),
  bits(sign(digest, der(tbs), privateKey)),
];

export type WishedExtension = { id: string; critical?: boolean; value: Der };

export const extensions = (list: readonly WishedExtension[]): Der =>
  seq(...list.map(({ id, critical, value }) => seq(oid(id), ...(critical ? [boolean(true)] : []), octets(der(value)))));

/** `[country, organization, …units, commonName]` by attribute. */
export const name = (...attributes: readonly (readonly [string, string])[]): Der =>
  seq(...attributes.map(([id, text]) => set(seq(oid(id), id === '2.5.4.6' ? printable(text) : utf8(text)))));

const stamp = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z|[-:T]/g, '');
