// A distinguished name in words, for people who look at who issued a certificate: the attributes in their order, as in
// RFC 4514 but for the order and without its escapes. Names are compared by their DER, never by this.

import { childrenOf, type Der, membersOf, oidOf, readDer, tags } from './der.ts';

/** Such as `C=JP, O=JPKI, OU=JPKI for user authentication`. Throws DerError for what is not a name. */
export function nameText(name: Uint8Array): string {
  const sets = childrenOf(readDer(name), tags.sequence);
  return sets.flatMap((set) => childrenOf(set, tags.set).map(attributeText)).join(', ');
}

function attributeText(attribute: Der): string {
  const members = membersOf(attribute);
  const id = oidOf(members.next());
  const { value } = members.next();
  members.end();
  const text = typeof value === 'string' ? Buffer.from(value, 'latin1').toString('utf8') : '';
  return `${attributes.get(id) ?? id}=${text}`;
}

const attributes: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
]);
