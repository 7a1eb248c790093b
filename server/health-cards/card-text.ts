// The cards in what somebody hands over: a JWS, the text of a QR code (several texts of one card, one a line), a
// `.smart-health-card` file, or the answer of $health-cards-issue.

import { isObject } from '../fhir/json.ts';
import { type CardFault, fault, UnreadableCard } from './card-fault.ts';
import { jwsOfCodes, longestJwsForQr } from './numeric.ts';

/** `isFromQr`: what a code has to keep to applies to it. */
export type FoundCard = { jws: string; isFromQr: boolean; warnings: CardFault[]; faults: CardFault[] };

/** More is no wallet's. */
const mostCards = 100;

/** Throws UnreadableCard where there is none. */
export function cardsInText(text: string): FoundCard[] {
  const bare = text.replace(/\r?\n$/, '');
  if (/^shc:\//i.test(bare)) return [cardOfCodes(bare.split(/\r?\n/))];
  if (/^\s*\{/.test(bare)) return cardsInFile(bare);
  return [{ jws: bare, isFromQr: false, warnings: [], faults: [] }];
}

function cardOfCodes(texts: readonly string[]): FoundCard {
  const { jws, warnings } = jwsOfCodes(texts);
  const isLong = jws.length > longestJwsForQr && texts.length === 1;
  const faults = isLong ? [fault('qr-length', `a code holds at most ${longestJwsForQr} characters of a card`)] : [];
  return { jws, isFromQr: true, warnings, faults };
}

function cardsInFile(text: string): FoundCard[] {
  if (text.trim() !== text)
    throw new UnreadableCard('trailing', 'characters stand before or behind the JSON of the file');
  const jwss = credentialsIn(parsed(text));
  if (jwss === undefined)
    throw new UnreadableCard('form', 'the file holds neither "verifiableCredential" nor Parameters with it');
  if (jwss.length === 0 || jwss.length > mostCards)
    throw new UnreadableCard('form', `the file holds ${jwss.length} cards; 1 to ${mostCards} are read`);
  return jwss.map((jws) => ({ jws, isFromQr: false, warnings: [], faults: [] }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const end = text.lastIndexOf('}');
    const hasMore = end !== -1 && text.slice(end + 1).trim() !== '' && isJson(text.slice(0, end + 1));
    if (hasMore) throw new UnreadableCard('trailing', 'characters stand behind the JSON of the file');
    throw new UnreadableCard('form', 'the file is not JSON');
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The cards in a file of them or in an answer of $health-cards-issue; undefined for anything else. */
export function credentialsIn(file: unknown): string[] | undefined {
  if (!isObject(file)) return undefined;
  const listed = file.resourceType === 'Parameters' ? valuesIn(file.parameter) : file.verifiableCredential;
  return Array.isArray(listed) && listed.every((one) => typeof one === 'string') ? listed : undefined;
}

const valuesIn = (parameter: unknown): unknown[] =>
  Array.isArray(parameter)
    ? parameter.filter(isObject).flatMap((one) => (one.name === 'verifiableCredential' ? [one.valueString] : []))
    : [];
