// The table of HL7 v2 fields is the truth: each field with a value in a message is in it, and what it calls mapped is what
// mappings read.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { decodeHl7 } from '../../../mappings/hl7v2/decode.ts';
import { hl7v2Fields } from '../../../mappings/hl7v2/fields.ts';
import { mapSegments } from '../../../mappings/hl7v2/map.ts';
import { parseHl7, type Segment } from '../../../mappings/hl7v2/message.ts';
import { UnreadableInput } from '../../../mappings/record.ts';
import { INSTITUTION } from '../../support/samples/hl7v2.ts';
import {
  appointment,
  disease,
  everyMessage,
  laboratoryOrder,
  letter,
  movement,
} from '../../support/samples/hl7v2-hospital.ts';

const table = new Map(hl7v2Fields.fields.map((field) => [field.at, field]));

/** Messages that others wrote, where they are at hand. */
function samples(): string[] {
  const folders = ['ssmix2/sampleData', 'vxu'].map((name) =>
    fileURLToPath(new URL(`../../../../shared/data/${name}`, import.meta.url)),
  );
  const files = folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.md'));
  return files.map((entry) => join(entry.parentPath, entry.name));
}

function parsed(bytes: Uint8Array): Segment[] {
  try {
    const { text, charset } = decodeHl7(bytes);
    return parseHl7(text, charset);
  } catch (error) {
    if (error instanceof UnreadableInput) return [];
    throw error;
  }
}

/** The same with the fields left out that others stand in for. */
const poorer = [
  movement({ event: 'A21', time: '20260710090000', pv2: `PV2${'|'.repeat(47)}20260712180000` }),
  disease({ outcome: 'F^治癒^HL70241', ended: '20260801' })
    .replace('|20061525^気管支炎^MDCDX2|0000', '|20061525|0000')
    .replace('||20260801|J40', '|||J40'),
  laboratoryOrder().replaceAll(/(ORC.*?)\|\|110\^医師.*?\|/g, '$1|||'),
  appointment().replace('|F-1|', '||').replace('^^^20261015140000', ''),
  letter().replace('||20260915114500', '||'),
];

const messages = [
  ...[...everyMessage(), ...poorer].map((text) => parseHl7(text)),
  ...samples().map((path) => parsed(readFileSync(path))),
];

const filled = new Set(
  messages
    .flat()
    .flatMap(({ name, fields }) =>
      fields.flatMap((field, n) => (n > 0 && field.flat(2).join('') !== '' ? [`${name}-${n}`] : [])),
    ),
);

/** The fields that mapping the messages looked at. */
function readFields(): Set<string> {
  const read = new Set<string>();
  const watched = ({ name, fields }: Segment): Segment => {
    const get = (target: string[][][][], key: string | symbol) => {
      if (typeof key === 'string' && /^\d+$/.test(key)) read.add(`${name}-${key}`);
      return Reflect.get(target, key);
    };
    return { name, fields: new Proxy(fields, { get }) };
  };
  for (const segments of messages) mapSegments(segments.map(watched), { institution: INSTITUTION });
  return read;
}

// Read to know what the message is, not to put into the record.
const structural = ['MSH-9', 'MSH-10', 'MSH-11', 'PID-19'];

describe('the table of fields', () => {
  it('says of each field exactly one of mapped, kept and dropped, and lists it once', () => {
    for (const { at, to, kept, dropped } of hl7v2Fields.fields)
      expect([at, [to, kept, dropped].filter((told) => told !== undefined).length]).toEqual([at, 1]);
    expect(table.size).toBe(hl7v2Fields.fields.length);
  });

  it('has every field with a value in any message at hand', () => {
    expect([...filled].filter((at) => !table.has(at))).toEqual([]);
  });

  it('calls mapped what is read, and nothing else', () => {
    const read = readFields();
    const seen = [...filled].filter((at) => !structural.includes(at));
    const isMapped = (at: string) => table.get(at)?.to !== undefined;
    expect(seen.filter((at) => isMapped(at) && !read.has(at))).toEqual([]);
    expect(seen.filter((at) => !isMapped(at) && read.has(at))).toEqual([]);
  });
});
