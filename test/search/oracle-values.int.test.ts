// Numbers, quantities, composites and uris against a slow second opinion: random resources, random questions, and the answer
// worked out in whole numbers of a trillionth. https://hl7.org/fhir/R4/search.html#prefix
import { afterAll, beforeAll, expect, test } from 'vitest';
import { matchIds, startApp, type TestApp } from '../support/app.ts';
import { type Random, randomFrom } from '../support/random.ts';

const ucum = 'http://unitsofmeasure.org';
/** Powers of ten to the gram; `drop` is of another system and only itself. */
const powers: Record<string, number> = { mg: -3, g: 0, kg: 3 };
const units = [...Object.keys(powers), 'drop'];
const codes = ['c0', 'c1', 'c2'];
const prefixes = ['', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'];
const segments = ['a', 'b', 'ab'];

type Amount = { number: string; unit: string; comparator?: '<' | '<=' | '>=' | '>' };
type Reading = { code: string; amount: Amount | undefined };
type Observation = Reading & { id: string; parts: Reading[] };
type Risk = { id: string; probability: string | undefined };
type ValueSet = { id: string; url: string };

let t: TestApp;
let observations: Observation[];
let risks: Risk[];
let valueSets: ValueSet[];

beforeAll(async () => {
  t = await startApp();
  const random = randomFrom(20_270_401);
  const reading = (of = codes) => ({ code: random.pick(of), amount: random.chance(0.8) ? amount(random) : undefined });
  const list = <T>(count: number, make: (n: number) => T) => Array.from({ length: count }, (_, n) => make(n));
  observations = list(150, (n) => {
    const whole = reading();
    // What is measured as a whole is not measured again as a part (obs-7).
    const others = codes.filter((code) => code !== whole.code);
    return { id: `o${n}`, ...whole, parts: list(random.below(3), () => reading(others)) };
  });
  risks = list(60, (n) => ({ id: `r${n}`, probability: random.chance(0.8) ? percentage(random) : undefined }));
  valueSets = list(60, (n) => ({ id: `v${n}`, url: url(random) }));
  const resources = [...observations.map(observation), ...risks.map(risk), ...valueSets.map(valueSet)];
  const entry = resources.map((resource) => {
    const { resourceType, id } = resource as { resourceType: string; id: string };
    return { resource, request: { method: 'PUT', url: `${resourceType}/${id}` } };
  });
  // Their text as they were made: JSON.stringify would take 5.40 for 5.4.
  const text = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }).replace(/"#(.*?)#"/g, '$1');
  const { status } = await t.system.post('', text);
  expect(status).toBe(200);
});
afterAll(() => t.close());

test.each(prefixes)('number with prefix %j agrees', async (prefix) => {
  const random = randomFrom(1 + prefixes.indexOf(prefix));
  for (let round = 0; round < 12; round++) {
    const asked = number(random);
    const isFound = ({ probability }: Risk) => probability !== undefined && holds(prefix, point(probability), asked, 0);
    await expectMatches('RiskAssessment', `probability=${prefix}${asked}`, risks.filter(isFound));
  }
});

test.each(prefixes)('quantity with prefix %j agrees', async (prefix) => {
  const random = randomFrom(50 + prefixes.indexOf(prefix));
  for (let round = 0; round < 12; round++) {
    const asked = question(random);
    const matches = (readings: Reading[]) => readings.some(({ amount }) => fits(prefix, amount, asked));
    const value = valueText(prefix, asked);
    await expectMatches(
      'Observation',
      `value-quantity=${value}`,
      observations.filter((one) => matches([one])),
    );
    await expectMatches(
      'Observation',
      `component-value-quantity=${value}`,
      observations.filter(({ parts }) => matches(parts)),
    );
    await expectMatches(
      'Observation',
      `combo-value-quantity=${value}`,
      observations.filter((one) => matches([one, ...one.parts])),
    );
  }
});

test('composites agree, part by part of one element', async () => {
  const random = randomFrom(77);
  for (let round = 0; round < 30; round++) {
    const prefix = random.pick(prefixes);
    const [code, asked] = [random.pick(codes), question(random)];
    const matches = (readings: Reading[]) =>
      readings.some((reading) => reading.code === code && fits(prefix, reading.amount, asked));
    const value = `${code}$${valueText(prefix, asked)}`;
    await expectMatches(
      'Observation',
      `code-value-quantity=${value}`,
      observations.filter((one) => matches([one])),
    );
    await expectMatches(
      'Observation',
      `component-code-value-quantity=${value}`,
      observations.filter(({ parts }) => matches(parts)),
    );
    await expectMatches(
      'Observation',
      `combo-code-value-quantity=${value}`,
      observations.filter((one) => matches([one, ...one.parts])),
    );
  }
});

test('uris agree, above and below', async () => {
  const random = randomFrom(5);
  for (let round = 0; round < 25; round++) {
    const asked = url(random);
    const isBelow = (one: string, other: string) => one === other || one.startsWith(`${other}/`);
    await expectMatches(
      'ValueSet',
      `url=${asked}`,
      valueSets.filter(({ url }) => url === asked),
    );
    await expectMatches(
      'ValueSet',
      `url:below=${asked}`,
      valueSets.filter(({ url }) => isBelow(url, asked)),
    );
    await expectMatches(
      'ValueSet',
      `url:above=${asked}`,
      valueSets.filter(({ url }) => isBelow(asked, url)),
    );
  }
});

