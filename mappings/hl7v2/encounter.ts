// ADT^A01 (admission), A03 (discharge), A04 (outpatient), A08 (update) -> Encounter. HL7 v2.5 chapter 3.4.3 (PV1).

import type { BundleEntry, Encounter } from '@medplum/fhirtypes';
import { DEPARTMENT } from '../code-systems.ts';
import { createEntry, replaceEntry } from '../record.ts';
import { type Hl7Context, institutionReference, ownIdentifier, personReference } from './context.ts';
import { find, value } from './message.ts';
import { hl7DateTime } from './time.ts';

const classes: Record<string, string> = { I: 'IMP', O: 'AMB', E: 'EMER' };

/**
 * One Encounter, none for an A08 that does not name a visit. A discharge and an update replace what the admission said;
 * an admission that comes late does not undo a discharge.
 */
export function mapEncounter(context: Hl7Context): BundleEntry[] {
  const pv1 = find(context.segments, 'PV1');
  const code = classes[value(pv1, 2)];
  if (!pv1 || !code) {
    if (context.event !== 'A08') context.problems.push('PV1-2 (patient class) is missing or not I, O, E.');
    return [];
  }
  const event = value(find(context.segments, 'EVN'), 6) || value(find(context.segments, 'EVN'), 2);
  const start = hl7DateTime(value(pv1, 44) || (['A01', 'A04'].includes(context.event) ? event : ''));
  const end = hl7DateTime(value(pv1, 45) || (context.event === 'A03' ? event : ''));
  const visit = value(pv1, 19);
  if (!visit && !start && !end) {
    if (context.event !== 'A08') context.problems.push('PV1 gives neither a visit number nor a time.');
    return [];
  }
  // Without a visit number, the stay is known by its admission; a discharge that does not repeat it stands alone.
  const keys = visit ? ['visit', visit] : [code, start ? `from ${start}` : `to ${end}`];
  const department = value(pv1, 10) || (code === 'AMB' ? value(pv1, 3) : '');
  const attending = personReference(pv1, 7);
  const provider = institutionReference(context);
  const encounter: Encounter = {
    resourceType: 'Encounter',
    identifier: [ownIdentifier(context, 'encounter', keys)],
    status: end ? 'finished' : context.event === 'A04' ? 'arrived' : 'in-progress',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code },
    subject: context.subject,
    period: { ...(start && { start }), ...(end && { end }) },
    ...(/^\d{2,3}$/.test(department) && { serviceType: { coding: [{ system: DEPARTMENT, code: department }] } }),
    ...(attending && { participant: [{ individual: attending }] }),
    ...(provider && { serviceProvider: provider }),
  };
  if (!start && !end) delete encounter.period;
  return [context.event === 'A03' || context.event === 'A08' ? replaceEntry(encounter) : createEntry(encounter)];
}
