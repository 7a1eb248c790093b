// "Consents (IHE PCF shapes)": which Consents count, and what each says about an entry, element by element.
import {
  actCode,
  clinicalDate,
  codesOf,
  confidentiality,
  labelsOf,
  patientsOf,
  referencesAt,
  textsAt,
  valuesAt,
} from './entry.ts';
import { instantsOf, isWithin, periodOf } from './moments.ts';
import { type Caller, type Entry, granteesOf, purposeOf, type World } from './world.ts';

export type Says = 'permit' | 'deny' | undefined;
export type Asked = { world: World; caller: Caller; entry: Entry; momentMs: number };

const scopeSystem = 'http://terminology.hl7.org/CodeSystem/consentscope';
const participation = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const actReason = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';

/** A Consent that counts for one of the caller's grantees. */
export type Counting = { consent: Entry; patient: string; grantee: string };

/** The Consents about this patient that count for the caller, each with the grantee for whom it does. */
export function countingConsents(world: World, caller: Caller, patient: string): Counting[] {
  return granteesOf(caller).flatMap((grantee) => {
    const all = world.entries.filter(
      (entry) => isAbout(entry, patient) && granteesNamed(rootOf(entry)).includes(grantee),
    );
    return all
      .filter((entry) => entry === latest(all.filter((other) => policyOf(other) === policyOf(entry))))
      .map((consent) => ({ consent, patient, grantee }));
  });
}

/** "Only a Consent with status `active`, scope `patient-privacy`, a `patient` and a `provision` counts." */
function isAbout({ resource }: Entry, patient: string): boolean {
  return (
    resource.resourceType === 'Consent' &&
    resource.status === 'active' &&
    codesOf(valuesAt(resource, 'scope.coding'), scopeSystem).includes('patient-privacy') &&
    patientsOf(resource).includes(patient) &&
    resource.provision !== undefined
  );
}

const isLevel = (code: string): boolean => ['N', 'R', 'V'].includes(code);
const isSensitivity = (code: string): boolean => ['PSY', 'SDV', 'HIV', 'ETH', 'SEX'].includes(code);

const rootOf = ({ resource }: Entry): unknown => resource.provision;

/** "It names its grantees in `provision.actor.reference` (role IRCP)." */
function granteesNamed(provision: unknown): string[] {
  return valuesAt(provision, 'actor')
    .filter((actor) => codesOf(valuesAt(actor, 'role.coding'), participation).includes('IRCP'))
    .flatMap((actor) => referencesAt(actor, 'reference'));
}

/** The URI of the first policy; Consents without one supersede each other. */
export const policyOf = ({ resource }: Entry): string => textsAt(resource, 'policy.uri')[0] ?? '';

/** "The one with the latest `dateTime` counts (then the one stored last)." "Without one, when it was stored." */
function latest(consents: Entry[]): Entry | undefined {
  const dateTime = ({ resource, storedMs }: Entry) => {
    const [text] = textsAt(resource, 'dateTime');
    return text === undefined ? storedMs : instantsOf(text).fromMs;
  };
  // The order of `world.entries` is that of storing, and the sort keeps it where instants are equal.
  return consents.toSorted((one, other) => dateTime(one) - dateTime(other) || one.storedMs - other.storedMs).at(-1);
}

/**
 * "A nested provision (one level) is an exception to its root and matches only where the root does too. The Consent says the
 * nested type where one matches, else the root's type where the root matches, else nothing." "Of two that contradict each other the
 * deny counts."
 */
export function consentSays(asked: Asked, { consent }: Counting): Says {
  const root = rootOf(consent);
  if (!matches(asked, root)) return undefined;
  const nested = valuesAt(root, 'provision')
    .filter((provision) => matches(asked, provision) && !isTooDeep(provision))
    .map(typeOf);
  if (nested.includes('deny')) return 'deny';
  return nested.includes('permit') ? 'permit' : typeOf(root);
}

/** "One level; a permit with deeper ones is not understood." */
const isTooDeep = (provision: unknown): boolean =>
  typeOf(provision) === 'permit' && valuesAt(provision, 'provision').length > 0;

/** "A root without `type` denies." */
function typeOf(provision: unknown): 'permit' | 'deny' {
  return textsAt(provision, 'type')[0] === 'permit' ? 'permit' : 'deny';
}

