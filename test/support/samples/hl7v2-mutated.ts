// HL7 v2 messages made wrong by chance, the same for the same seed: bytes, fields and segments changed, cut, doubled, moved.

const values = [
  '',
  '""',
  ' ',
  '^^^^',
  '&&&',
  '~~~',
  '\\',
  '\\E\\',
  '\\X0D\\',
  '\\X00\\',
  '\\XFFFE\\',
  '\\C2842\\\\M2442\\A',
  '\\.sp999\\',
  '\\Zabc\\',
  'constructor',
  '__proto__',
  'toString^valueOf^hasOwnProperty',
  '<script>alert(1)</script>',
  '20261399',
  '00000000',
  '99991231235959.9999+9999',
  '20260229',
  '-0.0',
  '1e9',
  '.5',
  '９９９',
  '9'.repeat(60),
  'x'.repeat(5000),
  'http://a b',
  'urn:oid:1',
  '1.2.3',
  '%',
  'CA',
  'D',
  'NM',
  'ED^^^Base64^====',
  'SN',
  'I',
  '𠮷',
  '\u3000',
];

/** Endless pseudo-random numbers from 0 to below 1 (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The message with one to four changes. */
export function mutated(bytes: Uint8Array, random: () => number): Uint8Array {
  let result: Buffer = Buffer.from(bytes);
  for (let left = 1 + Math.floor(random() * 4); left > 0; left--) {
    const change = changes[Math.floor(random() * changes.length)];
    if (change) result = change(result, (below) => Math.floor(random() * below));
  }
  return result;
}

type Change = (bytes: Buffer, below: (count: number) => number) => Buffer;

const spliced = (bytes: Buffer, at: number, count: number, put: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + count)]);

const byLines =
  (change: (lines: string[], below: (count: number) => number) => void): Change =>
  (bytes, below) => {
    const lines = bytes.toString('latin1').split('\r');
    change(lines, below);
    return Buffer.from(lines.join('\r'), 'latin1');
  };

const byField =
  (change: (field: string, below: (count: number) => number) => string): Change =>
  (bytes, below) =>
    byLines((lines) => {
      const at = below(lines.length);
      const fields = (lines[at] ?? '').split('|');
      const n = below(fields.length);
      fields[n] = change(fields[n] ?? '', below);
      lines[at] = fields.join('|');
    })(bytes, below);

const valueText = (below: (count: number) => number): string =>
  Buffer.from(values[below(values.length)] ?? '').toString('latin1');

const changes: readonly Change[] = [
  (bytes, below) => spliced(bytes, below(bytes.length), 1, Buffer.from([below(256)])),
  (bytes, below) => spliced(bytes, below(bytes.length), 1 + below(40), Buffer.alloc(0)),
  (bytes, below) => spliced(bytes, below(bytes.length), 0, Buffer.from(valueText(below), 'latin1')),
  (bytes, below) => bytes.subarray(0, below(bytes.length)),
  byField((_, below) => valueText(below)),
  byField((_, below) => valueText(below)),
  byField((field, below) => `${field}~${valueText(below)}`),
  byField((field, below) => {
    const parts = field.split('^');
    parts[below(6)] = valueText(below);
    return parts.join('^');
  }),
  byLines((lines, below) => void lines.splice(below(lines.length), 1)),
  byLines((lines, below) => void lines.splice(1 + below(lines.length), 0, lines[below(lines.length)] ?? '')),
  byLines((lines) => void lines.splice(1, 0, lines.pop() ?? '')),
];
