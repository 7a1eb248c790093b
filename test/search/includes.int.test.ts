// _include and _revinclude over HTTP. https://hl7.org/fhir/R4/search.html#include
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { patientNamed, type Response, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
  for (const [id, resource] of Object.entries(records)) {
    const { status, text } = await t.system.put(`${resource.resourceType}/${id}`, { id, ...resource });
    if (status !== 201) throw new Error(text);
  }
});
afterAll(() => t.close());

const ref = (reference: string) => ({ reference });
const code = { text: '見本' };
const records: Record<string, { resourceType: string; [name: string]: unknown }> = {
  top: { resourceType: 'Organization', name: '見本市' },
  ward: { resourceType: 'Organization', name: '見本医院', partOf: ref('Organization/top') },
  hanako: patientNamed('試験', '花子', { managingOrganization: ref('Organization/ward') }),
  taro: patientNamed('見本', '太郎'),
  visit: {
    resourceType: 'Encounter',
    status: 'finished',
    class: { code: 'AMB' },
    subject: ref('Patient/hanako'),
    serviceProvider: ref('Organization/ward'),
  },
  weight: {
    resourceType: 'Observation',
    status: 'final',
    code,
    subject: ref('Patient/hanako/_history/1'),
    encounter: ref('Encounter/visit'),
    contained: [{ resourceType: 'Device', id: 'scale' }],
    device: ref('#scale'),
    performer: [ref('https://elsewhere.example/fhir/Practitioner/1'), ref('Practitioner/missing')],
  },
  // The newborn's own record refers to the mother's.
  birth: {
    resourceType: 'Observation',
    status: 'final',
    code,
    subject: ref('Patient/taro'),
    encounter: ref('Encounter/visit'),
  },
  source: {
    resourceType: 'Provenance',
    recorded: '2026-01-01T00:00:00Z',
    target: [ref('Observation/weight')],
    agent: [{ who: ref('Organization/ward') }],
  },
  form1: { resourceType: 'Questionnaire', status: 'active', url: 'urn:form', version: '1', date: '2026-01-01' },
  form2: { resourceType: 'Questionnaire', status: 'active', url: 'urn:form', version: '2', date: '2026-02-01' },
  answers: {
    resourceType: 'QuestionnaireResponse',
    status: 'completed',
    questionnaire: 'urn:form|1',
    subject: ref('Patient/hanako'),
  },
  later: {
    resourceType: 'QuestionnaireResponse',
    status: 'completed',
    questionnaire: 'urn:form',
    subject: ref('Patient/taro'),
  },
};

/** `match+match > include+include`, each side sorted. */
const found = ({ body }: Response): string => {
  const ids = (mode: string) =>
    (body.entry ?? [])
      .filter(({ search }) => search.mode === mode)
      .map(({ resource }) => resource.id)
      .sort();
  return `${ids('match').join('+')} > ${ids('include').join('+')}`.trim();
};

