// Search against a slow second opinion: random resources, random questions, and the answer worked out in plain code from the
// words of the specification. https://hl7.org/fhir/R4/search.html#prefix
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { matchIds, startApp, type TestApp } from '../support/app.ts';
import { type Random, randomFrom } from '../support/random.ts';

type Range = [lo: number, hi: number];
type Observation = { id: string; patient: string; code: string; effective: Sent | undefined; value: Sent | undefined };
/** A date as it is sent: a text, or a Period of two. */
type Sent = string | { start?: string; end?: string };

const hour = 3_600_000;
const patients = ['p0', 'p1', 'p2'];
const codes = ['c0', 'c1', 'c2', 'c3'];
const prefixes = ['', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb'];
let t: TestApp;
let all: Observation[];

beforeAll(async () => {
  t = await startApp();
  const random = randomFrom(20_261_123);
  all = Array.from({ length: 240 }, (_, n) => ({
    id: `o${n}`,
    patient: random.pick(patients),
    code: random.pick(codes),
    effective: random.chance(0.85) ? sent(random) : undefined,
    value: random.chance(0.7) ? sent(random) : undefined,
  }));
  const entry = all.map((one) => ({
    resource: resource(one),
    request: { method: 'PUT', url: `Observation/${one.id}` },
  }));
  const { status } = await t.system.post('', { resourceType: 'Bundle', type: 'transaction', entry });
  expect(status).toBe(200);
});
afterAll(() => t.close());

describe.each([
  ['date', 'effective'],
  ['value-date', 'value'],
] as const)('%s', (parameter, member) => {
  test.each(prefixes)('prefix %j agrees with the oracle', async (prefix) => {
    const random = randomFrom(7 + prefixes.indexOf(prefix));
    for (let round = 0; round < 25; round++) {
      const asked = [date(random), ...(random.chance(0.3) ? [date(random)] : [])];
      const search = `${parameter}=${asked.map((text) => encodeURIComponent(prefix + text)).join(',')}`;
      const expected = all.filter((one) =>
        asked.some((text) => holds(prefix, rangeOf(one[member]), rangeOf(text) as Range)),
      );
      await expectMatches(search, expected);
    }
  });
});

test('several parameters together agree with the oracle, whichever of them leads', async () => {
  const random = randomFrom(99);
  for (let round = 0; round < 120; round++) {
    const conditions: { text: string; holds(one: Observation): boolean }[] = [];
    if (random.chance(0.5)) {
      const asked = [random.pick(patients), ...(random.chance(0.3) ? [random.pick(patients)] : [])];
      conditions.push({
        text: `patient=${asked.join(',')}`,
        holds: ({ patient }) => asked.includes(patient),
      });
    }
    if (random.chance(0.5)) {
      const asked = [random.pick(codes), ...(random.chance(0.5) ? [random.pick(codes)] : [])];
      const isNot = random.chance(0.3);
      conditions.push({
        text: `code${isNot ? ':not' : ''}=${asked.join(',')}`,
        holds: ({ code }) => asked.includes(code) !== isNot,
      });
    }
    if (random.chance(0.6)) {
      const [from, to] = [date(random), date(random)];
      conditions.push({
        text: `date=ge${encodeURIComponent(from)}&date=le${encodeURIComponent(to)}`,
        holds: ({ effective }) =>
          holds('ge', rangeOf(effective), rangeOf(from) as Range) &&
          holds('le', rangeOf(effective), rangeOf(to) as Range),
      });
    }
    if (random.chance(0.3)) {
      const isMissing = random.chance(0.5);
      conditions.push({
        text: `value-date:missing=${isMissing}`,
        holds: ({ value }) => (value === undefined) === isMissing,
      });
    }
    if (random.chance(0.2)) {
      const asked = all.filter(() => random.chance(0.1)).map(({ id }) => id);
      if (asked.length > 0) conditions.push({ text: `_id=${asked.join(',')}`, holds: ({ id }) => asked.includes(id) });
    }
    const expected = all.filter((one) => conditions.every((condition) => condition.holds(one)));
    await expectMatches(conditions.map(({ text }) => text).join('&'), expected);
  }
});

async function expectMatches(search: string, expected: Observation[]): Promise<void> {
  const response = await t.system.get(`Observation?${search}&_count=1000&_total=accurate`);
  const ids = expected.map(({ id }) => id).sort();
  expect({ search, ids: matchIds(response).sort() }).toEqual({ search, ids });
  expect({ search, total: response.body.total }).toEqual({ search, total: ids.length });
}

/** "the range of the search value fully contains the range of the target value" and so on, word by word. */
function holds(prefix: string, target: Range | undefined, [from, to]: Range): boolean {
  if (!target) return false;
  const [lo, hi] = target;
  const isContained = lo >= from && hi <= to;
  const meetsAbove = hi > to;
  const meetsBelow = lo < from;
  if (prefix === '' || prefix === 'eq') return isContained;
  if (prefix === 'ne') return !isContained;
  if (prefix === 'gt') return meetsAbove;
  if (prefix === 'lt') return meetsBelow;
  // "…or the range of the search value fully contains the range of the target value", read as HAPI does: not before, not after.
  if (prefix === 'ge') return hi >= from;
  if (prefix === 'le') return lo <= to;
  if (prefix === 'sa') return lo > to;
  return hi < from;
}

function rangeOf(text: Sent | undefined): Range | undefined {
  if (text === undefined) return undefined;
  if (typeof text !== 'string') {
    const lo = text.start === undefined ? Number.NEGATIVE_INFINITY : (rangeOf(text.start) as Range)[0];
    return [lo, text.end === undefined ? Number.POSITIVE_INFINITY : (rangeOf(text.end) as Range)[1]];
  }
  const [year, month, day] = text.slice(0, 10).split('-').map(Number);
  if (text.length === 4) return [japan(year, 1, 1), japan((year ?? 0) + 1, 1, 1) - 1];
  if (text.length === 7) return [japan(year, month, 1), japan(year, (month ?? 0) + 1, 1) - 1];
  if (text.length === 10) return [japan(year, month, day), japan(year, month, day) + 24 * hour - 1];
  const hasOffset = /(Z|[+-]\d\d:\d\d)$/.test(text);
  const lo = Date.parse(hasOffset ? text : `${text}+09:00`);
  return [lo, lo + (text.includes('.') ? 1 : 1000) - 1];
}

const japan = (year = 0, month = 1, day = 1) => Date.UTC(year, month - 1, day) - 9 * hour;

const two = (n: number) => String(n).padStart(2, '0');

/** A date in a narrow span, so that ends meet often; near midnight and New Year in Japan. */
function date(random: Random): string {
  const year = random.pick(['2025', '2026']);
  const month = random.pick(['01', '02', '12']);
  const day = random.pick(['01', '02', '28', ...(month === '02' ? [] : ['31'])]);
  const time = `${random.pick(['00', '09', '15', '23'])}:${two(random.pick([0, 59]))}:${two(random.pick([0, 59]))}`;
  const form = random.below(6);
  if (form === 0) return year;
  if (form === 1) return `${year}-${month}`;
  if (form < 4) return `${year}-${month}-${day}`;
  return `${year}-${month}-${day}T${time}${random.pick(['', '.123'])}${random.pick(['Z', '+09:00', '-05:00'])}`;
}

function sent(random: Random): Sent {
  if (random.chance(0.7)) return date(random);
  const [one, other] = [date(random), date(random)].sort((a, b) => (rangeOf(a) as Range)[0] - (rangeOf(b) as Range)[0]);
  const kind = random.below(4);
  if (kind === 0) return { start: one as string };
  if (kind === 1) return { end: one as string };
  return { start: one as string, end: other as string };
}

function resource({ id, patient, code, effective, value }: Observation): object {
  const named = (name: string, date: Sent | undefined) =>
    date === undefined ? {} : { [`${name}${typeof date === 'string' ? 'DateTime' : 'Period'}`]: date };
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { coding: [{ system: 'urn:test', code }] },
    subject: { reference: `Patient/${patient}` },
    ...named('effective', effective),
    ...named('value', value),
  };
}
