// Hook order-sign: each vaccine about to be ordered is checked for this patient and day. Other orders pass without a word.

import type { CodeableConcept, Coding } from '@medplum/fhirtypes';
import { codedVaccine, namedVaccine, type Vaccine } from '../../profiles/vaccine.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { badRequest } from '../fhir/outcome.ts';
import { parseDay } from '../forecast/days.ts';
import { japanDate } from '../forecast/facts/calendar-date.ts';
import { card } from './card.ts';
import { PREFETCH, patientIdOf, sentRecord } from './prefetch.ts';
import type { Card, CdsService, HookRequest } from './types.ts';

export const immunizationCheckService: CdsService = {
  id: 'immunization-check',
  hook: 'order-sign',
  title: '接種前の確認 Check before a vaccination',
  description:
    'Checks every vaccine among the draft orders (Immunization or MedicationRequest) for this patient and day: may be given, ask, or stop, with the reasons.',
  prefetch: PREFETCH,
  cards: async (request) => {
    const cards: Card[] = [];
    const drafts = draftsOf(request);
    for (const [n, draft] of drafts.entries()) {
      // The orders are signed together: each is judged as if those before it had been carried out.
      const before = drafts.filter((other, m) => other.date < draft.date || (other.date === draft.date && m < n));
      cards.push(await checked(request, draft, before));
    }
    return cards;
  },
};

type Draft = { vaccine: Vaccine | undefined; intended: JsonObject; date: string };

/** More vaccines than this are no visit. */
const mostDrafts = 20;

function draftsOf({ context, today }: HookRequest): Draft[] {
  const bundle = context.draftOrders;
  if (!isObject(bundle) || bundle.resourceType !== 'Bundle')
    throw badRequest('context.draftOrders must be a Bundle', 'required');
  const entries = Array.isArray(bundle.entry) ? bundle.entry : [];
  const drafts = entries.flatMap((entry) => {
    const order = isObject(entry) && isObject(entry.resource) ? entry.resource : undefined;
    const concept = order?.resourceType === 'Immunization' ? order.vaccineCode : order?.medicationCodeableConcept;
    const vaccine = vaccineIn(concept);
    // What was not done is not ordered. A prescription of something else passes; an Immunization is a vaccine even where nobody knows which.
    if (order === undefined || order.status === 'not-done' || order.status === 'entered-in-error') return [];
    if (vaccine === undefined && order.resourceType !== 'Immunization') return [];
    return [{ vaccine, intended: intendedOf(order, concept), date: dayOf(order) ?? today }];
  });
  if (drafts.length > mostDrafts)
    throw badRequest(`At most ${mostDrafts} vaccines are checked in one call`, 'too-costly');
  return drafts;
}

function vaccineIn(value: unknown): Vaccine | undefined {
  if (!isObject(value)) return undefined;
  const { coding = [], text } = value as CodeableConcept;
  if (!Array.isArray(coding)) return undefined;
  return (
    codedVaccine(coding.filter(isObject) as Coding[]) ?? (typeof text === 'string' ? namedVaccine(text) : undefined)
  );
}

/** What a prescription says of the vaccine, as the dose that $check asks for. */
function intendedOf(order: JsonObject, vaccineCode: unknown): JsonObject {
  if (order.resourceType === 'Immunization') return order;
  return {
    resourceType: 'Immunization',
    status: 'completed',
    vaccineCode: vaccineCode as JsonObject,
    patient: (order.subject ?? {}) as JsonObject,
    occurrenceString: 'ordered',
  };
}

function dayOf({ occurrenceDateTime }: JsonObject): string | undefined {
  const date = typeof occurrenceDateTime === 'string' ? japanDate(occurrenceDateTime) : undefined;
  return date !== undefined && parseDay(date) !== undefined ? date : undefined;
}

function asGiven({ intended, date }: Draft): JsonObject {
  const { id: _, occurrenceString: __, ...rest } = intended;
  return { ...rest, occurrenceDateTime: date };
}

async function checked(
  request: HookRequest,
  { vaccine, intended, date }: Draft,
  before: readonly Draft[],
): Promise<Card> {
  const sent = sentRecord(request);
  const patient = sent
    ? { resource: sent.patient }
    : { valueReference: { reference: `Patient/${patientIdOf(request)}` } };
  const answer = await request.call('POST', 'Immunization/$check', {
    resourceType: 'Parameters',
    parameter: [
      { name: 'patient', ...patient },
      { name: 'immunization', resource: intended },
      { name: 'date', valueDate: date },
      ...[...(sent?.immunizations ?? []), ...before.map(asGiven)].map((resource) => ({ name: 'history', resource })),
    ],
  });
  const list = (Array.isArray(answer.parameter) ? answer.parameter : []).filter(isObject);
  const decision = String(list.find(({ name }) => name === 'decision')?.valueCode ?? 'ask') as keyof typeof INDICATORS;
  const reasons = list.filter(({ name }) => name === 'reason').map((reason) => reasonLine(reason, request.language));
  const name = nameOf(vaccine, intended, request.language);
  return card(INDICATORS[decision], `${DECISIONS[request.language][decision]}: ${name} (${date})`, reasons.join('\n'));
}

/** The vaccine's name, or what the order calls it. */
function nameOf(vaccine: Vaccine | undefined, { vaccineCode }: JsonObject, language: 'ja' | 'en'): string {
  if (vaccine !== undefined) return vaccine[language];
  const { text, coding } = (isObject(vaccineCode) ? vaccineCode : {}) as CodeableConcept;
  return text ?? coding?.[0]?.display ?? coding?.[0]?.code ?? '?';
}

function reasonLine({ part }: JsonObject, language: 'ja' | 'en'): string {
  const parts = (Array.isArray(part) ? part : []).filter(isObject);
  const text = (name: string) => {
    const found = parts.find((one) => one.name === name);
    return found?.valueString ?? found?.valueCode ?? found?.valueDate;
  };
  const date = text('date') === undefined ? '' : ` ${text('date')}`;
  const rule = text(`rule-${language}`) === undefined ? '' : ` – ${text(`rule-${language}`)}`;
  return `- ${text(`text-${language}`)}${date}${rule}`;
}

const INDICATORS = { go: 'info', ask: 'warning', stop: 'critical' } as const;
const DECISIONS = {
  ja: { go: '接種できます', ask: '医師の確認がいります', stop: '接種しないでください' },
  en: { go: 'May be given', ask: 'Ask the clinician', stop: 'Do not give' },
};