test.each([
  // forward
  ['Observation?_id=weight&_include=Observation:subject', 'weight > hanako'],
  ['Observation?_id=weight&_include=Observation:patient&_include=Observation:subject', 'weight > hanako'],
  ['Observation?_id=weight&_include=Observation:subject:Patient', 'weight > hanako'],
  ['Observation?_id=weight&_include=Observation:subject:Group', 'weight >'],
  ['Observation?_id=weight&_include=Observation:device', 'weight >'],
  ['Observation?_id=weight&_include=Observation:performer', 'weight >'],
  ['Observation?_id=weight&_include=*', 'weight > hanako+visit'],
  ['Observation?_id=weight&_include=Observation:*', 'weight > hanako+visit'],
  ['Observation?_id=weight&_include=Observation:*:Encounter', 'weight > visit'],
  ['Organization?_id=ward,top&_include=Organization:partof', 'top+ward >'],
  ['Organization?_id=ward&_include=Organization:partof', 'ward > top'],
  // iterate
  ['Observation?_id=weight&_include=Observation:subject&_include=Patient:organization', 400],
  ['Observation?_id=weight&_include=Observation:subject&_include:iterate=Patient:organization', 'weight > hanako+ward'],
  ['Observation?_id=weight&_include=*&_include:iterate=Organization:partof', 'weight > hanako+visit'],
  ['Observation?_id=weight&_include:iterate=*', 'weight > hanako+top+visit+ward'],
  ['Observation?_id=weight&_include:recurse=*', 'weight > hanako+top+visit+ward'],
  [
    'Patient?_id=hanako&_revinclude=Observation:subject&_revinclude:iterate=Provenance:target',
    'hanako > source+weight',
  ],
  [
    'Patient?_id=hanako&_revinclude=Encounter:subject&_include:iterate=Encounter:service-provider',
    'hanako > visit+ward',
  ],
  // reverse
  ['Patient?_id=hanako&_revinclude=Observation:subject', 'hanako > weight'],
  ['Patient?_id=hanako&_revinclude=Observation:patient', 'hanako > weight'],
  ['Patient?_id=hanako,taro&_revinclude=Observation:subject', 'hanako+taro > birth+weight'],
  ['Patient?_id=hanako&_revinclude=Observation:subject:Patient', 'hanako > weight'],
  ['Patient?_id=hanako&_revinclude=Observation:subject:Group', 400],
  ['Patient?_id=hanako&_revinclude=Observation:*', 'hanako > weight'],
  ['Patient?_id=hanako&_revinclude=*', 'hanako > answers+visit+weight'],
  ['Encounter?_id=visit&_revinclude=Observation:encounter', 'visit > birth+weight'],
  ['Observation?_id=weight&_revinclude=Provenance:target', 'weight > source'],
  ['Organization?_id=top&_revinclude=Organization:partof', 'top > ward'],
  ['Organization?_id=ward&_revinclude=Patient:organization', 'ward > hanako'],
  ['Organization?_id=ward&_revinclude=*', 'ward > hanako+source+visit'],
  ['Organization?_id=top,ward&_revinclude=Organization:partof', 'top+ward >'],
  ['Questionnaire?_id=form2&_revinclude=QuestionnaireResponse:questionnaire', 'form2 > answers+later'],
  // canonical
  ['QuestionnaireResponse?_id=answers&_include=QuestionnaireResponse:questionnaire', 'answers > form1'],
  ['QuestionnaireResponse?_id=later&_include=QuestionnaireResponse:questionnaire', 'later > form2'],
  // nothing that is understood
  ['Observation?_include=Observation', 400],
  ['Observation?_include=Observation:nothing', 400],
  ['Observation?_include=Observation:code', 400],
  ['Observation?_include=Observation:subject:Nobody', 400],
  ['Observation?_include=Observation:encounter:Patient', 400],
  ['Observation?_include=Nobody:subject', 400],
  ['Observation?_include:often=Observation:subject', 400],
  ['Patient?_revinclude=Observation:encounter', 400],
  ['Observation?_summary=text&_include=Observation:subject', 400],
] as [search: string, expected: string | number][])('%s -> %s', async (search, expected) => {
  const answer = await t.system.get(search);
  if (expected === 400) {
    expect([answer.status, answer.body.issue[0]?.severity]).toEqual([400, 'error']);
  } else expect(found(answer)).toBe(expected);
});

describe('a refusal names what could be asked', () => {
  test.each([
    ['Observation?_include=Observation:code', /has no search parameter "_include=Observation:code". Known: .*subject/],
    ['Patient?_revinclude=Observation:encounter', /may point to Patient.* Known: .*subject/],
    ['Observation?_include=Patient:organization', /write _include:iterate for what was included/],
  ])('%s', async (search, sentence) => {
    expect((await t.system.get(search)).body.issue[0]?.diagnostics).toMatch(sentence);
  });

  test('and Prefer: handling=lenient leaves it out and says so', async () => {
    const answer = await t.system.get('Observation?_id=weight&_include=Observation:code', {
      prefer: 'handling=lenient',
    });
    expect(found(answer)).toBe('weight >');
    expect(answer.body.entry.at(-1)?.search.mode).toBe('outcome');
    expect(answer.body.entry.at(-1)?.resource.issue[0]).toMatchObject({ severity: 'warning', code: 'not-supported' });
  });
});

