// What we publish: every definition is valid R4 and named for its file, and the planner's answers use no extension and no
// code that is not defined.
import { readdirSync, readFileSync } from 'node:fs';
import type { CodeSystem, Immunization, StructureDefinition } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { CANONICAL, VACCINE_SYSTEM } from '../../server/fhir/canonical.ts';
import { compileCdsi } from '../../server/forecast/cdsi/compile.ts';
import { WORDS } from '../../server/forecast/explain.ts';
import { japaneseSchedule } from '../../server/forecast/schedules/jp/index.ts';
import type { DoseReason, DoseStatus, WarningCode } from '../../server/forecast/types.ts';
import { forecastAnswer } from '../../server/operations/immds.ts';
import { doses, ofAntigen, prefers, series, sourceOf } from '../forecast/cdsi/small-schedule.ts';
import { refusalsOf } from '../support/valid.ts';
import { published, undefinedIn } from './published.ts';

const folders = { 'structure-definitions': 'StructureDefinition', 'code-systems': 'CodeSystem' } as const;
const definitions = Object.entries(folders).flatMap(([folder, type]) =>
  published(folder).map((one) => ({ ...one, type })),
);

test.each(definitions)('$type $file is valid and named for its id', ({ file, content, type }) => {
  expect(refusalsOf(content as never).filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(file).toBe(`${content.id}.json`);
  expect(content).toMatchObject({ resourceType: type, url: `${CANONICAL}/${type}/${content.id}` });
});

test('every extension that the source names is published, and no other', () => {
  const source = new URL('../../server/', import.meta.url);
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const named = files.flatMap((file) =>
    [...readFileSync(new URL(file, source), 'utf8').matchAll(/\$\{CANONICAL\}\/StructureDefinition\/([\w-]+)/g)].map(
      ([, id]) => id,
    ),
  );
  expect([...new Set(named)].sort()).toEqual(
    published('structure-definitions')
      .filter(({ content }) => (content as unknown as StructureDefinition).type === 'Extension')
      .map(({ content }) => content.id)
      .sort(),
  );
});

const codesOf = (id: string) => {
  const found = definitions.find(({ content, type }) => type === 'CodeSystem' && content.id === id)?.content;
  return ((found as unknown as CodeSystem | undefined)?.concept ?? []).map(({ code }) => code);
};

/** Every `reason` anywhere in a compiled schedule. */
function reasonsIn(value: unknown, found = new Set<string>(), seen = new Set<unknown>()): Set<string> {
  if (typeof value !== 'object' || value === null || seen.has(value)) return found;
  seen.add(value);
  for (const [name, child] of value instanceof Map ? value : Object.entries(value)) {
    if (name === 'reason' && typeof child === 'string') found.add(child);
    reasonsIn(child, found, seen);
  }
  return found;
}

describe('CodeSystems hold every word that the planner has', () => {
  test('series: name for name', () => {
    const found = definitions.find(({ content }) => content.id === 'series')?.content as unknown as CodeSystem;
    expect(found.concept?.map(({ code, display, designation }) => [code, display, designation?.[0]?.value])).toEqual(
      japaneseSchedule().series.map(({ key, name }) => [key, name.en, name.ja]),
    );
  });

  test('dose-status', () => {
    const all: Record<DoseStatus, true> = {
      valid: true,
      notValid: true,
      extraneous: true,
      subStandard: true,
      undetermined: true,
    };
    expect(codesOf('dose-status')).toEqual(Object.keys(all));
  });

  test('dose-status-reason', () => {
    const all: Record<DoseReason, true> = {
      ageTooYoung: true,
      ageTooOld: true,
      gestationalAgeTooEarly: true,
      gestationalAgeTooLate: true,
      outsideAnyWindow: true,
      intervalTooSoon: true,
      vaccineConflict: true,
      inadvertentVaccine: true,
      noRelevantSeries: true,
      seriesAlreadyComplete: true,
      comboProductAllowed: true,
      duplicateRecord: true,
      notPreferableOrAllowable: true,
      partOfCombination: true,
      dateTooVague: true,
      lotExpired: true,
      doseCondition: true,
    };
    expect(codesOf('dose-status-reason')).toEqual(Object.keys(all));
    expect(Object.keys(WORDS)).toEqual(expect.arrayContaining(Object.keys(all)));
  });

  test('forecast-warning', () => {
    const all: Record<WarningCode, true> = {
      unknownVaccine: true,
      unknownObservation: true,
      invalidDate: true,
      afterAssessmentDate: true,
      beforeBirth: true,
      duplicateRecord: true,
      invalidResidence: true,
      notLookedAt: true,
      uncertainFact: true,
      looseCode: true,
      undatedFact: true,
      unreadableResult: true,
      amountUnknown: true,
      possibleDuplicate: true,
      sameLotNearby: true,
      notGiven: true,
      repeatedId: true,
      unknownFact: true,
    };
    expect(codesOf('forecast-warning')).toEqual(Object.keys(all));
  });

  test('forecast-reason: the reasons of the Japanese schedule', () => {
    const reasons = [...reasonsIn(japaneseSchedule().series)];
    expect(reasons).toEqual(expect.arrayContaining(['keloid', 'firstDoseAfter14w6d']));
    expect(codesOf('forecast-reason')).toEqual(expect.arrayContaining(reasons));
  });
});

describe('answers keep to the definitions', () => {
  const us = compileCdsi(
    sourceOf(
      [
        ofAntigen(
          'Measles',
          'MMR',
          series(doses({ ages: [{ minAge: '12 months' }], preferableVaccines: [prefers('03')] })),
        ),
      ],
      { cvxToAntigens: [{ cvx: '03', associations: [{ antigen: 'Measles' }] }] },
    ),
    'us',
  );
  const own = (code: string) => ({ coding: [{ system: VACCINE_SYSTEM, code }] });
  const cvx = (code: string) => ({ coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code }] });
  const given = (id: string, vaccineCode: object, occurrenceDateTime: string, more: object = {}) =>
    ({
      resourceType: 'Immunization',
      id,
      status: 'completed',
      patient: { display: '試験 花子' },
      vaccineCode,
      occurrenceDateTime,
      ...more,
    }) as Immunization;
  const history = [
    given('a', own('DPT-IPV-Hib'), '2025-03-20'),
    given('b', own('DPT-IPV-Hib'), '2025-03-25'),
    given('c', own('BCG'), '2025'),
    given('d', own('MR'), '2025-11-01'),
    given('e', own('MOON'), '2025-11-02'),
    given('f', cvx('03'), '2026-02-01', { expirationDate: '2025-12-31' }),
    given('g', own('JE'), '2025-08-01'),
    given('h', own('JE'), '2025-09-01'),
    given('i', own('JE'), '2026-01-01'),
  ];

  test.each([
    ['a small child', {}, '2026-11-22', history],
    ['a baby late for rotavirus', { birthDate: '2026-08-01' }, '2026-11-22', []],
    ['a newborn', { birthDate: '2026-11-01', gender: 'unknown' }, '2026-11-22', []],
    ['a girl who is twelve', { birthDate: '2014-01-15' }, '2026-11-22', history],
    ['an old woman', { birthDate: '1955-01-15' }, '2026-11-22', []],
    ['a child who has died', { deceasedBoolean: true }, '2026-11-22', [...history, ...history]],
  ] as const)('by the Japanese schedule for %s', (_, person, assessmentDate, immunizations) => {
    const patient = { resourceType: 'Patient', birthDate: '2025-01-15', gender: 'female', ...person } as const;
    const answer = JSON.parse(String(forecastAnswer({ patient, immunizations, assessmentDate })));
    expect(undefinedIn(answer)).toEqual([]);
  });

  test('by another schedule', () => {
    const patient = { resourceType: 'Patient', birthDate: '2025-01-15' } as const;
    const immunizations = [given('f', cvx('03'), '2026-02-01'), given('g', cvx('03'), '2026')];
    const answer = JSON.parse(String(forecastAnswer({ patient, immunizations, assessmentDate: '2026-11-22' }, us)));
    expect(undefinedIn(answer)).toEqual([]);
  });

  test('and what is not defined is found', () => {
    const url = (id: string) => `${CANONICAL}/StructureDefinition/${id}`;
    const faults = (extension: object) =>
      undefinedIn({ resourceType: 'ImmunizationEvaluation', extension: [extension] });
    expect(faults({ url: url('evaluation-statutory'), valueBoolean: true })).toEqual([]);
    expect(faults({ url: url('evaluation-statutory'), valueCode: 'yes' })).toHaveLength(1);
    expect(faults({ url: url('forecast-changes-on'), valueDate: '2026-01-01' })).toHaveLength(1);
    expect(faults({ url: url('forecast-moon'), valueDate: '2026-01-01' })).toHaveLength(1);
    expect(faults({ url: url('evaluation-group-status'), extension: [{ url: 'x', valueCode: 'y' }] })).toHaveLength(3);
    const code = { system: `${CANONICAL}/CodeSystem/dose-status`, code: 'moon' };
    expect(undefinedIn({ doseStatus: { coding: [code] } })).toHaveLength(1);
  });
});
