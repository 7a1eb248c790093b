// Whatever bytes come: either a reason that can be shown, or FHIR that the server takes.
import { describe, expect, it } from 'vitest';
import { mapHl7 } from '../../../mappings/hl7v2/map.ts';
import { UnreadableInput } from '../../../mappings/record.ts';
import { INSTITUTION, jis } from '../../support/samples/hl7v2.ts';
import { everyMessage } from '../../support/samples/hl7v2-hospital.ts';
import { chance, mutated } from '../../support/samples/hl7v2-mutated.ts';
import { faultsOf } from '../../support/valid-entries.ts';

/** What it became: faults of its entries, none for one that was refused with a reason. */
function faultsFrom(bytes: Uint8Array): string[] {
  try {
    return faultsOf(mapHl7(bytes, { institution: INSTITUTION }).entries);
  } catch (error) {
    if (error instanceof UnreadableInput) return [];
    throw error;
  }
}

describe('a message made wrong by chance', () => {
  it.each(everyMessage().map((text, n) => [text.slice(0, 80).split('|')[8], n, text] as const))(
    '%s is refused or becomes valid FHIR (%i)',
    (_, n, text) => {
      const sound = jis(text);
      for (let seed = 0; seed < 60; seed++) {
        const bytes = mutated(sound, chance(n * 10_000 + seed));
        expect([seed, faultsFrom(bytes)]).toEqual([seed, []]);
      }
    },
  );
});

describe('a huge message', () => {
  const times = (count: number, line: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => line(n)).join('');
  const head = everyMessage()[2] ?? '';

  it.each([
    ['results', times(20_000, (n) => `OBX|${n}|NM|3A010^総蛋白^JC10||7.2|g/dL^g/dL^ISO+|||||F\r`)],
    ['repetitions', `OBX|1|ST|X^X^L||${'a~'.repeat(200_000)}||||||F\r`],
    ['escapes', `OBX|1|ST|X^X^L||${'\\T\\'.repeat(200_000)}||||||F\r`],
    ['open escapes', `OBX|1|ST|X^X^L||${'\\'.repeat(400_001)}||||||F\r`],
    ['switched characters', `OBX|1|ST|X^X^L||${'\\M2442\\4A;z\\C2842\\'.repeat(50_000)}||||||F\r`],
    ['components', `OBX|1|CE|X^X^L||${'a^'.repeat(300_000)}||||||F\r`],
    ['specimens', times(20_000, (n) => `SPM|${n}|S${n}||023^血清^JC10\r`)],
    ['doses', times(20_000, () => 'RXA|0|1|20260915|20260915|T1^ワクチン^99XYZ|0.5\r')],
    ['wrong segments', times(20_000, (n) => `OBX|${n}|NM|||7.2\r`)],
    ['orders', times(20_000, (n) => `OBR|${n}|${n}||E001^血液検査^99O03\r`)],
  ])('of many %s is read in linear time', (_, more) => {
    const startMs = performance.now();
    mapHl7(jis(head + more), { institution: INSTITUTION });
    expect(performance.now() - startMs).toBeLessThan(8_000);
  });
});
