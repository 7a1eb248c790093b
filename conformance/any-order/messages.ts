// What an invented hospital sends of its children, as one seed makes it: vaccinations, laboratory results and stays, many of them
// corrected or taken back later, each message with its own time and number. Bytes as a Japanese hospital sends them.
import { type Random, randomFrom } from '../../test/support/random.ts';
import {
  admission,
  discharge,
  jis,
  laboratory,
  PATIENT_NUMBER,
  vaccination,
} from '../../test/support/samples/hl7v2.ts';

export type Sent = { patient: number; bytes: Uint8Array };

const firstMs = Date.UTC(2026, 8, 1);

/** `count` messages about `patients` children, in the order in which they were made. `numberOf` gives a child's number. */
export function messagesOf(
  seed: number,
  count: number,
  patients: number,
  numberOf: (patient: number) => string,
): Sent[] {
  const random = randomFrom(seed);
  const sent: Sent[] = [];
  let things = 0;
  while (sent.length < count) {
    const patient = random.below(patients);
    const thing = things++;
    for (const text of tellings(random, thing).slice(0, count - sent.length)) {
      const made = stamp(firstMs + sent.length * 60_000);
      const own = text
        .replaceAll(PATIENT_NUMBER, numberOf(patient))
        // MSH-7 and MSH-10: when this one was made, and its number.
        .replace(/^(MSH(?:\|[^|]*){5}\|)[^|]*(\|[^|]*\|[^|]*\|)[^|]*/, `$1${made}.000$2M${sent.length}`);
      sent.push({ patient, bytes: jis(own) });
    }
  }
  return sent;
}

/** All that is said of one thing, in the order in which it is said. */
function tellings(random: Random, thing: number): string[] {
  const kind = random.below(6);
  const order = String(100_000 + thing).padStart(15, '0');
  if (kind === 0) return [admission(), discharge()].map((text) => text.replaceAll('V0001', `V${thing}`));
  if (kind === 1)
    return ['P', 'F', 'C']
      .slice(0, 1 + random.below(3))
      .map((status) => laboratory(status).replaceAll('000000000000354', order).replaceAll('000000001219001', order));
  const dose = (lot: string, options: object) =>
    vaccination(options).replaceAll('000000000000321', order).replaceAll('LOT0001', lot);
  const first = dose(`L${thing}`, {});
  const corrected = dose(`L${thing}B`, { action: 'U' });
  const takenBack = dose(`L${thing}B`, { control: 'CA' });
  return [[first], [first, corrected], [first, takenBack], [first, corrected, takenBack]][random.below(4)] ?? [first];
}

/** YYYYMMDDhhmmss in Japan. */
const stamp = (ms: number): string => new Date(ms + 9 * 3_600_000).toISOString().slice(0, 19).replace(/[-T:]/g, '');