test('each page includes what belongs to its own matches', async () => {
  const first = await t.system.get('Observation?_sort=_id&_count=1&_include=Observation:subject');
  const next = first.body.link.find(({ relation }) => relation === 'next')?.url ?? '';
  const second = await t.system.get(next.replace(`${t.base}/`, ''));
  expect([found(first), found(second)].sort()).toEqual(['birth > taro', 'weight > hanako']);
});

test('everyone’s records in one answer are in the audit, included ones too', async () => {
  await t.system.get('Encounter?_id=visit&_revinclude=Observation:encounter');
  const { rows } = await t.pool.query(
    "select count(distinct owner)::int as owners from audit where request = (select request from audit where interaction = 'search' order by id desc limit 1)",
  );
  expect(rows).toEqual([{ owners: 2 }]);
});

describe('bounds', () => {
  beforeAll(async () => {
    const entry = Array.from({ length: 1100 }, (_, n) => ({
      request: { method: 'POST', url: 'Basic' },
      resource: { resourceType: 'Basic', code, subject: ref('Organization/crowd'), author: ref(`Patient/p${n % 20}`) },
    }));
    await t.system.put('Organization/crowd', { resourceType: 'Organization', id: 'crowd', name: '大きな組織' });
    await t.system.post('', { resourceType: 'Bundle', type: 'transaction', entry });
    let above: string | undefined;
    for (let n = 0; n < 12; n++) {
      const id = `level${n}`;
      const partOf = above === undefined ? {} : { partOf: ref(`Organization/${above}`) };
      await t.system.put(`Organization/${id}`, { resourceType: 'Organization', id, name: id, ...partOf });
      above = id;
    }
  });
  const outcome = ({ body }: Response) => body.entry.find(({ search }) => search.mode === 'outcome')?.resource.issue;

  test('a page includes 1,000 resources and says that there are more', async () => {
    const answer = await t.system.get('Organization?_id=crowd&_revinclude=Basic:subject');
    expect(answer.body.entry.filter(({ search }) => search.mode === 'include')).toHaveLength(1000);
    expect(outcome(answer)?.[0]).toMatchObject({ severity: 'warning', code: 'too-costly' });
    expect(outcome(answer)?.[0]?.diagnostics).toContain('1000');
  });

  test(':iterate ends, and says that there may be more', async () => {
    const answer = await t.system.get('Organization?_id=level11&_include:iterate=Organization:partof');
    expect(answer.body.entry.filter(({ search }) => search.mode === 'include')).toHaveLength(8);
    expect(outcome(answer)?.[0]?.code).toBe('too-costly');
    const shorter = await t.system.get('Organization?_id=level7&_include:iterate=Organization:partof');
    expect(shorter.body.entry).toHaveLength(8);
    expect(outcome(shorter)).toBeUndefined();
  });

  test('where not all could be looked through, the answer says so', async () => {
    const answer = await t.system.get('Encounter?_id=visit&_revinclude=Basic:subject');
    expect(found(answer)).toBe('visit >');
    expect(outcome(answer)?.[0]?.diagnostics).toContain('only the newest were looked through of Basic');
    // All that refers to a patient is in that patient's record.
    expect(outcome(await t.system.get('Patient?_id=hanako&_revinclude=Basic:subject'))).toBeUndefined();
  });

  test.each(['_revinclude=*', '_revinclude:iterate=*', '_include:iterate=*&_revinclude:iterate=*'])(
    '%s of everything is answered',
    async (search) => {
      for (const type of ['Patient', 'Organization', 'Basic']) {
        expect((await t.system.get(`${type}?_count=1000&${search}`)).status).toBe(200);
      }
    },
  );
});
