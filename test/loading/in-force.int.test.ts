// A running server answers from what is loaded beside it, without a restart.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { loadFile } from '../../server/loading/load-file.ts';
import { removeLoaded } from '../../server/store/loading.ts';
import { terminologyInForce } from '../../server/terminology/in-force.ts';
import { matchIds, observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
let folder: string;
beforeAll(async () => {
  app = await startApp();
  folder = mkdtempSync(join(tmpdir(), 'tsumugi-force-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await app.close();
  expect(terminologyInForce().large).toBeUndefined();
});

const wishes = { languages: [], encoding: 'utf-8' };
const url = 'https://example.com/ValueSet/invented';
const valueSet = {
  ...{ resourceType: 'ValueSet', url, status: 'active' },
  compose: { include: [{ system: 'http://loinc.org', concept: [{ code: '29463-7' }] }] },
};

test('a search by a value set of a package finds as soon as it is loaded, and no more when it is removed', async () => {
  const { id } = await app.system.create(patientNamed('試験', '花子'));
  const { id: weight } = await app.system.create(observationOf(id));
  const search = `Observation?patient=${id}&code:in=${encodeURIComponent(url)}`;
  expect((await app.system.get(search)).status).toBe(422);
  writeFileSync(join(folder, 'v.json'), JSON.stringify(valueSet));
  await loadFile(app.pool, join(folder, 'v.json'), { ...wishes, name: 'invented' }, () => undefined);
  await vi.waitFor(async () => expect(matchIds(await app.system.get(search))).toEqual([weight]));
  await removeLoaded(app.pool, 'invented');
  await vi.waitFor(async () => expect((await app.system.get(search)).status).toBe(422));
});

test('a large code system is in force for the process', async () => {
  writeFileSync(join(folder, 't.csv'), 'c,d\n1,見本\n');
  const table = { ...wishes, system: 'urn:large', version: '1', codeColumn: 'c', displayColumn: 'd' };
  await loadFile(app.pool, join(folder, 't.csv'), table, () => undefined);
  await vi.waitFor(() => expect(terminologyInForce().large?.systems()).toHaveLength(1));
  expect(await terminologyInForce().large?.lookup({ system: 'urn:large' }, '1')).toMatchObject({ display: '見本' });
});

test('beside it, a value set that names no codes is still refused', async () => {
  const empty = { resourceType: 'ValueSet', url: 'https://example.com/ValueSet/empty', status: 'active' };
  const body = { resourceType: 'Parameters', parameter: [{ name: 'valueSet', resource: empty }] };
  expect((await app.system.post('ValueSet/$expand', body)).status).toBe(422);
});

test('writes and $validate hold to a profile of a package while it is loaded, and say that they could not once it is gone', async () => {
  const profile = 'https://example.com/StructureDefinition/dated';
  const definition = {
    ...{ resourceType: 'StructureDefinition', url: profile, version: '1', name: 'Dated', status: 'active' },
    ...{ kind: 'resource', abstract: false, type: 'Patient', derivation: 'constraint' },
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
    differential: { element: [{ id: 'Patient.birthDate', path: 'Patient.birthDate', min: 1 }] },
  };
  const undated = patientNamed('試験', '次郎', { meta: { profile: [profile] } });
  const create = () => app.system.post('Patient', undated, { prefer: 'return=OperationOutcome' });
  const told = (severity: string, diagnostics: string) =>
    expect.arrayContaining([expect.objectContaining({ severity, diagnostics: expect.stringContaining(diagnostics) })]);
  const unknown = { body: { issue: told('warning', `${profile}: it is not known here`) } };
  const broken = { body: { issue: told('error', profile) } };
  expect(await create()).toMatchObject({ status: 201, ...unknown });
  writeFileSync(join(folder, 'p.json'), JSON.stringify(definition));
  await loadFile(app.pool, join(folder, 'p.json'), { ...wishes, name: 'dated' }, () => undefined);
  await vi.waitFor(async () => expect(await create()).toMatchObject({ status: 422, ...broken }));
  expect(await app.system.post('Patient/$validate', undated)).toMatchObject(broken);
  await removeLoaded(app.pool, 'dated');
  await vi.waitFor(async () => expect(await create()).toMatchObject({ status: 201, ...unknown }));
  expect(await app.system.post('Patient/$validate', undated)).toMatchObject(unknown);
});
