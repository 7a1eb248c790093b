// What a person hands in, put together: texts, parts of texts, pictures of codes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../../connectors/deliver.ts';
import { importJahisFiles } from '../../../connectors/jahis/import-jahis.ts';
import { joinSymbols } from '../../../connectors/jahis/join-symbols.ts';
import { mappingOfJahis } from '../../../connectors/jahis/original.ts';
import { type JahisInput, readJahisFiles } from '../../../connectors/jahis/read-files.ts';
import { mapJahis } from '../../../mappings/jahis/map.ts';
import { notebook, notebookFile } from '../../support/samples/jahis.ts';
import { prescription } from '../../support/samples/jahis-prescription.ts';
import { blankPicture, qrPicture } from '../../support/samples/qr-picture.ts';

const patient = { reference: 'Patient/hana' };
const file = notebookFile(notebook);
const whole = mapJahis(file, patient).entries;
const [header = '', person = '', ...rest] = notebook;
const parts = [rest.slice(0, 10), rest.slice(10)].map((lines, index) =>
  notebookFile([header, person, ...lines, `911,20260920101500,2,${index + 1}`]),
);

async function deliveriesOf(files: readonly JahisInput[]): Promise<{ delivered: Delivery[]; lines: string[] }> {
  const [delivered, lines]: [Delivery[], string[]] = [[], []];
  const deliver = async (one: Delivery) => {
    delivered.push(one);
    return { delivery: 'D', fate: one.record ? ('stored' as const) : ('refused' as const), reason: one.problem ?? '' };
  };
  await importJahisFiles({ files, patient, deliver, progress: (line) => lines.push(line) });
  return { delivered, lines };
}
const named = (...bytes: Uint8Array[]): JahisInput[] =>
  bytes.map((one, index) => ({ name: `n-${index + 1}`, bytes: one }));

describe('files of a notebook', () => {
  it('are one notebook when they are its parts, in any order and twice, and other files stay on their own', async () => {
    const { delivered } = await deliveriesOf(named(...parts.toReversed(), notebookFile(prescription), ...parts));
    expect(delivered.map(({ record }) => record?.length)).toEqual([whole.length, 7]);
    expect(delivered[0]?.record).toEqual(whole);
    expect(delivered[0]?.contentType).toBe('application/x-jahis-parts+zip');
    // Stored as they are: every byte that was handed in can be found again.
    for (const part of parts) expect(Buffer.from(delivered[0]?.original ?? []).includes(Buffer.from(part))).toBe(true);
  });

  it('are one when they are pieces of one text, wherever a scanner cut it', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 6, max: file.length - 1 }), { minLength: 1, maxLength: 12 }),
        (cuts) => {
          const ends = [...cuts.sort((a, b) => a - b), file.length];
          const pieces = ends.map((end, index) => file.subarray(index === 0 ? 0 : ends[index - 1], end));
          // A piece that begins inside a line right behind a whole line cannot be told from another text.
          fc.pre(cuts.every((cut) => file[cut - 1] !== 0x0d && file[cut - 1] !== 0x0a));
          const [set, ...more] = readJahisFiles(named(...pieces));
          expect(more).toEqual([]);
          expect(Buffer.concat(set?.texts ?? []).equals(Buffer.from(file))).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('may be pictures of codes, of whole texts and of parts', async () => {
    const { delivered } = await deliveriesOf(named(qrPicture([file])));
    expect(delivered).toMatchObject([{ contentType: 'image/png', record: whole }]);
    const mixed = named(qrPicture(parts.slice(1)), parts[0] ?? file);
    expect((await deliveriesOf(mixed)).delivered.map(({ record }) => record)).toEqual([whole]);
    const both = await deliveriesOf(named(qrPicture(parts)));
    expect(both.delivered.map(({ record }) => record)).toEqual([whole]);
  });

  it('are mapped the same from what was kept of them', async () => {
    for (const files of [[file], [qrPicture([file])], parts, [qrPicture(parts.slice(1)), parts[0] ?? file]]) {
      const { delivered } = await deliveriesOf(named(...files));
      const [one] = delivered;
      const map = mappingOfJahis(one?.contentType ?? '', one?.original ?? file);
      expect(map?.(patient).entries).toEqual(whole);
    }
    // What others keep as the same kinds of file.
    expect(mappingOfJahis('text/csv', Buffer.from('a,b'))).toBeUndefined();
    expect(mappingOfJahis('image/png', blankPicture(80))).toBeUndefined();
    for (const type of ['application/zip', 'application/x-jahis-parts+zip'])
      expect(mappingOfJahis(type, file)).toBeUndefined();
  });

  it('in one picture are one original, whatever they are about', async () => {
    const { delivered } = await deliveriesOf(named(qrPicture([file, notebookFile(prescription)])));
    expect(delivered.map(({ record }) => record?.length)).toEqual([whole.length + 7]);
  });

  it.each<[string, Uint8Array[], RegExp]>([
    ['a part alone', parts.slice(1), /part 1 is missing/],
    ['a JPEG', [Buffer.from('\xff\xd8\xff\xe0 JFIF', 'latin1')], /only PNG can be read/],
    ['a HEIC', [Buffer.from('\0\0\0\x18ftypheic', 'latin1')], /only PNG can be read/],
    ['a picture without a code', [blankPicture(80)], /No QR code could be read/],
    ['a text of something else', [Buffer.from('hello')], /header of a JAHIS notebook/],
  ])('are kept and refused with the reason: %s', async (_, bytes, reason) => {
    const { delivered, lines } = await deliveriesOf(named(...bytes));
    expect(delivered).toMatchObject([{ record: undefined, problem: expect.stringMatching(reason) }]);
    expect(Buffer.from(delivered[0]?.original ?? []).equals(Buffer.from(bytes[0] ?? []))).toBe(true);
    expect(lines[0]).toMatch(/^n-1: notebook: refused/);
  });

  it('in a picture never hand on a My Number', async () => {
    const lines = [...notebook, '501,マイナンバー 123456789018,1'];
    const { delivered } = await deliveriesOf(named(qrPicture([notebookFile(lines)])));
    expect(delivered).toMatchObject([{ record: undefined, contentType: 'text/csv' }]);
    expect(Buffer.from(delivered[0]?.original ?? []).toString('latin1')).not.toContain('123456789018');
  });
});

describe('codes of one text (Structured Append)', () => {
  const symbol = (bytes: Uint8Array, index: number, total: number, parity = 0x5a) => ({
    files: [index],
    bytes,
    sequence: { index, total, parity },
  });
  const thirds = [file.subarray(0, 201), file.subarray(201, 402), file.subarray(402)];
  const symbols = thirds.map((bytes, index) => symbol(bytes, index, 3));

  it('are joined by bytes in their order, and those of another text stay apart', () => {
    const other = symbol(Buffer.from('JAHIS10'), 0, 1, 7);
    const [text, more] = joinSymbols([...symbols.toReversed(), other, ...symbols]);
    expect(Buffer.from(text?.bytes ?? []).equals(Buffer.from(file))).toBe(true);
    expect(text?.files).toEqual([0, 1, 2]);
    expect(Buffer.from(more?.bytes ?? []).toString()).toBe('JAHIS10');
  });

  it('name what is missing or differs', () => {
    expect(joinSymbols(symbols.slice(0, 1))[0]?.fault?.message).toContain('cut into 3 codes, and code 2, 3 is missing');
    const twice = [...symbols, symbol(Buffer.from('x'), 1, 3)];
    expect(joinSymbols(twice)[0]?.fault?.message).toContain('Code 2 of 3 is there twice');
  });
});
