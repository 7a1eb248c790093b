// HL7's npm packages are for developers: a server that was installed without them (`npm ci --omit=dev`) has all it needs in the
// pack. Told from the imports, so that no path has to be run to be known.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { sourceFiles } from '../../conformance/check/source.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const files = new Map(sourceFiles(root).map((file) => [file.path, file]));

test.each(['server/cli.ts', 'server/main.ts', 'server/demo/main.ts'])('%s opens none of HL7’s packages', (start) => {
  expect(reachedFrom(start).filter(namesPackage)).toEqual([]);
});

test('the server opens the pack', () => {
  expect(reachedFrom('server/main.ts')).toContain('server/definitions/pack.ts');
});

test('what makes the pack does open them', () => {
  expect(reachedFrom('server/definitions/packing/generate.ts').filter(namesPackage)).not.toEqual([]);
});

function reachedFrom(start: string): string[] {
  const reached = new Set([start]);
  for (const path of reached)
    for (const target of files.get(path)?.imports ?? []) if (files.has(target)) reached.add(target);
  return [...reached];
}

function namesPackage(path: string): boolean {
  return /['"`]hl7\.(?:fhir|terminology)\./.test(readFileSync(`${root}/${path}`, 'utf8'));
}
