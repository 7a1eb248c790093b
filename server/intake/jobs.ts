// What intake does behind a change: when a family has linked a number, whatever still waits for it flows in. The operation
// itself does this at once; the job is for what was left when a server died in the middle.

import { randomUUID } from 'node:crypto';
import type { Fhir } from '../interaction/request.ts';
import type { JobHandler } from '../jobs/queue.ts';
import type { Interest } from '../jobs/relay.ts';
import type { ChangeEvent } from '../store/outbox.ts';
import { idOf } from '../store/stored-text.ts';
import type { Intake } from './intake.ts';
import { takeIn } from './take-in.ts';

/** A link always comes with a Consent, so that is the event to hear of. */
export const intakeInterest: Interest = {
  job: 'take-in',
  wants: ({ type, method }) => type === 'Consent' && method === 'C',
};

/** Stores what still waits for the numbers of the Patient behind a new Consent. Doing it twice changes nothing. */
export function takeInJob(fhir: Pick<Fhir, 'write' | 'base' | 'nowMs' | 'reader'>, intake: Intake): JobHandler {
  return async (payload) => {
    const patient = await fhir.reader.byKey('Patient', (payload as ChangeEvent).owner);
    if (patient?.content === undefined) return;
    const id = idOf(patient.content);
    for (const link of await intake.links.linksOf(id)) await takeIn(fhir, intake, link, id, randomUUID());
  };
}
