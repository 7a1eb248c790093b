// The parameters of Patient/[id]/$share: what is to be shown, for how long, and behind what.

import { resourceTypes } from '../fhir/definitions.ts';
import type { JsonObject } from '../fhir/json.ts';
import { badRequest } from '../fhir/outcome.ts';
import { givenText, required, single } from '../interaction/parameters.ts';

export type Asked = {
  what: What;
  /** Of `everything`: these types only. */
  types: string[] | undefined;
  label: string | undefined;
  expiresMs: number;
  passcode: string | undefined;
  /** Letters in alphabetical order. */
  flags: string;
};

const whats = ['summary', 'health-cards', 'everything', 'documents'] as const;
type What = (typeof whats)[number];

export const parameterNames = ['what', 'type', 'label', 'expires', 'passcode', 'flag', 'link', 'key'];

const dayMs = 86_400_000;
const usualMs = dayMs;
/** A link without L is for one occasion. */
const mostMs = 7 * dayMs;
const mostLongTermMs = 366 * dayMs;
const mostLabel = 80;
const passcodeLength = { least: 4, most: 64 };

/** Throws 400 for what cannot be, or not together. */
export function askedIn(parameters: ReadonlyMap<string, JsonObject[]>, nowMs: number): Asked {
  if (parameters.has('key')) throw wrong('key', 'is given with "link", the id of the link that is renewed');
  const what = whats.find((one) => one === givenText(parameters, 'what', 'valueCode'));
  if (what === undefined) throw required('what', `valueCode: ${whats.join(', ')}`);
  const passcode = passcodeIn(parameters);
  const flags = flagsIn(parameters, passcode !== undefined);
  return {
    ...{ what, types: typesIn(parameters, what), label: labelIn(parameters), passcode, flags },
    expiresMs: expiryIn(parameters, nowMs, flags.includes('L')),
  };
}

function typesIn(parameters: ReadonlyMap<string, JsonObject[]>, what: What): string[] | undefined {
  const given = parameters.get('type');
  if (!given) return undefined;
  if (what !== 'everything') throw wrong('type', 'goes with what = everything');
  return [...new Set(given.map(({ valueCode }) => checkedType(valueCode)))];
}

function checkedType(type: unknown): string {
  if (typeof type === 'string' && resourceTypes.has(type) && !['AuditEvent', 'Provenance'].includes(type)) return type;
  throw wrong('type', 'is a resource type of FHIR R4 that may be shared, as valueCode');
}

function labelIn(parameters: ReadonlyMap<string, JsonObject[]>): string | undefined {
  const label = single(parameters, 'label')?.valueString;
  if (!parameters.has('label')) return undefined;
  if (typeof label !== 'string' || label.trim() === '' || [...label].length > mostLabel || /\p{Cc}/u.test(label))
    throw wrong('label', `is a valueString of at most ${mostLabel} characters, in one line`);
  return label;
}

function passcodeIn(parameters: ReadonlyMap<string, JsonObject[]>): string | undefined {
  if (!parameters.has('passcode')) return undefined;
  const passcode = single(parameters, 'passcode')?.valueString;
  const { least, most } = passcodeLength;
  const length = typeof passcode === 'string' ? [...passcode].length : 0;
  if (typeof passcode !== 'string' || length < least || length > most || /\p{Cc}/u.test(passcode))
    throw wrong('passcode', `is a valueString of ${least} to ${most} characters`);
  return passcode;
}

/** P comes with the passcode, whether it is named or not. */
function flagsIn(parameters: ReadonlyMap<string, JsonObject[]>, hasPasscode: boolean): string {
  const given = (parameters.get('flag') ?? []).map(({ valueCode }) => String(valueCode));
  const unknown = given.find((flag) => !['L', 'P', 'U'].includes(flag));
  if (unknown !== undefined)
    throw wrong('flag', 'is L (long-term), P (passcode) or U (one file, by GET), as valueCode');
  if (given.includes('P') && !hasPasscode) throw wrong('flag', 'P needs a "passcode"');
  if (given.includes('U') && hasPasscode) throw wrong('flag', 'U never goes with a passcode (P)');
  return [...new Set([...given, ...(hasPasscode ? ['P'] : [])])].sort().join('');
}

function expiryIn(parameters: ReadonlyMap<string, JsonObject[]>, nowMs: number, isLongTerm: boolean): number {
  const expires = single(parameters, 'expires');
  if (expires === undefined) return nowMs + usualMs;
  const text = expires.valueInstant ?? expires.valueDateTime;
  const isInstant =
    typeof text === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/.test(text);
  const ms = isInstant ? Date.parse(text) : Number.NaN;
  if (!(ms > nowMs)) throw wrong('expires', 'is a valueInstant in the future');
  if (ms > nowMs + mostLongTermMs) throw wrong('expires', 'is at most a year away');
  if (!isLongTerm && ms > nowMs + mostMs) throw wrong('expires', 'is at most 7 days away, or a year with the flag L');
  return ms;
}

const wrong = (name: string, why: string): Error =>
  badRequest(`"${name}" ${why}`, 'value', [`Parameters.parameter.where(name='${name}')`]);
