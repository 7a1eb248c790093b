import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStoragePath, versionKey } from '../../../mappings/ssmix2/storage-path.ts';

const path = '999/901/9999013/20111220/OML-11/9999013_20111220_OML-11_000000011000354_20111220103059000_01_1';
const samples = new URL('../../../../shared/data/ssmix2/sampleData', import.meta.url).pathname;

describe('parseStoragePath', () => {
  it('reads every part', () => {
    expect(parseStoragePath(path)).toEqual({
      patient: '9999013',
      date: '20111220',
      type: 'OML-11',
      key: '000000011000354',
      time: '20111220103059000',
      department: '01',
      flag: '1',
    });
  });

  it.each([
    ['another patient in the name', path.replace('/9999013_', '/9999014_'), /does not repeat/],
    ['another day in the name', path.replace('_20111220_', '_20111221_'), /does not repeat/],
    ['upper folders of another patient', path.replace('999/901/', '999/902/'), /first digits/],
    ['a flag that is none', path.replace(/1$/, '3'), /does not follow/],
    ['a time that is none', path.replace('20111220103059000', '20111320103059000'), /no real time/],
    ['a day that is none', path.replaceAll('20111220', '20110230'), /folder name/],
    ['a part too many', `${path}_1`, /does not follow/],
    ['a level too few', path.replace('999/901/', '999/'), /five levels/],
    ['a way out of the storage', path.replace('901', '..'), /folder name/],
    ['a control character', path.replace('_01_', '_0\u0001_'), /does not follow/],
    ['nothing', '', /five levels/],
  ])('refuses %s', (_, wrong, reason) => expect(parseStoragePath(wrong)).toMatch(reason));

  it('answers any text without an error', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseStoragePath(text)));
  });

  it.runIf(readable(samples))('reads the path of every sample', () => {
    const files = readdirSync(samples, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const faults = files.map((file) => parseStoragePath(relative(samples, join(file.parentPath, file.name))));
    expect(faults.filter((one) => typeof one === 'string')).toEqual([]);
    expect(faults.length).toBeGreaterThan(10);
  });
});

describe('versionKey', () => {
  const named = (type: string, key: string, time: string, department: string) =>
    ({ patient: '1', date: '-', type, key, time, department, flag: '1' }) as const;

  it('takes files of one order for versions of one thing, whatever department wrote them', () => {
    const one = named('OML-11', '000000011000354', '20111220103059000', '01');
    expect(versionKey(one)).toBe(versionKey({ ...one, time: '20111221103059000', department: '02' }));
    expect(versionKey(one)).not.toBe(versionKey({ ...one, key: '000000011000355' }));
  });

  it('tells departments apart where there is no order', () => {
    const one = named('PPR-01', '999999999999999', '20111220103059000', '01');
    expect(versionKey(one)).toBe(versionKey({ ...one, time: '20111221103059000' }));
    expect(versionKey(one)).not.toBe(versionKey({ ...one, department: '02' }));
  });

  it('takes two receptions on one day for two', () => {
    const one = named('ADT-12', '999999999999999', '20111220103059000', '01');
    expect(versionKey(one)).not.toBe(versionKey({ ...one, time: '20111220153059000' }));
  });
});

function readable(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0;
  } catch {
    return false;
  }
}
