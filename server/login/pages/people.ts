// Whose records somebody may open an app with, by name: relations that are valid at this moment, read with the person's own
// rights, which leaves its rows in the audit.

import type { Access } from '../../access/access.ts';
import { actorText } from '../../access/actor.ts';
import { birthday } from '../../access/birthday.ts';
import { appAloneYears } from '../../access/policy.ts';
import { parseScopes } from '../../access/scopes.ts';
import { isObject, type JsonObject } from '../../fhir/json.ts';
import type { Session } from '../login.ts';
import type { Call } from './call.ts';
import type { Say } from './page.ts';

export type Choice = {
  /** Patient id. */
  patient: string;
  name: string;
  birthDate: string | undefined;
  basis: 'self' | 'guardian' | 'invited' | 'staff';
  /** Who the person is to this record: `RelatedPerson/ID`, `Patient/ID`, `Person/ID`, `Practitioner/ID`. */
  fhirUser: string;
  /** An app also needs a guardian's yes. */
  needsGuardian: boolean;
};

const reading = parseScopes('user/Patient.r user/Encounter.rs user/Organization.r');

export const isStaff = ({ subject }: Session): boolean => subject.startsWith('Practitioner/');

/** v3-ActReason: what a person opens records for. */
export const purposeOf = (session: Session): string => (isStaff(session) ? 'TREAT' : 'PATRQT');

/** The patients whom this login may pick. */
export async function choicesOf(call: Call, session: Session): Promise<Choice[]> {
  if (isStaff(session)) return [];
  const relations = await call.records.patientsOf(session.subject, call.nowMs);
  const choices = relations.map(async ({ patient, basis, relatedPerson }): Promise<Choice | undefined> => {
    const found = await readAs(call, session, `Patient/${patient}`);
    if (found === undefined) return undefined;
    const fhirUser = basis === 'self' ? `Patient/${patient}` : (relatedPerson ?? session.subject);
    const needsGuardian = basis === 'self' && isUnder(found.birthDate, call.nowMs);
    return { ...shown(found, call.say), patient, basis, fhirUser, needsGuardian };
  });
  return (await Promise.all(choices)).filter((choice) => choice !== undefined);
}

/** The patient whom a record system has opened the app for; undefined when this login does not see them. */
export async function launchedFor(call: Call, session: Session, patient: string): Promise<Choice | undefined> {
  if (!isStaff(session)) return (await choicesOf(call, session)).find((choice) => choice.patient === patient);
  const found = await readAs(call, session, `Patient/${patient}`);
  const staff = { basis: 'staff', fhirUser: session.subject, needsGuardian: false } as const;
  return found && { ...shown(found, call.say), ...staff, patient };
}

/** Encounters that an app may be opened in, the latest first. */
export async function encountersOf(call: Call, session: Session, patient: string) {
  const found = await readAs(call, session, 'Encounter', `patient=Patient/${patient}&_sort=-date&_count=20`);
  const entries = Array.isArray(found?.entry) ? found.entry.filter(isObject) : [];
  return entries.flatMap(({ resource }) => {
    if (!isObject(resource) || resource.resourceType !== 'Encounter') return [];
    const period = isObject(resource.period) ? resource.period : {};
    const type = Array.isArray(resource.type) && isObject(resource.type[0]) ? resource.type[0].text : undefined;
    return [
      { id: String(resource.id), label: [period.start, type].filter((one) => typeof one === 'string').join(' ') },
    ];
  });
}

/** The name of an organization, as it is entered. */
export async function organizationName(call: Call, session: Session, id: string): Promise<string | undefined> {
  const found = await readAs(call, session, `Organization/${id}`);
  return typeof found?.name === 'string' ? found.name : undefined;
}

/** How somebody stands to a choice, in a word. */
export function relationInWords({ basis }: Choice, say: Say): string {
  if (basis === 'self') return say('ご本人', 'yourself');
  if (basis === 'guardian') return say('保護者として', 'as guardian');
  return basis === 'invited'
    ? say('見ることを許された方として', 'as an invited relative')
    : say('職員として', 'as staff');
}

/** How the audit names who acts on a page, by itself or for an app. */
export const actorFor = (session: Session, client = 'login') => ({
  client,
  user: session.subject,
  ...(session.organization === undefined ? {} : { organization: `Organization/${session.organization}` }),
  purpose: purposeOf(session),
});

function readAs(call: Call, session: Session, path: string, query?: string): Promise<JsonObject | undefined> {
  const { client, ...who } = actorFor(session);
  const access: Access = {
    client: actorText({ client, ...who }),
    grants: reading,
    caller: { ...who, nowMs: call.nowMs },
  };
  return call.records.read({ access, id: call.visit.request, language: call.language }, path, query);
}

const isUnder = (birthDate: unknown, nowMs: number): boolean => {
  const from = birthday(birthDate, appAloneYears);
  return from === 'infinity' || Date.parse(from) > nowMs;
};

function shown({ name, birthDate }: JsonObject, say: Say): Pick<Choice, 'name' | 'birthDate'> {
  const names = Array.isArray(name) ? name.filter(isObject) : [];
  const words = names.map(nameInWords).filter((text) => text !== '');
  return {
    name: words[0] ?? say('お名前のない記録', 'a record without a name'),
    birthDate: typeof birthDate === 'string' ? birthDate : undefined,
  };
}

function nameInWords({ text, family, given }: JsonObject): string {
  if (typeof text === 'string') return text;
  const parts = [family, ...(Array.isArray(given) ? given : [])];
  return parts.filter((part) => typeof part === 'string').join(' ');
}
