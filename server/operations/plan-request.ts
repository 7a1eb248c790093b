// What is asked of $plan: in the query as far as it is plain values, or as Parameters. Everything is read or refused.
// OperationDefinition: profiles/operation-definitions/plan.json

import { codedVaccine } from '../../profiles/vaccine.ts';
import { VACCINE_SYSTEM } from '../fhir/canonical.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { badRequest, invalid, unknownParameter } from '../fhir/outcome.ts';
import { type Day, formatDay, parseDay, parseDayRange } from '../forecast/days.ts';
import { vaccineCodeOf } from '../forecast/facts/given-doses.ts';
import { type Span, WEEKDAYS, type Weekday } from '../forecast/plan/calendar.ts';
import type { Pin, Wishes } from '../forecast/plan/types.ts';
import { readParameters, single } from '../interaction/parameters.ts';
import { validateInForce } from '../validation/in-force.ts';
import { structureFaults } from '../validation/strictness.ts';

export type PlanRequest = {
  /** `YYYY-MM-DD`. */
  assessmentDate: string;
  wishes: Wishes;
  /** The last plan's Bundle. */
  previous: JsonObject | undefined;
};

const MOST_AVOIDED = 100;
const MOST_PINS = 30;
const MOST_PER_VISIT = 20;

const plainNames = ['assessmentDate', 'until', 'maxPerVisit', 'open'];
const names = [...plainNames, 'avoid', 'pin', 'previous'];

/** Throws 400 for a value that cannot be read, and names what can. `today` is used where no assessment date is given. */
export function planRequest(query: string, body: unknown, today: string): PlanRequest {
  if (body === undefined) return fromQuery(new URLSearchParams(query), today);
  const parameters = readParameters(body, names);
  const beside = [...new URLSearchParams(query).keys()].find((name) => !['_format', '_pretty'].includes(name));
  if (beside !== undefined)
    throw badRequest(`"${beside}" belongs into the Parameters of the body`, 'invalid', [beside]);
  const text = (name: string, member: string) => {
    const one = single(parameters, name);
    return one === undefined ? undefined : textIn(one, name, member);
  };
  const assessmentDate = dateText('assessmentDate', text('assessmentDate', 'valueDate')) ?? today;
  const maxPerVisit = single(parameters, 'maxPerVisit');
  const until = dateText('until', text('until', 'valueDate'));
  return {
    assessmentDate,
    wishes: {
      ...untilWish(until, assessmentDate),
      ...(maxPerVisit === undefined
        ? {}
        : { maxPerVisit: count(maxPerVisit.valueInteger ?? maxPerVisit.valuePositiveInt) }),
      open: (parameters.get('open') ?? []).map((one) => weekday(textIn(one, 'open', 'valueCode'))),
      avoid: atMost(parameters.get('avoid') ?? [], MOST_AVOIDED, 'avoid').map(avoided),
      pins: notAfter(until, distinct(atMost(parameters.get('pin') ?? [], MOST_PINS, 'pin').map(pinOf))),
    },
    previous: previousPlan(single(parameters, 'previous')),
  };
}

function fromQuery(asked: URLSearchParams, today: string): PlanRequest {
  for (const name of asked.keys()) {
    if (['avoid', 'pin', 'previous'].includes(name))
      throw badRequest(`"${name}" is no plain value: send it with POST, as Parameters`, 'not-supported', [name]);
    if (![...plainNames, '_format', '_pretty'].includes(name)) throw unknownParameter(name, '$plan', names);
    if (name !== 'open' && asked.getAll(name).length > 1)
      throw badRequest(`"${name}" may be given once`, 'invalid', [name]);
  }
  const assessmentDate = dateText('assessmentDate', asked.get('assessmentDate') ?? undefined) ?? today;
  const maxPerVisit = asked.get('maxPerVisit');
  const open = asked.getAll('open').flatMap((list) => list.split(','));
  return {
    assessmentDate,
    wishes: {
      ...untilWish(dateText('until', asked.get('until') ?? undefined), assessmentDate),
      ...(maxPerVisit === null
        ? {}
        : { maxPerVisit: count(/^\d{1,3}$/.test(maxPerVisit) ? Number(maxPerVisit) : maxPerVisit) }),
      open: open.map(weekday),
      avoid: [],
      pins: [],
    },
    previous: undefined,
  };
}

function textIn(parameter: JsonObject, name: string, member: string): string {
  const value = parameter[member];
  if (typeof value !== 'string') throw wrong(name, `needs a ${member}`);
  return value;
}

function dateText(name: string, text: string | undefined): string | undefined {
  if (text !== undefined && parseDay(text) === undefined)
    throw wrong(name, `"${text.slice(0, 40)}" is not a calendar date (YYYY-MM-DD)`);
  return text;
}

