// Every field with a value in a sample is in the table of its format, and every field of a table is one thing or another.
import { describe, expect, it } from 'vitest';
import { checkupCdaFields } from '../../../mappings/checkup-cda/fields.ts';
import type { SourceFormat } from '../../../mappings/fields.ts';
import { drugFields, manifestFields, mchFields, vaccinationFields } from '../../../mappings/myna/fields.ts';
import { readForm } from '../../../mappings/myna/form.ts';
import { mapMyna } from '../../../mappings/myna/map.ts';
import { saidOf, unknownFields } from '../../../mappings/myna/unknown-fields.ts';
import { childElements, readXml, type XmlElement } from '../../../mappings/xml.ts';
import { checkupCda } from '../../support/samples/checkup-cda.ts';
import { drugCsv, drugXml, mchJson, vaccinationJson } from '../../support/samples/myna.ts';

describe.each<[string, SourceFormat]>([
  ['vaccinations', vaccinationFields],
  ['check-ups', mchFields],
  ['drugs', drugFields],
  ['manifests', manifestFields],
  ['check-up reports', checkupCdaFields],
])('the table of %s', (_, { fields }) => {
  it('names each field once and says one thing of it', () => {
    expect(new Set(fields.map(({ at }) => at)).size).toBe(fields.length);
    for (const { to, kept, dropped } of fields) expect([to?.join(), kept, dropped].filter(Boolean)).toHaveLength(1);
  });
});

it.each<[string, Uint8Array, SourceFormat]>([
  ['vaccinations', vaccinationJson(), vaccinationFields],
  ['check-ups', mchJson(), mchFields],
  ['drugs in CSV', Buffer.from(`\ufeff${drugCsv()}`), drugFields],
  ['drugs in XML', Buffer.from(drugXml()), drugFields],
])('covers the sample of %s', (_, bytes, format) => {
  expect(unknownFields(readForm(bytes), format)).toEqual([]);
});

it.each<[string, Uint8Array, SourceFormat]>([
  ['vaccinations', everyVaccinationField(), vaccinationFields],
  ['check-ups', mchJson(), mchFields],
  ['drugs', Buffer.from(drugXml()), drugFields],
])('the table of %s tells what becomes of each field of the sample', (_, bytes, { fields }) => {
  const map = (content: unknown) => {
    const parts = mapMyna(Buffer.from(JSON.stringify(content)), {
      patient: { reference: 'Patient/hikari' },
      mother: { reference: 'Patient/hanako' },
    });
    return JSON.stringify(parts);
  };
  const content = JSON.parse(JSON.stringify(readForm(bytes)));
  const whole = map(content);
  for (const { at, to } of fields.filter(
    (field) => !['kind', 'format'].includes(field.at) && !field.at.endsWith('isDeleted'),
  )) {
    const copy = JSON.parse(JSON.stringify(content));
    if (!removed(copy, at.split('.'))) continue;
    expect(map(copy) !== whole, `${at} is ${to ? 'mapped' : 'not mapped'}`).toBe(to !== undefined);
  }
});

it('covers the check-up report', () => {
  const known = new Set(checkupCdaFields.fields.map(({ at }) => at));
  const paths = [...new Set(pathsOf(readXml(checkupCda()), ''))].map(innermost);
  expect(paths.filter((path) => !known.has(path))).toEqual([]);
});

it('says what it does not know without repeating what could be a person’s', () => {
  const paths = unknownFields({ records: [{ shiken: 1, '試験 花子': 2, lotNumber: 'x' }] }, vaccinationFields);
  expect(saidOf(paths)).toBe(
    'Kept only in the original, not known here: records[].shiken, records[].(unreadable name).',
  );
});

function pathsOf(element: XmlElement, path: string): string[] {
  const own = [...element.attributes.keys()].map((name) => `${path}@${name.replace(/^\{.*\}/, '')}`);
  const text = element.content.some((one) => typeof one === 'string' && one.trim() !== '') ? [path] : [];
  const inside = childElements(element).flatMap((child) => pathsOf(child, path ? `${path}/${child.name}` : child.name));
  return [...own, ...text, ...inside];
}

/** A path from the last observation, relationship or section in it; the rest from the root. */
const innermost = (path: string): string =>
  /.*(entryRelationship@.*)$/.exec(path)?.[1] ??
  /.*?((?:observation)(?:[@/](?!.*observation[@/]).*)?)$/.exec(path)?.[1] ??
  /(section\/.*)$/.exec(path)?.[1] ??
  path;

/** Takes a field out wherever it stands; false when it is nowhere. */
function removed(value: unknown, [name = '', ...rest]: string[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const object = value as Record<string, unknown>;
  const key = name.replace('[]', '');
  if (!(key in object)) return false;
  if (rest.length > 0) {
    const inside = name.endsWith('[]') ? (object[key] as unknown[]) : [object[key]];
    return inside.map((one) => removed(one, rest)).includes(true);
  }
  // A test with its unit is a member of the one above.
  if (typeof object[key] === 'object') return false;
  delete object[key];
  return true;
}

function everyVaccinationField(): Uint8Array {
  return vaccinationJson((records) => {
    const more = {
      branch: '2',
      implementationClass: '個別',
      venue: '保健センター',
      specialReason: '長期療養',
      addressNumber: '1',
      ticketNumber: '2',
      doseUnit: 'mg',
    };
    Object.assign(records[0] ?? {}, more);
  });
}
