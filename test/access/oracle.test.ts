// The oracle against examples worked by hand from server/decisions/0011-who-may-see-what.md: a row of the page, a row here.
import { describe, expect, test } from 'vitest';
import { authoredMs, clinicalDate, kindOf, labelsOf, patientsOf } from './oracle/entry.ts';
import { birthdayMs } from './oracle/moments.ts';
import {
  actorOf,
  atMs,
  consentFor,
  entryOf,
  facility,
  family,
  labelled,
  labels,
  observation,
  patientBorn,
  purposes,
  relation,
  worldOf,
} from './oracle/sample.ts';
import type { Caller, Entry, Relation, Resource, World } from './oracle/world.ts';
import { mayRead, mayWrite, readStatus, searched, searchStatus, writeStatuses } from './oracle.ts';

const noon = '2026-11-23T12:00:00+09:00';
const child = entryOf(patientBorn('child', '2024-06-01'));
const note = entryOf(observation('note', 'child'));
const noteWith = (...codes: string[]) => entryOf(observation('note', 'child', labelled(...codes)));
const reads = (world: World, caller: Caller, entry: Entry = note, at = noon) => mayRead(world, caller, entry, atMs(at));
const related = (...relations: Relation[]) => worldOf([child, note], { relations });

describe('words', () => {
  test.each([
    ['first the subject', { performer: [{ reference: 'Patient/b' }], subject: { reference: 'Patient/a' } }, ['a', 'b']],
    ['nobody', { subject: { reference: 'Group/a' } }, []],
    ['no absolute reference', { subject: { reference: 'https://elsewhere.test/Patient/a' } }, []],
  ])('the patients of an entry > %s', (_, more, patients) =>
    expect(patientsOf({ resourceType: 'Observation', id: 'x', ...more })).toEqual(patients),
  );

  test.each([
    ['Organization', {}, 'directory'],
    ['Schedule', { actor: [{ reference: 'Patient/a' }] }, 'record'],
    ['Schedule', { actor: [{ reference: 'Location/a' }] }, 'directory'],
    ['Binary', {}, 'closed'],
    ['Group', { member: [{ entity: { reference: 'Patient/a' } }] }, 'record'],
    ['Observation', {}, 'closed'],
  ])('%s with %j is %s', (resourceType, more, kind) => expect(kindOf({ resourceType, id: 'x', ...more })).toBe(kind));

  test.each([
    [[], 'N', []],
    [['L'], 'N', []],
    [['R'], 'R', []],
    [['V'], 'V', []],
    [['N', 'PSY'], 'R', ['PSY']],
    [['V', 'SDV'], 'V', ['SDV']],
  ])('labels %j are level %s', (codes, level, sensitivities) =>
    expect(labelsOf(observation('x', 'a', labelled(...codes)))).toEqual({ level, sensitivities }),
  );

  test.each([
    ['a day is Japan’s', { effectiveDateTime: '2026-04-01' }, '2026-04-01T00:00+09:00', '2026-04-02T00:00+09:00'],
    ['a month', { effectiveDateTime: '2026-04' }, '2026-04-01T00:00+09:00', '2026-05-01T00:00+09:00'],
    [
      'a period has a start and an end',
      { effectivePeriod: { start: '2026-04-01', end: '2026-04-03' } },
      '2026-04-01T00:00+09:00',
      '2026-04-04T00:00+09:00',
    ],
    ['else when it was stored', {}, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00.001Z'],
  ])('the clinical date > %s', (_, more, from, until) =>
    expect(clinicalDate(entryOf(observation('x', 'a', more)))).toEqual({ fromMs: atMs(from), untilMs: atMs(until) }),
  );
  test('the clinical date > a Patient has none', () => expect(clinicalDate(child)).toBeUndefined());

  test.each([
    [
      'the latest of its own dates of recording',
      { issued: '2026-04-02T00:00:00Z', date: '2026-05-02T00:00:00Z' },
      '2026-05-02T00:00:00Z',
    ],
    ['else on its clinical date', { effectiveDateTime: '2026-04-01T00:00:00Z' }, '2026-04-01T00:00:00Z'],
    ['else when it was stored', {}, '2026-01-01T00:00:00Z'],
  ])('authored > %s', (_, more, at) => expect(authoredMs(entryOf(observation('x', 'a', more)))).toBe(atMs(at)));

  test.each([
    ['2008-04-01', 18, '2026-04-01T00:00+09:00'],
    ['2008-02-29', 18, '2026-03-01T00:00+09:00'],
    ['2008-02-29', 16, '2024-02-29T00:00+09:00'],
    ['2011-05', 15, '2026-05-31T00:00+09:00'],
    ['2011', 15, '2026-12-31T00:00+09:00'],
  ])('one born %s is %i at %s', (birthDate, years, at) => expect(birthdayMs(birthDate, years)).toBe(atMs(at)));
  test('without a birthDate a child for ever', () => expect(birthdayMs(undefined, 15)).toBe(Number.POSITIVE_INFINITY));
});

describe('reading', () => {
  const directory = entryOf({ resourceType: 'Organization', id: 'clinic' });
  const closed = entryOf({ resourceType: 'Binary', id: 'x' });
  const nothing = worldOf([child, note]);
  test.each<[string, Caller, Entry, boolean]>([
    ['a directory entry, always', family('stranger'), directory, true],
    ['a directory entry, an operator too', { scopes: 'user/*.rs', user: 'Practitioner/operator' }, directory, true],
    ['nothing more as an operator', { scopes: 'user/*.rs', user: 'Practitioner/operator' }, note, false],
    ['an entry of its own organization', facility('clinic'), { ...note, writer: 'clinic' }, true],
    ['no entry of another', facility('clinic'), { ...note, writer: 'hospital' }, false],
    ['its own whatever the label', facility('clinic'), { ...noteWith('V'), writer: 'clinic' }, true],
    ['a closed entry as deployment', { scopes: 'system/*.rs' }, closed, true],
    ['a closed entry as its writer', facility('clinic'), { ...closed, writer: 'clinic' }, true],
    ['no closed entry else', facility('clinic'), closed, false],
    ['no closed entry as family', family('mother'), closed, false],
    ['everything as deployment', { scopes: 'system/*.rs' }, noteWith('V'), true],
    ['the compartment of its patient as deployment', { scopes: 'patient/*.rs', patient: 'child' }, note, true],
    ['no other compartment', { scopes: 'patient/*.rs', patient: 'other' }, note, false],
    ['nothing without a scope for the type', { scopes: 'system/Patient.rs' }, note, false],
    ['nothing by the letters of writing', { scopes: 'system/*.cud' }, note, false],
    ['v1 scopes', { scopes: 'system/*.read' }, note, true],
    ['what a granular scope names', { scopes: 'system/Observation.rs?code=http://loinc.org|8310-5' }, note, true],
    ['nothing but that', { scopes: 'system/Observation.rs?code=http://loinc.org|8302-2' }, note, false],
    ['by any of its scopes', { scopes: 'system/Patient.rs system/Observation.r' }, note, true],
  ])('%s', (_, caller, entry, expected) => expect(reads(nothing, caller, entry)).toBe(expected));

  test('a scope of a patient narrows a guardian to the compartment in context, and adds no permission', () => {
    const sister = entryOf(observation('hers', 'sister'));
    const world = worldOf([child, note, sister], {
      relations: [relation('guardian', 'mother', 'child'), relation('guardian', 'mother', 'sister')],
    });
    const caller: Caller = { ...family('mother', 'patient/*.rs'), patient: 'child' };
    expect([reads(world, caller), reads(world, caller, sister)]).toEqual([true, false]);
    expect(reads(world, { ...family('stranger', 'patient/*.rs'), patient: 'child' })).toBe(false);
  });

  test('an entry of several patients: any for family, the owner’s for organizations, a denial of any', () => {
    const shared = entryOf({
      resourceType: 'Appointment',
      id: 'both',
      participant: [{ actor: { reference: 'Patient/child' } }, { actor: { reference: 'Patient/sister' } }],
    });
    const entries = [child, shared];
    const guardianOfSecond = worldOf(entries, { relations: [relation('guardian', 'father', 'sister')] });
    expect(reads(guardianOfSecond, family('father'), shared)).toBe(true);
    const suspensions = [{ person: 'father', patient: 'child' }];
    expect(reads({ ...guardianOfSecond, suspensions }, family('father'), shared)).toBe(false);
    const livesHere = (patient: string) =>
      worldOf(entries, { ties: [{ kind: 'residence', organization: 'city', patient }] });
    expect(reads(livesHere('child'), facility('city'), shared)).toBe(true);
    expect(reads(livesHere('sister'), facility('city'), shared)).toBe(false);
  });
});

describe('bases', () => {
  const atAge = (birthDate: string, ...relations: Relation[]) =>
    worldOf([entryOf(patientBorn('child', birthDate)), note], { relations });
  test.each<[string, World, Caller, string, boolean]>([
    ['self > until 15 not', atAge('2012-01-10', relation('self', 'child', 'child')), family('child'), noon, false],
    ['self > from 15', atAge('2011-01-10', relation('self', 'child', 'child')), family('child'), noon, true],
    [
      'self > the birthday begins at 00:00 in Japan',
      atAge('2011-11-23', relation('self', 'child', 'child')),
      family('child'),
      '2026-11-22T15:00:00Z',
      true,
    ],
    [
      'self > and not a second earlier',
      atAge('2011-11-23', relation('self', 'child', 'child')),
      family('child'),
      '2026-11-22T14:59:59Z',
      false,
    ],
    ['guardian', related(relation('guardian', 'mother', 'child')), family('mother'), noon, true],
    [
      'guardian > pending',
      related(relation('guardian', 'mother', 'child', { status: 'pending' })),
      family('mother'),
      noon,
      false,
    ],
    [
      'guardian > ended',
      related(relation('guardian', 'mother', 'child', { status: 'ended' })),
      family('mother'),
      noon,
      false,
    ],
    [
      'guardian > a start is included',
      related(relation('guardian', 'mother', 'child', { fromMs: atMs(noon) })),
      family('mother'),
      noon,
      true,
    ],
    [
      'guardian > an end is not',
      related(relation('guardian', 'mother', 'child', { untilMs: atMs(noon) })),
      family('mother'),
      noon,
      false,
    ],
    [
      'guardian > the day before 18',
      atAge('2008-04-01', relation('guardian', 'mother', 'child')),
      family('mother'),
      '2026-03-31T23:59:59+09:00',
      true,
    ],
    [
      'guardian > 18 in UTC',
      atAge('2008-04-01', relation('guardian', 'mother', 'child')),
      family('mother'),
      '2026-03-31T15:00:00Z',
      false,
    ],
    ['guardian > of another child', related(relation('guardian', 'mother', 'sister')), family('mother'), noon, false],
    [
      'guardian > suspended',
      {
        ...related(relation('guardian', 'father', 'child')),
        suspensions: [{ person: 'father', patient: 'child' }],
      },
      family('father'),
      noon,
      false,
    ],
    [
      'guardian > suspension lifted',
      {
        ...related(relation('guardian', 'father', 'child')),
        suspensions: [{ person: 'father', patient: 'child', untilMs: atMs(noon) }],
      },
      family('father'),
      noon,
      true,
    ],
  ])('%s', (_, world, caller, at, expected) => expect(reads(world, caller, note, at)).toBe(expected));

  test.each([
    ['R authored at 14', '2026-01-09', false, true],
    ['R authored on the 15th birthday', '2026-01-10T00:00:00+09:00', false, false],
    ['the same, agreed', '2026-01-10T00:00:00+09:00', true, true],
  ])('guardian > %s', (_, issued, agreed, expected) => {
    const world = worldOf([entryOf(patientBorn('child', '2011-01-10'))], {
      relations: [relation('guardian', 'mother', 'child'), relation('self', 'child', 'child', { agreed })],
    });
    const labelledNote = (code: string) => entryOf(observation('note', 'child', { ...labelled(code), issued }));
    expect([
      reads(world, family('mother'), labelledNote('PSY')),
      reads(world, family('mother'), labelledNote('N')),
    ]).toEqual([expected, true]);
  });

  const invited = (categories: Relation['categories'], inviter: Partial<Relation> = {}) =>
    related(
      relation('guardian', 'mother', 'child', inviter),
      relation('invited', 'grandmother', 'child', { inviter: 'mother', ...(categories && { categories }) }),
    );
  const of = (resourceType: string, more: object = {}): Entry =>
    entryOf({
      resourceType,
      id: 'x',
      subject: { reference: 'Patient/child' },
      patient: { reference: 'Patient/child' },
      ...more,
    });
  const growth = of('Observation', { code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] } });
  test.each<[string, World, Entry, boolean]>([
    ['growth', invited(['growth']), growth, true],
    ['growth > no other Observation', invited(['growth']), note, false],
    ['checkup', invited(['checkup']), note, true],
    ['vaccination', invited(['vaccination']), of('Immunization'), true],
    ['photo', invited(['photo']), of('Media'), true],
    ['vaccination > no photo', invited(['vaccination']), of('Media'), false],
    ['the Patient always', invited([]), child, true],
    ['never Consent', invited(['growth', 'vaccination', 'checkup', 'appointment', 'photo']), of('Consent'), false],
    ['never Flag', invited(['growth', 'vaccination', 'checkup', 'appointment', 'photo']), of('Flag'), false],
    ['N only', invited(['checkup']), noteWith('R'), false],
    ['not when the inviter’s right is over', invited(['checkup'], { untilMs: atMs(noon) }), note, false],
    ['not before the inviter’s is confirmed', invited(['checkup'], { status: 'pending' }), note, false],
    [
      'not of a suspended inviter',
      { ...invited(['checkup']), suspensions: [{ person: 'mother', patient: 'child' }] },
      note,
      false,
    ],
  ])('invited > %s', (_, world, entry, expected) => expect(reads(world, family('grandmother'), entry)).toBe(expected));

  const tied = (kind: 'residence' | 'link', span: object = {}) =>
    worldOf([child, note], { ties: [{ kind, organization: 'org', patient: 'child', ...span }] });
  test.each<[string, World, Entry, boolean]>([
    ['residence > N', tied('residence'), note, true],
    ['residence > SDV with its R', tied('residence'), noteWith('SDV'), true],
    ['residence > not R', tied('residence'), noteWith('R'), false],
    ['residence > not SDV and HIV', tied('residence'), noteWith('SDV', 'HIV'), false],
    ['residence > not V', tied('residence'), noteWith('V', 'SDV'), false],
    ['residence > Patient', tied('residence'), child, true],
    ['residence > no Condition', tied('residence'), of('Condition'), false],
    ['residence > moved away', tied('residence', { untilMs: atMs(noon) }), note, false],
    ['link > Patient', tied('link'), child, true],
    ['link > only that', tied('link'), note, false],
    ['link > N', tied('link'), entryOf({ ...child.resource, ...labelled('R') }), false],
    ['link > ended', tied('link', { untilMs: atMs(noon) }), child, false],
  ])('%s', (_, world, entry, expected) => {
    expect(reads(world, facility('org'), entry)).toBe(expected);
    // "A practitioner has those of their own and those of their organization."
    expect(reads(world, facility('org', { user: 'Practitioner/doctor' }), entry)).toBe(expected);
    expect(reads(world, facility('other'), entry)).toBe(false);
  });

  const doctor = facility('clinic', { user: 'Practitioner/doctor' });
  const broken = (at: string, entries: Entry[] = []) =>
    worldOf([child, note, ...entries], { breakGlass: [{ practitioner: 'doctor', patient: 'child', atMs: atMs(at) }] });
  test.each<[string, World, Entry, boolean]>([
    ['N', broken(noon), note, true],
    ['R', broken(noon), noteWith('R'), true],
    ['HIV', broken(noon), noteWith('HIV'), true],
    ['not SDV', broken(noon), noteWith('SDV'), false],
    ['not V', broken(noon), noteWith('V'), false],
    ['not the access log', broken(noon), entryOf(logOf('child')), false],
    ['until the last second of 30 minutes', broken('2026-11-23T11:30:01+09:00'), note, true],
    ['not after 30 minutes', broken('2026-11-23T11:30:00+09:00'), note, false],
  ])('break-glass > %s', (_, world, entry, expected) => {
    expect(reads(world, doctor, entry)).toBe(expected);
    expect(reads(world, facility('clinic', { user: 'Practitioner/colleague' }), entry)).toBe(false);
    expect(reads(world, facility('clinic'), entry)).toBe(false);
  });

  test('AuditEvents are read by self and guardian and nobody else', () => {
    const log = entryOf(logOf('child'));
    const world: World = {
      ...tied('residence'),
      relations: [
        relation('guardian', 'mother', 'child'),
        relation('invited', 'grandmother', 'child', { inviter: 'mother', categories: ['checkup'] }),
      ],
    };
    expect(reads(world, family('mother'), log)).toBe(true);
    expect(reads(world, family('grandmother'), log)).toBe(false);
    expect(reads(world, facility('org'), log)).toBe(false);
  });

  test('purpose HRESCH permits no reading, but of one’s own and the directory', () => {
    const researcher = facility('org', { purpose: 'HRESCH' });
    expect(reads(tied('residence'), researcher)).toBe(false);
    expect(reads(tied('residence'), researcher, { ...note, writer: 'org' })).toBe(true);
    expect(reads(tied('residence'), researcher, entryOf({ resourceType: 'Location', id: 'x' }))).toBe(true);
  });
});