function untilWish(until: string | undefined, assessmentDate: string): Pick<Wishes, 'until'> {
  const day = until === undefined ? undefined : parseDay(until);
  if (until === undefined || day === undefined) return {};
  if (until < assessmentDate) throw wrong('until', 'is before the assessment date');
  return { until: day };
}

function count(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MOST_PER_VISIT) return value;
  throw wrong('maxPerVisit', `must be a whole number from 1 to ${MOST_PER_VISIT}`);
}

function weekday(code: string): Weekday {
  const found = WEEKDAYS.find((one) => one === code);
  if (found === undefined) throw wrong('open', `must be one of ${WEEKDAYS.join(', ')}`);
  return found;
}

/** A partial date means all of its days; an end that is absent is open. */
function avoided(parameter: JsonObject): Span {
  const { valuePeriod: period } = parameter;
  if (!isObject(period) || (period.start === undefined && period.end === undefined))
    throw wrong('avoid', 'needs a valuePeriod with start or end');
  const from = period.start === undefined ? Number.NEGATIVE_INFINITY : dayRange(period.start).first;
  const to = period.end === undefined ? Number.POSITIVE_INFINITY : dayRange(period.end).last;
  if (to < from) throw wrong('avoid', 'ends before it starts');
  return { from, to };
}

function dayRange(value: unknown): { first: Day; last: Day } {
  const range = typeof value === 'string' ? parseDayRange(value.slice(0, 10)) : undefined;
  if (range === undefined) throw wrong('avoid', 'has a date that cannot be read');
  return range;
}

function pinOf(parameter: JsonObject): Pin {
  const parts = new Map<string, JsonObject>();
  for (const part of Array.isArray(parameter.part) ? parameter.part : []) {
    const name = isObject(part) ? part.name : undefined;
    if (!isObject(part) || typeof name !== 'string' || !['vaccineCode', 'date', 'doseNumber'].includes(name))
      throw wrong('pin', 'has the parts vaccineCode, date and doseNumber');
    if (parts.has(name)) throw wrong('pin', `has one ${name}`);
    parts.set(name, part);
  }
  const vaccine = vaccineIn(parts.get('vaccineCode'));
  const date = parts.get('date')?.valueDate;
  const day = typeof date === 'string' ? parseDay(date) : undefined;
  if (vaccine === undefined) throw wrong('pin', 'needs a part vaccineCode with a vaccine that is known here');
  if (day === undefined) throw wrong('pin', 'needs a part date with a valueDate (YYYY-MM-DD)');
  const number = parts.get('doseNumber');
  if (number === undefined) return { vaccine, day };
  const doseNumber = number.valuePositiveInt ?? number.valueInteger;
  if (typeof doseNumber !== 'number' || !Number.isInteger(doseNumber) || doseNumber < 1)
    throw wrong('pin', 'has a doseNumber that is no valuePositiveInt');
  return { vaccine, day, doseNumber };
}

function vaccineIn(part: JsonObject | undefined): string | undefined {
  const { valueCodeableConcept: concept, valueCoding: coding, valueCode: code } = part ?? {};
  if (isObject(concept)) return vaccineCodeOf(concept);
  if (isObject(coding)) return vaccineCodeOf({ coding: [coding] });
  return typeof code === 'string' ? codedVaccine([{ system: VACCINE_SYSTEM, code }])?.code : undefined;
}

function distinct(pins: Pin[]): Pin[] {
  const seen = new Set<string>();
  for (const { vaccine, day } of pins) {
    const name = `${vaccine} ${day}`;
    if (seen.has(name)) throw wrong('pin', `names ${vaccine} on ${formatDay(day)} twice`);
    seen.add(name);
  }
  return pins;
}

function notAfter(until: string | undefined, pins: Pin[]): Pin[] {
  if (until !== undefined && pins.some(({ day }) => formatDay(day) > until)) throw wrong('pin', 'is after until');
  return pins;
}

function previousPlan(parameter: JsonObject | undefined): JsonObject | undefined {
  if (parameter === undefined) return undefined;
  const { resource } = parameter;
  if (!isObject(resource) || resource.resourceType !== 'Bundle')
    throw wrong('previous', 'holds the Bundle of the last plan as resource');
  const issues = structureFaults(validateInForce(resource));
  if (issues.length > 0) throw invalid(issues);
  return resource;
}

function atMost<T>(list: T[], most: number, name: string): T[] {
  if (list.length > most) throw wrong(name, `may be given ${most} times`);
  return list;
}

function wrong(name: string, why: string): Error {
  return badRequest(`${name}: ${why}`, 'value', [name]);
}
