// An event in one sentence, for the family: who did what to which part of the record, when and why. Pure.

import type { Actor } from '../access/actor.ts';
import type { Language } from '../fhir/outcome.ts';
import { kindOf, purposeWords, typeWords } from './kinds.ts';

export type Told = {
  /** ISO 8601, UTC. */
  at: string;
  actor: Actor;
  interaction: string;
  type: string | undefined;
  isRefused: boolean;
  /** Of a link that a family gave out: the name that who opened it gave. */
  recipient?: string | undefined;
};

/** Names by reference, such as `Organization/o7` -> みどり小児科. */
export type Names = ReadonlyMap<string, string | undefined>;

/** Times are Japan's. */
export function sentence(told: Told, names: Names, language: Language): string {
  const { actor, isRefused, recipient } = told;
  if (recipient !== undefined) return deedOf(told, namedWords(recipient, language), language);
  const who = isRefused ? strangerWords(actor, names, language) : whoWords(actor, names, language);
  const why = actor.purpose && purposeWords(actor.purpose, language);
  const [open, close] = language === 'en' ? [' (', ')'] : ['(', ')'];
  return deedOf(told, `${who}${why ? `${open}${why}${close}` : ''}`, language);
}

function deedOf({ at, interaction, type, isRefused }: Told, who: string, language: Language): string {
  const kind = kindOf(interaction);
  const deed = (isRefused ? kind.tried : kind.did)[language].replace('…', typeWords(type, language));
  const when = timeWords(at, language);
  if (language === 'en') return `${when} ${who} ${isRefused ? `tried to ${deed} and was refused` : deed}`;
  return `${when} ${who}が${deed}${isRefused ? 'を試みましたが、認められませんでした' : ''}`;
}

/** A name that nobody has checked. */
const namedWords = (name: string, language: Language): string =>
  language === 'ja' ? `「${name}」と名乗る人` : `somebody who gave the name "${name}"`;

/** The organization where there is one; else a member of the family, or the app alone. */
export function whoWords({ client, user, organization }: Actor, names: Names, language: Language): string {
  const isJapanese = language === 'ja';
  if (organization) return names.get(organization) ?? (isJapanese ? '医療機関など' : 'an organization');
  if (user?.startsWith('Practitioner/')) return isJapanese ? '職員' : 'a member of staff';
  if (client.startsWith('system:')) return isJapanese ? 'このサーバー' : 'this server';
  const app = isJapanese ? `アプリ「${client}」` : `the app "${client}"`;
  if (user === undefined) return app;
  return isJapanese ? `家族(${app})` : `a member of the family (${app})`;
}

/** Who was refused need not be of this family. */
function strangerWords(actor: Actor, names: Names, language: Language): string {
  const words = whoWords({ ...actor, user: undefined }, names, language);
  if (actor.organization || !actor.user?.startsWith('Person/')) return whoWords(actor, names, language);
  return language === 'ja' ? `利用者(${words})` : `somebody (${words})`;
}

const offsetMs = 9 * 3_600_000;

function timeWords(at: string, language: Language): string {
  const [year, month, day, hour, minute] = new Date(Date.parse(at) + offsetMs).toISOString().split(/[-T:.]/);
  if (language === 'en') return `${year}-${month}-${day} ${hour}:${minute} (Japan)`;
  return `${year}年${Number(month)}月${Number(day)}日 ${hour}:${minute}`;
}
