// The definitions in profiles/ as published, and what an answer has to keep of them: extensions and codes.
import { readdirSync, readFileSync } from 'node:fs';
import type { CodeSystem, ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';
import { CANONICAL } from '../../server/fhir/canonical.ts';
import { isObject } from '../../server/fhir/json.ts';

export type Published = { file: string; content: { resourceType: string; id: string; url: string } };

/** Every definition of a folder of profiles/. */
export function published(folder: string): Published[] {
  const place = new URL(`../../profiles/${folder}/`, import.meta.url);
  return readdirSync(place).map((file) => ({ file, content: JSON.parse(readFileSync(new URL(file, place), 'utf8')) }));
}

const structures = new Map(
  published('structure-definitions').map(({ content }) => [content.url, content as unknown as StructureDefinition]),
);
const codeSystems = new Map(
  published('code-systems').map(({ content }) => [content.url, content as unknown as CodeSystem]),
);

/** What in a resource is not as its definition has it: extensions and codes under our canonical base. */
export function undefinedIn(resource: object): string[] {
  const type = 'resourceType' in resource ? String(resource.resourceType) : '';
  return walk(resource, type);
}

function walk(value: unknown, path: string): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => walk(one, path));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, child]) => {
    if (name === 'resource' && isObject(child)) return undefinedIn(child);
    if (name === 'extension') return (child as object[]).flatMap((one) => extensionFaults(one as Extended, path));
    if (name === 'coding') return (child as Coded[]).flatMap(codingFaults);
    return walk(child, `${path}.${name}`);
  });
}

type Coded = { system?: string; code?: string };
type Extended = { url: string; extension?: Extended[]; [value: string]: unknown };

function codingFaults({ system = '', code = '' }: Coded): string[] {
  if (!system.startsWith(CANONICAL)) return [];
  const known = codeSystems.get(system);
  if (known === undefined) return [`${system} is not published`];
  const isKnown = known.content === 'not-present' || known.concept?.some((one) => one.code === code);
  return isKnown ? [] : [`${system} has no ${code}`];
}

function extensionFaults(extension: Extended, path: string): string[] {
  const { url } = extension;
  if (!url.startsWith(CANONICAL)) return [];
  const definition = structures.get(url);
  if (definition === undefined) return [`${url} is not published`];
  const isHere = definition.context?.some(({ expression }) => expression === path);
  const elements = definition.differential?.element ?? [];
  return [...(isHere ? [] : [`${url} is not for ${path}`]), ...partFaults(extension, 'Extension', elements, url)];
}

/** An extension against the elements under `id`: its value's type, its parts and how often each comes. */
function partFaults(extension: Extended, id: string, elements: readonly ElementDefinition[], name: string): string[] {
  const value = Object.keys(extension).find((key) => key.startsWith('value'));
  const types = elements.find((one) => one.id === `${id}.value[x]`)?.type?.map(({ code = '' }) => code);
  const allowed = types?.map((code) => `value${code.charAt(0).toUpperCase()}${code.slice(1)}`) ?? [];
  const faults = value === allowed[0] ? [] : [`${name} has ${value}, defined is ${allowed}`];
  const slices = elements.filter((one) => one.sliceName !== undefined && one.id === `${id}.extension:${one.sliceName}`);
  const parts = extension.extension ?? [];
  for (const part of parts) {
    const slice = slices.find(({ sliceName }) => sliceName === part.url);
    if (slice === undefined) faults.push(`${name} has no part ${part.url}`);
    else faults.push(...partFaults(part, slice.id ?? '', elements, `${name} ${part.url}`));
  }
  for (const { sliceName, min = 0, max = '*' } of slices) {
    const count = parts.filter(({ url }) => url === sliceName).length;
    if (count < min || (max !== '*' && count > Number(max))) faults.push(`${name} has ${count} of ${sliceName}`);
  }
  return faults;
}