/** "A provision matches an entry when every element it has matches." One function for each row of the table. */
function matches(asked: Asked, provision: unknown): boolean {
  const type = typeOf(provision);
  return (
    periodMatches(asked, provision) &&
    actorMatches(asked, provision) &&
    purposeMatches(asked, provision) &&
    dataPeriodMatches(asked, provision, type) &&
    labelMatches(asked, provision, type) &&
    dataMatches(asked, provision, type) &&
    restMatches(provision, type)
  );
}

/** `period`: "the moment of the request". */
function periodMatches({ momentMs }: Asked, provision: unknown): boolean {
  return valuesAt(provision, 'period').every((period) => isWithin(momentMs, periodOf(period as object)));
}

/** `actor`: "the grantee is one of the caller's". */
function actorMatches({ caller }: Asked, provision: unknown): boolean {
  if (valuesAt(provision, 'actor').length === 0) return true;
  return granteesNamed(provision).some((grantee) => granteesOf(caller).includes(grantee));
}

/** `purpose`: "the caller's purpose is one of them". */
function purposeMatches({ caller }: Asked, provision: unknown): boolean {
  const purposes = valuesAt(provision, 'purpose');
  return purposes.length === 0 || codesOf(purposes, actReason).includes(purposeOf(caller));
}

/**
 * `dataPeriod`: "permit: the whole clinical date lies within; deny: any of it does. What has no clinical date: always. Days are
 * Japan's, the last one included".
 */
function dataPeriodMatches({ entry }: Asked, provision: unknown, type: Says): boolean {
  const date = clinicalDate(entry);
  return valuesAt(provision, 'dataPeriod').every((period) => {
    if (!date) return true;
    const { fromMs, untilMs } = periodOf(period as object);
    return type === 'permit'
      ? fromMs <= date.fromMs && date.untilMs <= untilMs
      : fromMs < date.untilMs && date.fromMs < untilMs;
  });
}

/**
 * `securityLabel`: "permit: the level is one of the named ones (a sensitivity names R), and if sensitivities are named every
 * sensitivity of the entry is; without the element N only. deny: one of the entry's labels (its level among them) is named;
 * without the element everything".
 */
function labelMatches({ entry }: Asked, provision: unknown, type: Says): boolean {
  const { level, sensitivities } = labelsOf(entry.resource);
  const named = valuesAt(provision, 'securityLabel');
  if (named.length === 0) return type === 'deny' || level === 'N';
  const namedSensitivities = codesOf(named, actCode);
  const namedLevels: string[] = codesOf(named, confidentiality);
  const known = [...namedSensitivities.filter(isSensitivity), ...namedLevels.filter(isLevel)];
  // "Other codes name nothing: a deny with one is not understood."
  if (type === 'deny' && known.length < named.length) return true;
  if (type === 'deny')
    return namedLevels.includes(level) || sensitivities.some((one) => namedSensitivities.includes(one));
  if (namedSensitivities.length > 0) namedLevels.push('R');
  const areAllNamed = sensitivities.every((one) => namedSensitivities.includes(one));
  return namedLevels.includes(level) && (namedSensitivities.length === 0 || areAllNamed);
}

/**
 * `data`: "`instance`: the entry itself; `related`: it, and what refers to it by `encounter` or is a part of it; `authoredby`:
 * written by that Organization". Of several, one is enough.
 */
function dataMatches({ entry }: Asked, provision: unknown, type: Says): boolean {
  const data = valuesAt(provision, 'data');
  if (data.length === 0) return true;
  // "Other meanings are not understood."
  const isUnderstood = (one: unknown) =>
    ['instance', 'related', 'authoredby'].includes(textsAt(one, 'meaning')[0] ?? '');
  if (type === 'deny' && !data.every(isUnderstood)) return true;
  const { resource, writer } = entry;
  const itself = `${resource.resourceType}/${resource.id}`;
  const within = ['encounter', 'context', 'context.encounter', 'partOf'].flatMap((path) =>
    referencesAt(resource, path),
  );
  return data.some((one) => {
    const [meaning] = textsAt(one, 'meaning');
    const [reference = ''] = referencesAt(one, 'reference');
    if (meaning === 'instance') return reference === itself;
    if (meaning === 'related') return reference === itself || within.includes(reference);
    return meaning === 'authoredby' && writer !== undefined && reference === `Organization/${writer}`;
  });
}

/**
 * `class`, `code`, `action`, `modifierExtension`: "a provision with one of these is not understood: a permit matches nothing, a deny ignores the
 * element".
 */
function restMatches(provision: unknown, type: Says): boolean {
  return (
    type === 'deny' ||
    ['class', 'code', 'action', 'modifierExtension'].every((name) => valuesAt(provision, name).length === 0)
  );
}
