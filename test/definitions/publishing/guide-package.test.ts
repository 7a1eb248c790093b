// The implementation guide as a FHIR package: what is in it, that the same guide gives the same bytes, and that snapshots are whole.
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { definitionsOf, layered } from '../../../server/definitions/definitions.ts';
import { guide, isProfile } from '../../../server/definitions/guide.ts';
import { publishingDefinitions } from '../../../server/definitions/publishing/bases.ts';
import { guidePackage } from '../../../server/definitions/publishing/guide-package.ts';
import { tarball } from '../../../server/definitions/publishing/tar.ts';
import type { JsonObject } from '../../../server/fhir/json.ts';
import { evaluate, hasJpCore, jpCoreFolder } from '../../profiles/guide.ts';
import { refusalsOf } from '../../support/valid.ts';

const own = guide();
const folders = hasJpCore ? [jpCoreFolder.pathname] : [];
const definitions = publishingDefinitions(own, folders);
const { files, withoutSnapshot } = guidePackage(own, definitions);
const contentOf = (name: string) => JSON.parse(files.find((one) => one.name === name)?.text ?? 'null') as JsonObject;

describe('the package', () => {
  test('has a manifest that names FHIR R4 and what the guide stands on', () => {
    expect(contentOf('package/package.json')).toMatchObject({
      name: 'tsumugi.phr.r4',
      version: '0.1.0',
      canonical: 'https://tsumugi.example/fhir',
      fhirVersions: ['4.0.1'],
      dependencies: { 'hl7.fhir.r4.core': '4.0.1', 'jpfhir.jp.core': '1.2.0' },
    });
  });

  test('has every definition and every example under its type and id, and an index of both', () => {
    for (const [folder, entries] of [
      ['package/', own.definitions] as const,
      ['package/example/', own.examples] as const,
    ]) {
      const index = contentOf(`${folder}.index.json`).files as { filename: string; url?: string }[];
      for (const { type, id, resource } of entries) {
        expect(contentOf(`${folder}${type}-${id}.json`)).toMatchObject({ resourceType: type, id });
        expect(index.find(({ filename }) => filename === `${type}-${id}.json`)?.url).toBe(resource.url);
      }
    }
    expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
  });

  test('lists all of it in an ImplementationGuide', () => {
    const listed = contentOf('package/ImplementationGuide-tsumugi.phr.r4.json');
    expect(refusalsOf(listed)).toEqual([]);
    const { resource } = listed.definition as { resource: JsonObject[] };
    expect(resource).toHaveLength(own.definitions.length + own.examples.length);
  });

  test('holds valid FHIR alone', () => {
    for (const { name, text } of files.filter((one) => /\/[A-Z]\w*-/.test(one.name)))
      expect([name, refusalsOf(JSON.parse(text))]).toEqual([name, []]);
  });

  test('gives every profile a snapshot, but where what it stands on is not at hand', () => {
    const missing = new Set(withoutSnapshot.map(({ profile }) => profile));
    expect(missing.size === 0).toBe(hasJpCore);
    for (const { id, resource } of own.definitions.filter(isProfile)) {
      const { snapshot, differential } = contentOf(`package/StructureDefinition-${id}.json`);
      expect(differential).toEqual(resource.differential);
      expect([id, snapshot === undefined]).toEqual([id, missing.has(String(resource.url))]);
      if (snapshot !== undefined) expect([id, sdf3(snapshot as JsonObject)]).toEqual([id, []]);
    }
  });

  test('says which base is missing, and leaves the snapshot out rather than making half of one', () => {
    const child = own.definitions.filter(({ id }) => id === 'child');
    const without = publishingDefinitions({ definitions: [], examples: [] }, []);
    const alone = layered(definitionsOf(child.map(({ resource }) => resource)), without);
    const made = guidePackage({ definitions: child, examples: [] }, alone);
    expect(made.withoutSnapshot).toEqual([
      { profile: child[0]?.resource.url, missing: ['https://tsumugi.example/fhir/StructureDefinition/patient'] },
    ]);
  });
});

/** sdf-3: "Each element definition in a snapshot must have a formal definition and cardinalities". */
const sdf3 = (snapshot: JsonObject): unknown[] =>
  evaluate(
    { resourceType: 'StructureDefinition', snapshot },
    'snapshot.element.where(definition.empty() or min.empty() or max.empty()).id',
  );

describe('the archive', () => {
  test('is the same for the same files in any order, and holds them', () => {
    const bytes = tarball(files);
    expect(tarball(files.toReversed()).equals(bytes)).toBe(true);
    expect(filesIn(gunzipSync(bytes))).toEqual(
      files.map(({ name, text }) => [name, text]).sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
    );
  });

  test('refuses a name that does not fit', () => {
    expect(() => tarball([{ name: 'a'.repeat(101), text: '' }])).toThrow(TypeError);
    expect(() => tarball([{ name: 'あ', text: '' }])).toThrow(TypeError);
  });
});

/** Names and contents of an ustar archive, whose checksums have to be right. */
function filesIn(archive: Buffer): [string, string][] {
  const found: [string, string][] = [];
  for (let at = 0; archive[at] !== 0; ) {
    const header = archive.subarray(at, at + 512);
    const blanked = Buffer.concat([header.subarray(0, 148), Buffer.alloc(8, ' '), header.subarray(156)]);
    expect(octal(header, 148, 8)).toBe(blanked.reduce((sum, byte) => sum + byte, 0));
    const bytes = octal(header, 124, 12);
    const [name = ''] = header.toString('latin1', 0, 100).split('\0');
    found.push([name, archive.toString('utf8', at + 512, at + 512 + bytes)]);
    at += 512 + Math.ceil(bytes / 512) * 512;
  }
  return found;
}

const octal = (header: Buffer, start: number, length: number): number =>
  Number.parseInt(header.toString('latin1', start, start + length), 8);
