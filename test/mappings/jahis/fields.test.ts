// The tables of fields against the samples (every field with a value is listed) and against the mapping (what is said to go into the
// record changes it, what is said to stay out of it does not).
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { SourceFormat } from '../../../mappings/fields.ts';
import { jahisNotebookFields, jahisPrescriptionFields } from '../../../mappings/jahis/fields.ts';
import { mapJahis } from '../../../mappings/jahis/map.ts';
import { fullNotebook, notebook, notebookFile } from '../../support/samples/jahis.ts';
import { prescription } from '../../support/samples/jahis-prescription.ts';

const folder = fileURLToPath(new URL('../../../../shared/data/jahis', import.meta.url));

// Files of no format, or with fields where another version or maker has them: their drugs are not taken for this reason.
const OUT_OF_PLACE = /LICENSE|README|invalid|extended-(?!201-spec)|normalization-(full|unknown)|minimal-valid/;

function samples(): { name: string; lines: string[] }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(txt|csv)$/.test(path) && (!OUT_OF_PLACE.test(path) || path.startsWith('tc-')))
    .map((name) => {
      const charset = name.endsWith('.csv') ? 'shift_jis' : 'utf-8';
      return { name, lines: new TextDecoder(charset).decode(readFileSync(join(folder, name))).split(/\r?\n/) };
    });
}

/** `record.field` of every field with a value. */
function placesOf(lines: readonly string[]): string[] {
  return lines.slice(1).flatMap((line) => {
    const [record, ...fields] = line.trim().split(',');
    return fields.flatMap((value, index) => (value.trim() ? [`${record}.${index + 1}`] : []));
  });
}

const formatOf = ([header = '']: readonly string[]): SourceFormat =>
  header.startsWith('JAHISTC') ? jahisNotebookFields : jahisPrescriptionFields;

describe.skipIf(!existsSync(folder))('fields of the samples', () => {
  it.each(samples())('are all listed: $name', ({ lines }) => {
    const known = new Set(formatOf(lines).fields.map(({ at }) => at));
    expect(placesOf(lines).filter((place) => !known.has(place))).toEqual([]);
  });
});

/** What a field is changed to until something happens: other numbers, other days, other words. */
const OTHERS = [
  '1',
  '2',
  '3',
  '5',
  '9',
  '20',
  '14',
  '0000009',
  '20260801',
  '20290801',
  '03-9999-9999',
  'XQ7',
  'X1000001',
  '別の言葉',
];

const outcome = (lines: readonly string[]): string => {
  try {
    return JSON.stringify(mapJahis(notebookFile(lines), { reference: 'Patient/hana' }).entries);
  } catch (error) {
    return String(error);
  }
};

/** Whether any other value at the place makes another record; undefined when no line of the sample has the field. */
function changesRecord(lines: readonly string[], place: string): boolean | undefined {
  const [record = '', field = ''] = place.split('.');
  const at = lines.findIndex((line, n) => n > 0 && line.startsWith(`${record},`) && line.split(',')[Number(field)]);
  if (at < 0) return undefined;
  const before = outcome(lines);
  return OTHERS.some((value) => {
    const fields = (lines[at] ?? '').split(',');
    fields[Number(field)] = value;
    return outcome(lines.with(at, fields.join(','))) !== before;
  });
}

// A field of a second drug or of a supplement without its kind has to be tried in its own line.
const more = [
  '201,1,3,1,4,1141007B1000,試験散二,1,1,ｇ',
  '221,1,3,0.1,0.2,0.3,0.2,0.2,V10.1NNN,V20.2NNN,V30.3NNN,V40.2NNN,V50.2NNN',
];
const fullPrescription = [
  ...prescription.slice(0, 1),
  ...['28,51123456,7654321', '29,54123456,7654322'],
  ...prescription.slice(1).filter((line) => !line.startsWith('221,')),
  ...more,
];

describe.each([
  [jahisNotebookFields, fullNotebook],
  [jahisPrescriptionFields, fullPrescription],
] as const)('the table of $id', ({ fields }, lines) => {
  it('lists each field once, with one of its three fates', () => {
    expect(new Set(fields.map(({ at }) => at)).size).toBe(fields.length);
    for (const { to, kept, dropped } of fields)
      expect([to, kept, dropped].filter((fate) => fate !== undefined)).toHaveLength(1);
  });

  it.each(fields.filter(({ to }) => to).map(({ at, name }) => [at, name]))('%s (%s) goes into the record', (at) => {
    expect(changesRecord(lines, at)).not.toBe(false);
  });

  it.each(fields.filter(({ kept }) => kept).map(({ at, name }) => [at, name]))('%s (%s) stays out of it', (at) => {
    expect(changesRecord(lines, at)).not.toBe(true);
  });

  it('is tried with a value in nearly every field', () => {
    const untried = fields.filter(({ at }) => changesRecord(lines, at) === undefined).map(({ at }) => at);
    expect(untried).toEqual(
      lines === fullNotebook ? ['0.1', '0.2', '911.1', '911.2', '911.3'] : ['0.1', '101.3', '231.4', '231.5', '231.6'],
    );
  });
});

it('the sample notebook of other tests has only listed fields', () => {
  const known = new Set(jahisNotebookFields.fields.map(({ at }) => at));
  expect(placesOf(notebook).filter((place) => !known.has(place))).toEqual([]);
});