async function expectMatches(type: string, search: string, expected: { id: string }[]): Promise<void> {
  const response = await t.system.get(`${type}?${search.replaceAll('|', '%7C')}&_count=1000`);
  const ids = expected.map(({ id }) => id).sort();
  expect({ search, ids: matchIds(response).sort() }).toEqual({ search, ids });
}

type Asked = { number: string; unit: string; form: 'plain' | 'system' | 'code' };

function question(random: Random): Asked {
  return {
    number: number(random),
    unit: random.pick(units),
    form: random.pick(['plain', 'system', 'code']),
  };
}

function valueText(prefix: string, { number, unit, form }: Asked): string {
  if (form === 'plain') return `${prefix}${number}`;
  return `${prefix}${number}|${form === 'code' ? '' : unit === 'drop' ? 'urn:units' : ucum}|${unit}`;
}

/** "5.4|system|g" compares what is in grams at all; "5.4||g" what is written in grams; "5.4" any number. */
function fits(prefix: string, amount: Amount | undefined, { number: asked, unit, form }: Asked): boolean {
  if (!amount) return false;
  const power = (of: string) => powers[of] ?? 0;
  const isMass = (of: string) => of in powers;
  if (form !== 'system') {
    return (form === 'plain' || amount.unit === unit) && holds(prefix, ends(amount, 0), asked, 0);
  }
  if (isMass(unit) !== isMass(amount.unit)) return false;
  return holds(prefix, ends(amount, power(amount.unit)), asked, power(unit));
}

type Ends = { lo: bigint; hi: bigint };
const far = 10n ** 40n;
const scale = 24;

function ends({ number, comparator }: Amount, power: number): Ends {
  const { lo } = point(number, power);
  if (comparator === '<') return { lo: -far, hi: lo - 1n };
  if (comparator === '<=') return { lo: -far, hi: lo };
  if (comparator === '>=') return { lo, hi: far };
  if (comparator === '>') return { lo: lo + 1n, hi: far };
  return { lo, hi: lo };
}

function point(text: string, power = 0): Ends {
  const [mantissa = '', exponent = '0'] = text.split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const value = BigInt(`${whole}${fraction}`) * 10n ** BigInt(scale + power + Number(exponent) - fraction.length);
  return { lo: value, hi: value };
}

/** "100: [99.5, 100.5)", "100.00: [99.995, 100.005)", "1e2: [95, 105)"; for `ap` a tenth to either side. */
function holds(prefix: string, { lo, hi }: Ends, asked: string, power: number): boolean {
  const { lo: value } = point(asked, power);
  const [mantissa = '', exponent] = asked.split('e');
  const digits = (mantissa.split('.')[1] ?? '').length || (exponent === undefined ? 0 : 1);
  const half = 5n * 10n ** BigInt(scale + power + Number(exponent ?? 0) - digits - 1);
  const isContained = lo >= value - half && hi < value + half;
  const tenth = (value < 0n ? -value : value) / 10n;
  if (prefix === '' || prefix === 'eq') return isContained;
  if (prefix === 'ne') return !isContained;
  if (prefix === 'gt') return hi > value;
  if (prefix === 'lt') return lo < value;
  if (prefix === 'ge') return hi >= value;
  if (prefix === 'le') return lo <= value;
  if (prefix === 'sa') return lo > value;
  if (prefix === 'eb') return hi < value;
  return hi >= value - tenth && lo <= value + tenth;
}

/** Few digits and few sizes, so that ends meet often. */
function number(random: Random): string {
  return random.pick([
    '5.4',
    '5.40',
    '5.35',
    '5.45',
    '5',
    '5400',
    '5400.0',
    '0.0054',
    '54e2',
    '5.4e-3',
    '-5',
    '0',
    '5e3',
    '5.4e3',
  ]);
}

function percentage(random: Random): string {
  const found = number(random);
  return Number(found) <= 100 ? found : percentage(random);
}

function amount(random: Random): Amount {
  const comparators = ['<', '<=', '>=', '>'] as const;
  const more = random.chance(0.2) ? { comparator: random.pick([...comparators]) } : {};
  return { number: number(random), unit: random.pick(units), ...more };
}

const url = (random: Random): string =>
  `http://a.test${Array.from({ length: random.below(4) }, () => `/${random.pick(segments)}`).join('')}`;

const exactly = (text: string) => `#${text}#`;

function reading({ code, amount }: Reading): object {
  const { number = '', unit = '', comparator } = amount ?? {};
  const valueQuantity = {
    value: exactly(number),
    comparator,
    system: unit === 'drop' ? 'urn:units' : ucum,
    code: unit,
  };
  return { code: { coding: [{ system: 'urn:test', code }] }, ...(amount ? { valueQuantity } : {}) };
}

function observation({ id, parts, ...own }: Observation): object {
  const component = parts.length > 0 ? { component: parts.map(reading) } : {};
  return { resourceType: 'Observation', id, status: 'final', ...reading(own), ...component };
}

function risk({ id, probability }: Risk): object {
  const prediction =
    probability === undefined
      ? [{ qualitativeRisk: { text: 'high' } }]
      : [{ probabilityDecimal: exactly(probability) }];
  return { resourceType: 'RiskAssessment', id, status: 'final', subject: { reference: 'Patient/a' }, prediction };
}

const valueSet = ({ id, url }: ValueSet): object => ({ resourceType: 'ValueSet', id, status: 'active', url });
