// Keys and type numbers: how ids and types stand in the tables. A server-made id (UUID version 8, see store/ids.ts) is its
// own key; ids that a client chose become keys by hashing (type, id), so that no look-up is needed to read them.

import { hash } from 'node:crypto';
import { resourceTypes } from '../fhir/definitions.ts';

export const nobody = '00000000-0000-0000-0000-000000000000';
const serverMade = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const typeNames = [...resourceTypes].sort();
const typeNumbers = new Map(typeNames.map((name, position) => [name, position + 1]));

/** The number that stands for a type in the tables. Throws for what is not a type: callers check before. */
export function typeNumber(type: string): number {
  const number = typeNumbers.get(type);
  if (number === undefined) throw new Error(`no such resource type: ${type}`);
  return number;
}

/** The type of a number that `typeNumber` gave; '' for any other. */
export const typeName = (number: number): string => typeNames[number - 1] ?? '';

/** True for ids of the form that this server makes. */
export const isServerMade = (id: string): boolean => serverMade.test(id);

/** The key of a resource: the id itself where a server made it. */
export function keyOf(type: string, id: string): string {
  return isServerMade(id) ? id : uuidFrom(hash('sha256', `${type}/${id}`, 'hex'));
}

/** 0…4095: taken from a server-made key, where it stands, or from the hash that the key is. */
export function bucketOf(key: string): number {
  return Number.parseInt(key.slice(15, 18), 16);
}

function uuidFrom(hex: string): string {
  // Version nibble 5 keeps hashed keys apart from server-made ones (8).
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
