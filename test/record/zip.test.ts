// The ZIP itself: what we write others can read, and what was made to deceive is refused.
import { unzipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { sourceOf } from '../../server/record/byte-source.ts';
import { readEntries } from '../../server/record/zip-reader.ts';
import { type ZipFile, zipBytes } from '../../server/record/zip-writer.ts';
import { createdMs, filesOf, packed } from './sample.ts';

const bytesOf = (text: string) => Buffer.from(text);
const zipOf = (...paths: string[]) =>
  packed(new Map(paths.map((path) => [path, bytesOf(`content of ${path} `.repeat(20))])));
const refusal = (zip: Buffer) =>
  filesOf(zip).then(
    () => 'accepted',
    (error: Error) => error.message,
  );

describe('zipBytes', () => {
  test('writes a ZIP that another program reads, in many chunks and without keeping a file in memory', async () => {
    const line = `${'0123456789abcdef'.repeat(64)}\n`;
    let made = 0;
    async function* files(): AsyncGenerator<ZipFile> {
      yield { path: 'large.txt', chunks: lines() };
      yield { path: 'empty.txt', chunks: [] };
      yield { path: 'whole.txt', chunks: [bytesOf(line.repeat(1000))] };
    }
    function* lines() {
      for (; made < 5000; made++) yield bytesOf(`${made} ${Math.sin(made)} ${line}`);
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of zipBytes(files(), createdMs)) {
      // Output comes while input is still being made.
      if (chunks.length === 1) expect(made).toBeLessThan(1000);
      chunks.push(chunk);
    }
    const read = unzipSync(Buffer.concat(chunks));
    expect(Object.keys(read)).toEqual(['large.txt', 'empty.txt', 'whole.txt']);
    expect(
      Buffer.from(read['large.txt'] ?? [])
        .toString()
        .split('\n'),
    ).toHaveLength(5001);
    expect(Buffer.from(read['whole.txt'] ?? [])).toEqual(bytesOf(line.repeat(1000)));
    expect(read['empty.txt']).toHaveLength(0);
    const ours = await filesOf(Buffer.concat(chunks));
    for (const [path, content] of Object.entries(read)) expect(ours.get(path)?.equals(content)).toBe(true);
  });
});

describe('readEntries', () => {
  test('lists the files of a plain ZIP', async () => {
    const entries = await readEntries(sourceOf(zipOf('a.txt', 'b/c.txt')));
    expect(entries.map(({ path }) => path)).toEqual(['a.txt', 'b/c.txt']);
  });

  test.each(['../a.txt', '/a.txt', 'a\\b.txt', 'b/../../a.txt', 'b/', '.git', 'a\u0000.txt', 'å.txt'])(
    'refuses the name %j',
    async (path) => {
      expect(await refusal(zipOf(path))).toBe('archive: a file in it has a name that is not allowed');
    },
  );

  test('refuses one name twice, in another case too', async () => {
    expect(await refusal(zipOf('a.txt', 'A.txt'))).toBe('A.txt: it is in the ZIP twice');
    // Same length, so the second name can be written over in header and directory.
    const both = Buffer.from(zipOf('a.txt', 'b.txt'));
    for (let at = both.indexOf('b.txt'); at !== -1; at = both.indexOf('b.txt', at + 1)) both.write('a.txt', at);
    expect(await refusal(both)).toMatch(/a\.txt: it is in the ZIP twice/);
  });

  const directoryAt = (zip: Buffer) => zip.readUInt32LE(zip.length - 6);
  const patched = (local: number, central: number, change: (zip: Buffer, at: number) => void) => {
    const zip = zipOf('a.txt');
    change(zip, local);
    change(zip, directoryAt(zip) + central);
    return zip;
  };

  test('refuses encrypted files and unknown methods', async () => {
    expect(await refusal(patched(6, 8, (zip, at) => zip.writeUInt16LE(1, at)))).toBe('a.txt: it is encrypted');
    expect(await refusal(patched(8, 10, (zip, at) => zip.writeUInt16LE(12, at)))).toBe(
      'a.txt: it is packed in a way that is not supported',
    );
  });

  test('refuses a header that tells another story than the directory', async () => {
    for (const at of [4, 6, 8, 10, 12, 14, 18, 22, 30]) {
      const zip = zipOf('a.txt');
      zip[at] = (zip[at] ?? 0) ^ 2;
      expect(await refusal(zip)).toBe('a.txt: its header and the directory of the ZIP do not agree');
    }
  });

  test('refuses content that is longer than it says', async () => {
    const zip = packed(new Map([['bomb.txt', Buffer.alloc(5_000_000)]]));
    expect(zip.length).toBeLessThan(10_000);
    for (const at of [22, directoryAt(zip) + 24]) zip.writeUInt32LE(10, at);
    expect(await refusal(zip)).toBe('bomb.txt: its content is not what was packed');
  });

  test('refuses bytes hidden behind the end of compressed content', async () => {
    const zip = zipOf('a.txt');
    const hidden = bytesOf('hidden');
    const at = directoryAt(zip);
    const longer = Buffer.concat([zip.subarray(0, at), hidden, zip.subarray(at)]);
    const unlisted = Buffer.from(longer);
    unlisted.writeUInt32LE(at + hidden.length, unlisted.length - 6);
    expect(await refusal(unlisted)).toBe('archive: there are bytes that belong to no file');
    for (const size of [18, at + hidden.length + 20])
      unlisted.writeUInt32LE(longer.readUInt32LE(18) + hidden.length, size);
    expect(await refusal(unlisted)).toBe('a.txt: its content is not what was packed');
  });

  test('refuses what says it holds more than an archive may', async () => {
    const zip = zipOf('a.txt');
    for (const at of [zip.length - 12, zip.length - 14]) zip.writeUInt16LE(20_000, at);
    expect(await refusal(zip)).toBe('archive: it holds more files than an archive may');
  });

  test('refuses a comment and what is no ZIP', async () => {
    const zip = zipOf('a.txt');
    zip.writeUInt16LE(1, zip.length - 2);
    expect(await refusal(Buffer.concat([zip, bytesOf('!')]))).toMatch(/^archive: it is not a ZIP file/);
    expect(await refusal(bytesOf('{"resourceType":"Bundle"}'))).toMatch(/^archive: it is not a ZIP file/);
    expect(await refusal(Buffer.alloc(0))).toBe('archive: it is not a ZIP file');
  });
});