const logOf = (patient: string): Resource => ({
  resourceType: 'AuditEvent',
  id: 'log',
  recorded: '2026-01-01T00:00:00Z',
  entity: [{ what: { reference: `Patient/${patient}` } }],
});

describe('consents', () => {
  const clinic = facility('clinic');
  const consent = (provision: object, more: object = {}, id = 'one') =>
    entryOf(consentFor(id, 'child', 'Organization/clinic', provision, more));
  const says = (entry: Entry, caller: Caller, ...consents: Entry[]) =>
    reads(worldOf([child, note, ...consents]), caller, entry);
  const dated = (effectiveDateTime: string) => entryOf(observation('note', 'child', { effectiveDateTime }));
  const policy = (name: string) => ({ policy: [{ uri: `https://profiles.ihe.net/ITI/PCF/Policy-${name}` }] });

  test.each<[string, object, object, boolean]>([
    ['a permit', {}, {}, true],
    ['not active', {}, { status: 'inactive' }, false],
    ['another scope', {}, { scope: { coding: [{ code: 'research' }] } }, false],
    ['without a provision', {}, { provision: undefined }, false],
    ['of another patient', {}, { patient: { reference: 'Patient/sister' } }, false],
    ['a root that names nobody', { actor: undefined }, {}, false],
    ['an actor in another role', { actor: [actorOf('Organization/clinic', 'CST')] }, {}, false],
    ['another grantee', { actor: [actorOf('Organization/other')] }, {}, false],
    ['one of several grantees', { actor: [actorOf('Organization/other'), actorOf('Organization/clinic')] }, {}, true],
    ['period > from today', { period: { start: '2026-11-23' } }, {}, true],
    ['period > from tomorrow', { period: { start: '2026-11-24' } }, {}, false],
    ['period > until today, the day included', { period: { end: '2026-11-23' } }, {}, true],
    ['period > until yesterday', { period: { end: '2026-11-22' } }, {}, false],
    ['period > an instant as end is not included', { period: { end: noon } }, {}, false],
    ['purpose > the caller’s', { purpose: purposes('HPAYMT', 'TREAT') }, {}, true],
    ['purpose > another', { purpose: purposes('HPAYMT') }, {}, false],
    ['class', { class: [{ code: 'Observation' }] }, {}, false],
    ['code', { code: [{ text: 'x' }] }, {}, false],
    ['action', { action: [{ text: 'x' }] }, {}, false],
    ['under Policy-deny', {}, policy('deny'), false],
    ['under Policy-break-glass-only', {}, policy('break-glass-only'), false],
    ['under Policy-all-normal', {}, policy('all-normal'), true],
  ])('%s', (_, provision, more, expected) => expect(says(note, clinic, consent(provision, more))).toBe(expected));

  test.each<[string, object, Entry, boolean]>([
    ['the first day', { start: '2026-04-01' }, dated('2026-04-01'), true],
    ['the evening before', { start: '2026-04-01' }, dated('2026-03-31T14:59:59Z'), false],
    ['the last day included', { end: '2026-03-31' }, dated('2026-03-31T23:59:59+09:00'), true],
    ['the day after', { end: '2026-03-31' }, dated('2026-04-01'), false],
    ['half within', { start: '2026-04-02' }, dated('2026-04'), false],
    ['without a clinical date', { start: '2030-01-01' }, child, true],
    ['by when it was stored', { start: '2026-01-02' }, note, false],
  ])('dataPeriod > a permit: %s', (_, dataPeriod, entry, expected) =>
    expect(says(entry, clinic, consent({ dataPeriod }))).toBe(expected),
  );
  test.each<[string, object, Entry, boolean]>([
    ['half within', { start: '2026-04-02' }, dated('2026-04'), false],
    ['outside', { end: '2026-03-31' }, dated('2026-04-01'), true],
    ['without a clinical date', { start: '2030-01-01' }, child, false],
  ])('dataPeriod > a nested deny: %s', (_, dataPeriod, entry, expected) =>
    expect(says(entry, clinic, consent({ provision: [{ type: 'deny', dataPeriod }] }))).toBe(expected),
  );

  test.each<[string[] | undefined, string[], boolean]>([
    [undefined, [], true],
    [undefined, ['R'], false],
    [['N'], [], true],
    [['N'], ['R'], false],
    [['N', 'R'], ['R'], true],
    [['R'], [], false],
    [['R'], ['PSY'], true],
    [['V'], ['R'], false],
    [['V'], ['V', 'PSY'], true],
    [['PSY'], ['PSY'], true],
    [['PSY'], ['R'], true],
    [['PSY'], ['PSY', 'HIV'], false],
    [['PSY'], [], false],
    [['V', 'PSY'], ['V', 'HIV'], false],
  ])('securityLabel > a permit of %j on %j: %s', (named, codes, expected) => {
    const provision = named ? { securityLabel: labels(...named) } : {};
    expect(says(noteWith(...codes), clinic, consent(provision))).toBe(expected);
  });
  test.each<[string[] | undefined, string[], boolean]>([
    [undefined, [], false],
    [['R'], [], true],
    [['R'], ['PSY'], false],
    [['PSY'], ['PSY', 'HIV'], false],
    [['PSY'], ['R'], true],
    [['N'], [], false],
  ])('securityLabel > a nested deny of %j on %j leaves %s', (named, codes, expected) => {
    const provision = { type: 'deny', ...(named && { securityLabel: labels(...named) }) };
    const root = { securityLabel: labels('N', 'R', 'V'), provision: [provision] };
    expect(says(noteWith(...codes), clinic, consent(root))).toBe(expected);
  });

  const data = (meaning: string, reference: string) => ({ data: [{ meaning, reference: { reference } }] });
  const duringVisit = entryOf(observation('note', 'child', { encounter: { reference: 'Encounter/visit' } }));
  test.each<[string, object, Entry, boolean]>([
    ['instance > itself', data('instance', 'Observation/note'), note, true],
    ['instance > another', data('instance', 'Observation/other'), note, false],
    ['related > itself', data('related', 'Observation/note'), note, true],
    ['related > what refers to it by encounter', data('related', 'Encounter/visit'), duringVisit, true],
    [
      'related > a part of it',
      data('related', 'Observation/whole'),
      entryOf(observation('x', 'child', { partOf: [{ reference: 'Observation/whole' }] })),
      true,
    ],
    ['related > nothing else', data('related', 'Encounter/visit'), note, false],
    ['authoredby', data('authoredby', 'Organization/hospital'), { ...note, writer: 'hospital' }, true],
    ['authoredby > another', data('authoredby', 'Organization/hospital'), { ...note, writer: 'other' }, false],
    ['authoredby > nobody', data('authoredby', 'Organization/hospital'), note, false],
  ])('data > %s', (_, provision, entry, expected) => expect(says(entry, clinic, consent(provision))).toBe(expected));

  test('a deny ignores what it does not understand', () =>
    expect(says(note, clinic, consent({ provision: [{ type: 'deny', class: [{ code: 'Patient' }] }] }))).toBe(false));

  test('a nested permit is an exception to a denial, where the root matches', () => {
    const root = { type: 'deny', provision: [{ type: 'permit', dataPeriod: { start: '2026-04-01' } }] };
    expect(says(dated('2026-05-01'), clinic, consent(root))).toBe(true);
    expect(says(dated('2026-03-01'), clinic, consent(root))).toBe(false);
    expect(says(dated('2026-05-01'), clinic, consent({ ...root, purpose: purposes('HPAYMT') }))).toBe(false);
  });

  test('the newest of one policy counts, also when it says less; of equal ones the one stored last', () => {
    const older = consent({});
    const newer = consent({ type: 'deny' }, { dateTime: '2026-02-01' }, 'two');
    const same = consent({ type: 'deny' }, {}, 'three');
    expect(says(note, clinic, newer, older)).toBe(false);
    expect(says(note, clinic, older, same)).toBe(false);
    expect(says(note, clinic, same, older)).toBe(true);
    expect(says(note, clinic, older, { ...newer, resource: { ...newer.resource, status: 'inactive' } })).toBe(true);
  });

  test('of two policies both count, and the denial wins', () => {
    const denial = consent({ type: 'deny' }, policy('all-normal'), 'two');
    expect(says(note, clinic, consent({}), denial)).toBe(false);
  });

  test('a denial for the organization denies its practitioner’s own permission, and a guardian’s for the guardian', () => {
    const practitioner = facility('clinic', { user: 'Practitioner/doctor' });
    const own = entryOf(consentFor('own', 'child', 'Practitioner/doctor', {}));
    expect(says(note, practitioner, own)).toBe(true);
    expect(says(note, practitioner, own, consent({ type: 'deny' }))).toBe(false);
    const world = related(relation('guardian', 'mother', 'child'));
    world.entries.push(entryOf(consentFor('no', 'child', 'Person/mother', { type: 'deny' })));
    expect(reads(world, family('mother'))).toBe(false);
  });

  test.each([
    ['basic-normal', false],
    ['deny', true],
    ['break-glass-only', true],
  ])('break-glass against a denial under Policy-%s: %s', (name, expected) => {
    const world = worldOf([child, note, consent({ type: 'deny' }, policy(name))], {
      breakGlass: [{ practitioner: 'doctor', patient: 'child', atMs: atMs(noon) }],
    });
    expect(reads(world, facility('clinic', { user: 'Practitioner/doctor' }))).toBe(expected);
  });

  test('a consent for a Person: a grown-up child lets the mother read N', () => {
    const grown = entryOf(patientBorn('child', '2008-04-01'));
    const granted = entryOf(consentFor('back', 'child', 'Person/mother', { securityLabel: labels('N') }));
    const world = worldOf([grown, note, granted], { relations: [relation('guardian', 'mother', 'child')] });
    expect([reads(world, family('mother')), reads(world, family('mother'), noteWith('R'))]).toEqual([true, false]);
    expect(mayWrite(world, family('mother'), { method: 'create', after: note }, atMs(noon))).toBe(false);
  });
});

