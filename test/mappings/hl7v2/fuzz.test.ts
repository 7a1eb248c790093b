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
  const head = jis(everyMessage()[2] ?? '');
  const value = (text: string) => `OBX|1|ST|X^X^L||${text}||||||F\r`;

  function spentMs(more: string): number {
    const bytes = Buffer.concat([head, Buffer.from(more)]);
    const startMs = performance.now();
    mapHl7(bytes, { institution: INSTITUTION });
    return performance.now() - startMs;
  }

  // Sixteen times as much takes about sixteen times as long; were time quadratic, it would be 256.
  it.each<[string, (count: number) => string]>([
    ['results', (count) => times(count, (n) => `OBX|${n}|NM|3A010^TP^JC10||7.2|g/dL^g/dL^ISO+|||||F\r`)],
    ['different results', (count) => times(count, (n) => `OBX|${n}|NM|3A010^TP^JC10||${n}|g/dL^g/dL^ISO+|||||F\r`)],
    ['repetitions', (count) => value('a~'.repeat(count * 20))],
    ['escapes', (count) => value('\\T\\'.repeat(count * 20))],
    ['open escapes', (count) => value('\\'.repeat(count * 40 + 1))],
    ['switched characters', (count) => value('\\M2442\\4A;z\\C2842\\'.repeat(count * 5))],
    ['components', (count) => value('a^'.repeat(count * 30))],
    ['specimens', (count) => times(count, (n) => `SPM|${n}|S${n}||023^SER^JC10\r`)],
    ['doses', (count) => times(count, (n) => `RXA|0|${n}|20260915|20260915|T1^X^99XYZ|0.5\r`)],
    ['wrong segments', (count) => times(count, (n) => `OBX|${n}|NM|||7.2\r`)],
    ['orders', (count) => times(count, (n) => `OBR|${n}|${n}||E001^X^99O03\rOBX|1|NM|1^X^L||1||||||F\r`)],
  ])('of many %s is read in linear time', (_, more) => {
    // The better of several, because others use the processor too.
    const best = (count: number, tries: number) =>
      Math.min(...Array.from({ length: tries }, () => spentMs(more(count))));
    const smallMs = best(500, 3);
    expect(best(8_000, 2)).toBeLessThan(Math.max(1_000, smallMs * 80));
  });
});
