// Damaged downloads: whatever the bytes, a mapping gives valid FHIR or says why not, soon, and by no other error.
import { describe, expect, it } from 'vitest';
import { mapCheckup } from '../../../mappings/checkup-cda/map.ts';
import { mapMyna } from '../../../mappings/myna/map.ts';
import { UnreadableInput } from '../../../mappings/record.ts';
import { type Random, randomFrom } from '../../support/random.ts';
import { checkupCda } from '../../support/samples/checkup-cda.ts';
import { sjis } from '../../support/samples/hl7v2.ts';
import { drugCsv, drugXml, mchJson, vaccinationJson } from '../../support/samples/myna.ts';
import { faultsOf } from '../../support/valid-entries.ts';

const patient = { reference: 'Patient/hikari' };
const mother = { reference: 'Patient/hanako' };
const form = (bytes: Uint8Array) =>
  mapMyna(bytes, { patient, mother, takesSensitive: true }).flatMap(({ record }) => record.entries);
const report = (bytes: Uint8Array) => mapCheckup(bytes, patient).entries;

const formats: [string, Uint8Array, (bytes: Uint8Array) => ReturnType<typeof form>][] = [
  ['vaccination-json', vaccinationJson(), form],
  ['mch-json', mchJson(), form],
  ['drug-csv', sjis(drugCsv()), form],
  ['drug-xml', Buffer.from(drugXml()), form],
  ['checkup-cda', checkupCda(), report],
];

// TSUMUGI_FUZZ=10000 for the long run.
const runs = Number(process.env.TSUMUGI_FUZZ ?? 300);

describe.each(formats)('%s', (_, sample, map) => {
  it(`survives ${runs} mutations`, { timeout: 600_000 }, () => {
    const random = randomFrom(20_260_923);
    let sound = 0;
    for (let run = 0; run < runs; run++) {
      const bytes = mutated(sample, random);
      try {
        const entries = map(bytes);
        sound += 1;
        // Validating is dear: in the short run some of them do.
        if (run % 20 === 0 || runs > 1000) expect(faultsOf(entries), bytes.toString('latin1')).toEqual([]);
      } catch (error) {
        if (!(error instanceof UnreadableInput)) throw new Error(`mutation ${run}: ${String(error)}`, { cause: error });
      }
    }
    expect(sound).toBeGreaterThan(0);
  });

  it('takes a large file in time that grows with it', () => {
    const start = performance.now();
    try {
      map(Buffer.concat([sample, Buffer.alloc(4 * 1024 * 1024, '"<[{,')]));
    } catch (error) {
      expect(error).toBeInstanceOf(UnreadableInput);
    }
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

/** Bytes changed, cut out, doubled, or words of the format put where they do not belong. */
function mutated(sample: Uint8Array, random: Random): Buffer {
  const bytes = Buffer.from(sample);
  const at = () => random.below(bytes.length);
  const words = [
    '',
    '0',
    '-1',
    '1e999',
    'null',
    '[]',
    '{}',
    '"',
    '<',
    '>',
    '&',
    ',',
    '\u0000',
    '9999-99-99',
    '__proto__',
    '花',
    '-0.50',
    'true',
  ];
  switch (random.below(5)) {
    case 0:
      for (let n = random.below(4); n >= 0; n--) bytes[at()] = random.below(256);
      return bytes;
    case 1:
      return bytes.subarray(0, at());
    case 2: {
      const from = at();
      const part = bytes.subarray(from, from + random.below(200));
      return Buffer.concat([bytes.subarray(0, from), part, part, bytes.subarray(from + part.length)]);
    }
    case 3: {
      const from = at();
      const word = Buffer.from(random.pick(words));
      return Buffer.concat([bytes.subarray(0, from), word, bytes.subarray(from + random.below(12))]);
    }
    default:
      return valueReplaced(bytes, random.pick(words), random);
  }
}

/** One value of JSON, an XML element, or a CSV cell by another: what stays well-formed and means something else. */
function valueReplaced(bytes: Buffer, word: string, random: Random): Buffer {
  const text = bytes.toString('latin1');
  const values = [...text.matchAll(/:"?([^",}\]]+)"?|="([^"]*)"|>([^<>]+)<|,([^,\r\n]+)/g)];
  const one = values[random.below(Math.max(1, values.length))];
  const value = one?.slice(1).find((part) => part !== undefined);
  if (!one || value === undefined) return bytes;
  const start = one.index + one[0].indexOf(value);
  return Buffer.from(
    text.slice(0, start) + Buffer.from(word).toString('latin1') + text.slice(start + value.length),
    'latin1',
  );
}
