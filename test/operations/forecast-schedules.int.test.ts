// $forecast and $immds-forecast by another schedule than the default one, and by the rules of another day. The schedule of the
// "United States" here is invented and small.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VACCINE_SYSTEM } from '../../server/fhir/canonical.ts';
import { compileCdsi } from '../../server/forecast/cdsi/compile.ts';
import { japaneseSchedule } from '../../server/forecast/schedules/jp/index.ts';
import { doses, ofAntigen, prefers, risk, series, sourceOf } from '../forecast/cdsi/small-schedule.ts';
import { type Body, patientNamed, type Response, startApp, type TestApp } from '../support/app.ts';
import { refusalsOf } from '../support/valid.ts';

const CVX = 'http://hl7.org/fhir/sid/cvx';
const SNOMED = 'http://snomed.info/sct';
const twoDoses = doses(
  {
    ages: [{ absMinAge: '12 months - 4 days', minAge: '12 months', earliestRecAge: '12 months' }],
    preferableVaccines: [prefers('03')],
  },
  {
    preferableIntervals: [{ fromPrevious: true, absMinInt: '28 days', minInt: '28 days' }],
    preferableVaccines: [prefers('03')],
  },
);
const source = sourceOf(
  [
    ofAntigen('Measles', 'MMR', series(twoDoses)),
    ofAntigen('Rubella', 'MMR', series(twoDoses)),
    risk(doses({ preferableVaccines: [prefers('33')] }), {
      targetDisease: 'Pneumococcal',
      vaccineGroup: 'Pneumococcal',
    }),
  ],
  {
    cvxToAntigens: [
      { cvx: '03', associations: [{ antigen: 'Measles' }, { antigen: 'Rubella' }] },
      { cvx: '33', associations: [{ antigen: 'Pneumococcal' }] },
    ],
    observations: [
      {
        code: 'R',
        title: 'Asplenia',
        codedValues: [{ system: 'SNOMED', code: '707147002', text: 'Asplenia [disorder]' }],
      },
    ],
  },
);

let t: TestApp;
beforeAll(async () => {
  t = await startApp({ schedules: { jp: japaneseSchedule(), us: compileCdsi(source, 'us') } });
});
afterAll(() => t.close());

async function child(...resources: ((subject: object) => object)[]): Promise<string> {
  const { id } = await t.system.create(patientNamed('試験', '花子', { birthDate: '2024-01-15' }));
  for (const resource of resources) await t.system.create(resource({ reference: `Patient/${id}` }));
  return id;
}

const given = (code: object, occurrenceDateTime: string) => (patient: object) => ({
  resourceType: 'Immunization',
  status: 'completed',
  patient,
  vaccineCode: code,
  occurrenceDateTime,
});
const mmr = (date: string) => given({ coding: [{ system: CVX, code: '03' }] }, date);

type Entry = {
  series: string;
  vaccineCode?: { coding: { system: string; code: string }[] }[];
  targetDisease: { text: string; coding: { system: string; code: string }[] };
  dateCriterion: { value: string }[];
};

function entriesOf({ status, body, text }: Response): Entry[] {
  expect(status, text).toBe(200);
  return body.parameter.find(({ name }) => name === 'recommendation')?.resource.recommendation as unknown as Entry[];
}

const evaluationsOf = ({ body }: Response): Body[] =>
  body.parameter.filter(({ name }) => name === 'evaluation').map(({ resource }) => resource);