describe('writing', () => {
  const world: World = {
    ...related(relation('guardian', 'mother', 'child')),
    municipalities: ['city'],
    ties: [
      { kind: 'link', organization: 'clinic', patient: 'child' },
      { kind: 'residence', organization: 'city', patient: 'child' },
    ],
  };
  const write = (caller: Caller, method: 'create' | 'update' | 'patch' | 'delete', before?: Entry, after?: Entry) =>
    writeStatuses(world, caller, { method, ...(before && { before }), ...(after && { after }) }, atMs(noon));
  const mother = family('mother');
  const clinic = facility('clinic');
  const city = facility('city');
  const others = entryOf(observation('note', 'sister'));
  const shared = entryOf(observation('note', 'child', { performer: [{ reference: 'Patient/sister' }] }));
  const byClinic: Entry = { ...note, writer: 'clinic' };
  const of = (resourceType: string, more: object = {}): Entry =>
    entryOf({
      resourceType,
      id: 'x',
      subject: { reference: 'Patient/child' },
      patient: { reference: 'Patient/child' },
      ...more,
    });
  const withNumber = entryOf({ ...child.resource, identifier: [{ system: 'urn:mrn', value: '1' }] });

  test.each<[string, Caller, 'create' | 'update' | 'patch' | 'delete', Entry | undefined, Entry | undefined, number[]]>(
    [
      ['family creates in the compartment', mother, 'create', undefined, note, [201]],
      ['family not in another', mother, 'create', undefined, others, [403]],
      ['family not in one and another', mother, 'create', undefined, shared, [403]],
      ['family nothing without a patient', mother, 'create', undefined, of('Location', { subject: undefined }), [403]],
      ['family no RelatedPerson', mother, 'create', undefined, of('RelatedPerson'), [403]],
      ['family no Flag', mother, 'create', undefined, of('Flag'), [403]],
      ['family a Patient of its own', mother, 'create', undefined, entryOf(patientBorn('new')), [201]],
      ['family changes what has no writer', mother, 'update', note, note, [200]],
      ['family deletes what has no writer', mother, 'delete', note, undefined, [204]],
      ['family not what a clinic wrote', mother, 'update', byClinic, byClinic, [403]],
      ['family not what it may not read', mother, 'patch', others, others, [404]],
      [
        'family the Patient',
        mother,
        'update',
        child,
        { ...child, resource: { ...child.resource, gender: 'female' } },
        [200],
      ],
      ['family no identifiers', mother, 'update', child, withNumber, [422]],
      ['family chooses no id', mother, 'update', undefined, note, [404]],
      ['family removes no label', mother, 'update', noteWith('R'), note, [403]],
      ['family adds a label', mother, 'update', note, noteWith('R'), [200]],
      [
        'family sets no source',
        mother,
        'create',
        undefined,
        entryOf(observation('x', 'child', { meta: { source: 'urn:x' } })),
        [403],
      ],
      ['a clinic creates by link', clinic, 'create', undefined, note, [201]],
      ['a clinic not without', facility('other'), 'create', undefined, note, [403]],
      ['a clinic not in another compartment as well', clinic, 'create', undefined, shared, [403]],
      ['a clinic changes its own', clinic, 'update', byClinic, byClinic, [200]],
      ['a clinic sees no other’s', clinic, 'update', note, note, [404]],
      ['a clinic changes its own after the link', facility('old'), 'update', { ...note, writer: 'old' }, note, [200]],
      ['a clinic moves nothing', clinic, 'update', byClinic, others, [403]],
      ['a clinic reads the Patient and changes it not', clinic, 'update', child, child, [403]],
      ['a clinic creates no Patient', clinic, 'create', undefined, entryOf(patientBorn('new')), [403]],
      ['a clinic its directory', clinic, 'create', undefined, entryOf({ resourceType: 'Location', id: 'x' }), [201]],
      [
        'a clinic no Organization',
        clinic,
        'create',
        undefined,
        entryOf({ resourceType: 'Organization', id: 'x' }),
        [403],
      ],
      [
        'a clinic no other’s directory',
        clinic,
        'delete',
        entryOf({ resourceType: 'Location', id: 'x' }),
        undefined,
        [403],
      ],
      ['a municipality creates a Patient', city, 'create', undefined, entryOf(patientBorn('new')), [201]],
      ['a municipality changes the Patient', city, 'update', child, child, [200]],
      ['a municipality reads others’ and changes them not', city, 'update', byClinic, byClinic, [403]],
      ['an operator nothing', { scopes: 'user/*.cruds', user: 'Practitioner/op' }, 'create', undefined, note, [403]],
      ['the deployment a free id', { scopes: 'system/*.cruds' }, 'update', undefined, note, [201]],
      [
        'a token of a patient no free id',
        { scopes: 'patient/*.cruds', patient: 'child' },
        'update',
        undefined,
        note,
        [404],
      ],
      ['no letter', family('mother', 'user/*.rs'), 'delete', note, undefined, [403]],
    ],
  )('%s', (_, caller, method, before, after, statuses) =>
    expect(write(caller, method, before, after)).toEqual(statuses),
  );

  test('a granular scope covers the old and the new content', () => {
    const caller = family('mother', 'user/Observation.u?code=http://loinc.org|8310-5');
    const weight = entryOf(
      observation('note', 'child', { code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] } }),
    );
    expect(write(caller, 'update', note, note)).toEqual([200]);
    expect(write(caller, 'update', note, weight)).toEqual([403]);
    expect(write(caller, 'patch', weight, note)).toEqual([404]);
  });
});

describe('statuses', () => {
  test('reading what is hidden answers what has never been answers', () => {
    const world = related();
    expect(readStatus(world, family('stranger'), 'Observation', note, atMs(noon))).toBe(404);
    expect(readStatus(world, family('stranger'), 'Observation', undefined, atMs(noon))).toBe(404);
    const unscoped = family('mother', 'user/Patient.rs user/Observation.s');
    expect(readStatus(world, unscoped, 'Observation', note, atMs(noon))).toBe(403);
    expect(readStatus(world, unscoped, 'Observation', undefined, atMs(noon))).toBe(403);
    expect(searched(world, family('stranger'), world.entries, atMs(noon))).toEqual([]);
    expect(searchStatus(family('stranger'), 'Observation')).toBe(200);
    expect(searchStatus(family('stranger', 'user/Patient.rs'), 'Observation')).toBe(403);
  });
});
