// Every operation of our own that the server mounts has an OperationDefinition in profiles/, and the two say the same.
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CANONICAL } from '../../server/fhir/canonical.ts';
import { parseJson } from '../../server/fhir/json.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { refusalsOf } from '../support/valid.ts';

type Definition = {
  id: string;
  url: string;
  code: string;
  system: boolean;
  type: boolean;
  instance: boolean;
  resource?: string[];
};
type Mounted = { name: string; definition: string };

const folder = new URL('../../profiles/operation-definitions/', import.meta.url);
const definitions = readdirSync(folder).map((name) => {
  const content = parseJson(readFileSync(new URL(name, folder), 'utf8')) as Definition;
  return { name, content };
});

let t: TestApp;
let mounted: (Mounted & { type: string | undefined })[];
beforeAll(async () => {
  t = await startApp();
  const { rest } = (await t.system.get('metadata')).body as unknown as {
    rest: { operation: Mounted[]; resource: { type: string; operation?: Mounted[] }[] }[];
  };
  const [server] = rest;
  mounted = [
    ...(server?.operation ?? []).map((one) => ({ ...one, type: undefined })),
    ...(server?.resource ?? []).flatMap(({ type, operation = [] }) => operation.map((one) => ({ ...one, type }))),
  ].filter(({ definition }) => definition.startsWith(CANONICAL));
});
afterAll(() => t.close());

describe('OperationDefinitions', () => {
  test.each(definitions)('$name is valid and named for its code', ({ name, content }) => {
    const faults = refusalsOf(content as never).filter(({ severity }) => severity === 'error');
    expect(faults).toEqual([]);
    expect(name).toBe(`${content.code}.json`);
    expect(content).toMatchObject({ id: content.code, url: `${CANONICAL}/OperationDefinition/${content.code}` });
  });

  test('are there for every operation of ours, and for no other', () => {
    const known = definitions.flatMap(({ content }) => {
      const places = [
        ...(content.system ? [undefined] : []),
        ...(content.instance || content.type ? [content.resource?.join()] : []),
      ];
      return places.map((type) => ({ name: content.code, definition: content.url, type }));
    });
    // What is mounted on every type is defined on Resource.
    const counts = Map.groupBy(mounted, ({ name }) => name);
    const places = [...counts.values()].flatMap((list) =>
      list.length < 146 ? list : [{ ...(list[0] as Mounted), type: 'Resource' }],
    );
    const byName = (list: { name: string }[]) => list.toSorted((one, other) => (one.name < other.name ? -1 : 1));
    expect(byName(known)).toEqual(byName(places));
  });
});