describe('schedule=us', () => {
  test('speaks CVX and the diseases of the schedule, one evaluation per dose and antigen', async () => {
    const id = await child(mmr('2025-02-01'));
    const answer = await t.system.get(`Patient/${id}/$forecast?assessmentDate=2025-02-10&schedule=us`);
    const [entry] = entriesOf(answer);
    expect(entry).toMatchObject({
      vaccineCode: [{ coding: [{ system: CVX, code: '03' }] }],
      targetDisease: { text: 'MMR' },
      doseNumberPositiveInt: 2,
      dateCriterion: [{ value: '2025-03-01' }, { value: '2025-03-01' }],
    });
    const evaluations = evaluationsOf(answer);
    expect(evaluations.map(({ targetDisease }) => (targetDisease as Entry['targetDisease']).text)).toEqual([
      'Measles',
      'Rubella',
    ]);
    expect(evaluations[0]?.targetDisease).toMatchObject({ coding: [{ system: SNOMED, code: '14189004' }, {}] });
    for (const { resource } of answer.body.parameter)
      expect(refusalsOf(resource).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  test('has ids of its own for each resource, the same each time, and others for another history', async () => {
    const id = await child(mmr('2025-02-01'), mmr('2025-02-01'));
    const ids = async (path: string) =>
      (await t.system.get(path)).body.parameter.map(({ resource }) => `${resource.resourceType}/${resource.id}`);
    const path = `Patient/${id}/$forecast?assessmentDate=2025-02-10&schedule=us`;
    const first = await ids(path);
    expect(new Set(first).size).toBe(first.length);
    expect(await ids(path)).toEqual(first);
    expect((await ids(path.replace('02-10', '02-11'))).some((one) => first.includes(one))).toBe(false);
  });

  test('a Japanese vaccine code counts by its nearest CVX, and what is unknown is named', async () => {
    const own = (code: string) => given({ coding: [{ system: VACCINE_SYSTEM, code }] }, '2025-02-01');
    const id = await child(own('MMR'), own('BCG'));
    const answer = await t.system.get(`Patient/${id}/$forecast?assessmentDate=2025-02-10&schedule=us`);
    expect(evaluationsOf(answer).map(({ doseStatus }) => JSON.stringify(doseStatus).includes('"valid"'))).toEqual([
      true,
      true,
    ]);
    expect(answer.text).toContain('unknownVaccine');
  });

  test('a diagnosis opens the risk series beside the standard one', async () => {
    const asplenia = (subject: object) => ({
      resourceType: 'Condition',
      subject,
      code: { coding: [{ system: SNOMED, code: '707147002' }] },
    });
    const groups = async (id: string) =>
      entriesOf(await t.system.get(`Patient/${id}/$forecast?assessmentDate=2025-02-10&schedule=us`)).map(
        ({ targetDisease }) => targetDisease.text,
      );
    expect(await groups(await child())).toEqual(['MMR']);
    expect(await groups(await child(asplenia))).toEqual(['MMR', 'Pneumococcal']);
  });

  test('works without a stored patient', async () => {
    const body = {
      resourceType: 'Parameters',
      parameter: [
        { name: 'assessmentDate', valueDate: '2025-02-10' },
        { name: 'schedule', valueCode: 'us' },
        { name: 'patient', resource: { resourceType: 'Patient', birthDate: '2024-01-15' } },
      ],
    };
    expect(entriesOf(await t.system.post('$immds-forecast', body))[0]?.dateCriterion[0]?.value).toBe('2025-01-15');
  });
});

describe('what cannot be asked for', () => {
  test.each([
    ['a schedule that is not there', 'schedule=moon', 400],
    ['the name of a member that every object has', 'schedule=constructor', 400],
    ['rules of a day by a schedule of one version', 'schedule=us&rulesOf=2024-01-01', 400],
    ['a day of the rules that is none', 'rulesOf=2024-02-30', 400],
    ['a parameter that is not known', 'rules=2024-01-01', 400],
  ])('%s', async (_, query, status) => {
    const id = await child();
    const { status: got, body } = await t.system.get(`Patient/${id}/$forecast?${query}`);
    expect([got, body.resourceType]).toEqual([status, 'OperationOutcome']);
  });
});

test('rulesOf answers with the rules known on that day: no five-in-one in 2023', async () => {
  const born = async (birthDate: string) => (await t.system.create(patientNamed('試験', '花子', { birthDate }))).id;
  const id = await born('2023-06-01');
  const productOf = async (query: string) => {
    const entries = entriesOf(await t.system.get(`Patient/${id}/$forecast?assessmentDate=2023-09-01${query}`));
    const entry = entries.find(({ targetDisease }) => targetDisease.coding[0]?.code === 'DTP1');
    return entry?.vaccineCode?.[0]?.coding[0]?.code;
  };
  expect(await productOf('&rulesOf=2023-09-01')).toBe('DPT-IPV');
  const posted = await t.system.post(`Patient/${id}/$forecast`, {
    resourceType: 'Parameters',
    parameter: [
      { name: 'assessmentDate', valueDate: '2023-09-01' },
      { name: 'rulesOf', valueDate: '2023-09-01' },
      { name: 'schedule', valueCode: 'jp' },
    ],
  });
  expect(posted.text).toContain('as known on');
});
