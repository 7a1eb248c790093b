// ZIPs that a person downloaded, or that somebody made to deceive.
import { zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openArchive } from '../../../connectors/archive.ts';
import { createDeliver } from '../../../connectors/deliver.ts';
import { importMyna } from '../../../connectors/myna-portal/import-myna.ts';
import { type DeliveryServer, outcome, partsOf, receipt, startDeliveryServer } from '../../support/delivery-server.ts';
import { randomFrom } from '../../support/random.ts';
import { checkupCda, checkupIndex } from '../../support/samples/checkup-cda.ts';

const text = (value: string) => Buffer.from(value);

describe('openArchive', () => {
  it('reads files in folders', () => {
    const archive = openArchive(zipSync({ a: { 'b.txt': text('b') }, 'c.txt': text('c') }));
    expect(typeof archive === 'string' ? archive : [...archive.files.keys()]).toEqual(['a/b.txt', 'c.txt']);
  });

  it.each<[string, Uint8Array, string]>([
    ['a name that leads out', zipSync({ '../../etc/x': text('x') }), 'leads out'],
    ['an absolute name', zipSync({ '/etc/x': text('x') }), 'leads out'],
    ['a name of Windows', zipSync({ 'C:\\x': text('x') }), 'leads out'],
    ['a bomb', zipSync({ a: new Uint8Array(40 << 20), b: new Uint8Array(40 << 20) }), 'too large'],
    [
      'too many files',
      zipSync(Object.fromEntries(Array.from({ length: 201 }, (_, n) => [`f${n}`, text('x')]))),
      'too large',
    ],
    ['a cut one', zipSync({ a: text('x') }).subarray(0, 30), 'damaged'],
    ['a file twice', renamed(zipSync({ 'a.txt': text('x'), 'b.txt': text('y') }), 'b.txt', 'a.txt'), 'twice'],
  ])('does not open %s', (_, bytes, expected) => {
    expect(openArchive(bytes)).toContain(expected);
  });

  it('does not unpack more than an entry says it holds', () => {
    const bomb = Buffer.from(zipSync({ a: new Uint8Array(20 << 20) }));
    bomb.writeUInt32LE(1, listedAt(bomb) + 24);
    expect(openArchive(bomb)).toBe('The archive is damaged.');
  });

  it('does not follow a link', () => {
    const link = Buffer.from(zipSync({ a: [text('/etc/passwd'), { os: 3, attrs: 0o120777 << 16 }] }));
    expect(openArchive(link)).toBe('The archive holds a link.');
  });

  it('does not take an encrypted one, nor one whose bytes were changed', () => {
    const [encrypted, changed] = [0, 1].map(() => Buffer.from(zipSync({ a: [text('x'.repeat(99)), { level: 0 }] })));
    encrypted?.writeUInt16LE(1, listedAt(encrypted) + 8);
    expect(openArchive(encrypted ?? Buffer.of())).toBe('The archive is encrypted.');
    changed?.write('y', 60);
    expect(openArchive(changed ?? Buffer.of())).toBe('The archive is damaged.');
  });

  it('reads names that Windows in Japan wrote', () => {
    const name = Buffer.from([0x8c, 0x92, 0x90, 0x66]).toString('latin1');
    const bytes = Buffer.from(zipSync({ abcd: text('x') }));
    const archive = openArchive(Buffer.from(bytes.toString('latin1').replaceAll('abcd', name), 'latin1'));
    expect(typeof archive === 'string' ? archive : [...archive.files.keys()]).toEqual(['健診']);
  });

  it('survives 2000 mutations', () => {
    const random = randomFrom(7);
    const sample = zipSync({ 'a.txt': text('x'.repeat(500)), b: { 'c.txt': text('y') } });
    for (let run = 0; run < 2000; run++) {
      const bytes = Buffer.from(sample);
      for (let n = random.below(4); n >= 0; n--) bytes[random.below(bytes.length)] = random.below(256);
      expect(() =>
        openArchive(random.chance(0.2) ? bytes.subarray(0, random.below(bytes.length)) : bytes),
      ).not.toThrow();
    }
  });
});

describe('an archive of a check-up', () => {
  let server: DeliveryServer;
  beforeEach(async () => {
    server = await startDeliveryServer();
    server.answerWith((one) => (partsOf(one).record ? receipt('stored') : outcome(422, partsOf(one).problem)));
  });
  afterEach(() => server.close());
  const give = (bytes: Uint8Array) =>
    importMyna({
      bytes,
      patient: { reference: 'Patient/hanako' },
      deliver: createDeliver({ fhirBase: server.fhirBase, token: 'T' }),
    });

  it('gives its report, and keeps its index as it is', async () => {
    const bytes = zipSync({
      x: { 'ix08_V08.xml': checkupIndex(), DATA: { 'h.xml': checkupCda() }, XSD: { 'hc08_V08.xsd': text('<x/>') } },
    });
    expect(await give(bytes)).toEqual({ stored: 2, waiting: 0, refused: 0 });
    const [index, report] = server.received.map(partsOf);
    expect(index?.record).toEqual({ resourceType: 'Bundle', type: 'transaction' });
    expect(index?.original.equals(checkupIndex())).toBe(true);
    expect(report?.record.entry).toHaveLength(13);
  });

  it('is taken for no child', async () => {
    const child = { reference: 'Patient/hikari' };
    const deliver = createDeliver({ fhirBase: server.fhirBase, token: 'T' });
    const bytes = checkupCda();
    expect(await importMyna({ bytes, patient: child, mother: { reference: 'Patient/hanako' }, deliver })).toMatchObject(
      { refused: 1 },
    );
    expect(partsOf(server.received[0]).problem).toContain('is no child’s');
  });

  it('is refused whole when it holds more than one person', async () => {
    const other = checkupCda((xml) => xml.replace('19850401', '19800101'));
    expect(await give(zipSync({ 'a.xml': checkupCda(), 'b.xml': other }))).toEqual({
      stored: 0,
      waiting: 0,
      refused: 1,
    });
    expect(partsOf(server.received[0]).problem).toContain('more than one person');
  });
});

const listedAt = (zip: Buffer): number => zip.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]));

/** The archive with one name in the place of another of the same length, everywhere. */
function renamed(bytes: Uint8Array, from: string, to: string): Uint8Array {
  return Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll(from, to), 'latin1');
}
