// Login names: an e-mail address or a name of one's own, compared without case and width. Unicode NFKC (UAX #15) and case
// folding as JavaScript can do it: lower, upper and lower case again, then NFKC again.

import { findMyNumber } from '../fhir/my-number.ts';
import { hasMyNumberCheckDigit } from '../fhir/my-number-text.ts';

const shortest = 3;
const longest = 254;

/** The form in which login names are stored and compared. */
export function foldLogin(login: string): string {
  return login.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFKC').trim();
}

export type LoginFault = 'length' | 'characters' | 'my-number';

/** What is wrong with a new login name; undefined when it may be taken. */
export function loginFault(login: string): LoginFault | undefined {
  const folded = foldLogin(login);
  const { length } = [...folded];
  if (length < shortest || length > longest) return 'length';
  // Spaces, control and format characters, private and unassigned ones: nobody could say them on the telephone.
  if (/[\s\p{C}]/u.test(folded)) return 'characters';
  if (findMyNumber(folded) !== undefined || (folded.match(/\d{12}/g) ?? []).some(hasMyNumberCheckDigit))
    return 'my-number';
  return undefined;
}
