// Loads one file or folder: finds out what it is, and puts all of it in force or nothing.

import { basename } from 'node:path';
import type { JsonObject } from '../fhir/json.ts';
import { LoadFault } from '../store/load-fault.ts';
import type { LoadHead, Progress } from '../store/load-head.ts';
import { type Filling, load } from '../store/loading.ts';
import type { Pool } from '../store/pool.ts';
import { urlsOf } from '../store/write-definitions.ts';
import { systemRule } from '../terminology/systems-by-rule.ts';
import { counted } from './counted.ts';
import { claml } from './formats/claml.ts';
import { conceptFacts, headOf, isLarge } from './formats/code-system.ts';
import type { CodeFormat, Wishes } from './formats/format.ts';
import { loinc } from './formats/loinc.ts';
import { snomed } from './formats/snomed.ts';
import { table } from './formats/table.ts';
import { type Input, isGzip, openInput } from './input.ts';
import { type Document, documentsOf, isDefinition, slimmed } from './package.ts';

/** In the order in which they are looked for. */
const codeFormats: readonly CodeFormat[] = [loinc, snomed, claml, table];
export const formatNames = ['fhir', ...codeFormats.map(({ name }) => name)] as const;

/** What was loaded: of a package its definitions by type, of a code system its concepts; and what is to be known about it, in sentences. */
export type Outcome = LoadHead & { counts: Record<string, number>; notes: string[] };

/** `name` is for definitions that are in no package. Throws LoadFault, and then nothing is loaded. */
export async function loadFile(
  pool: Pool,
  path: string,
  wishes: Wishes & { format?: string; name?: string },
  progress: Progress,
): Promise<Outcome[]> {
  const input = await openInput(path);
  try {
    const format = await formatOf(input, wishes);
    const outcomes: Outcome[] = [];
    const fill = format
      ? async (filling: Filling) => void outcomes.push(await loadCodes(filling, input, format, wishes, progress))
      : async (filling: Filling) => void outcomes.push(...(await loadDefinitions(filling, input, wishes)));
    await load(pool, fill, progress);
    return outcomes;
  } finally {
    await input.close();
  }
}

/** Undefined for definitions. */
async function formatOf(
  input: Input,
  { format, codeColumn }: Wishes & { format?: string },
): Promise<CodeFormat | undefined> {
  if (format === 'fhir') return undefined;
  const named = codeFormats.find(({ name }) => name === format);
  if (named) {
    if (named.filesOf(input.files).length === 0)
      throw new LoadFault(`there is no file of the format ${format} in it`, { file: input.path });
    return named;
  }
  if (await isGzip(input.path)) return undefined;
  const isDefinitions = input.files.some(({ path }) => /\.(?:json|ndjson)$/.test(path));
  const found = codeFormats.find(
    (one) => one.filesOf(input.files).length > 0 && (one !== table || codeColumn !== undefined),
  );
  if (found && (!isDefinitions || found === loinc || found === snomed)) return found;
  if (isDefinitions) return undefined;
  throw new LoadFault(`it is none of ${formatNames.join(', ')}; a table needs --code-column`, { file: input.path });
}

async function loadCodes(
  filling: Filling,
  input: Input,
  format: CodeFormat,
  wishes: Wishes,
  progress: Progress,
): Promise<Outcome> {
  const files = counted(format.filesOf(input.files), progress);
  const { head, facts } = await format.read(files, wishes, input.path);
  const { count, leftOut } = await filling.codeSystem(head, facts);
  const notes = leftOut > 0 ? [`${leftOut} lines about codes that the release does not have were left out`] : [];
  return { ...head, counts: { codes: count }, notes };
}

const batch = 200;

async function loadDefinitions(
  filling: Filling,
  input: Input,
  { name, version }: { name?: string; version?: string },
): Promise<Outcome[]> {
  const { number, add, end } = await filling.definitions();
  const counts: Record<string, number> = {};
  const outcomes: Outcome[] = [];
  const known = new Map<string, string>();
  const notes: string[] = [];
  // The package's own file may come behind its definitions.
  let head: LoadHead | undefined;
  let others = 0;
  const waiting: JsonObject[] = [];
  for await (const one of documentsOf(input)) {
    if ('head' in one) head = one.head;
    else if (!isDefinition(one)) others++;
    else {
      const { resource, file } = one;
      const name = nameOf(resource);
      const before = known.get(name);
      if (before) notes.push(`${name} is in ${before} and in ${file}; the latter counts`);
      known.set(name, file);
      const type = String(resource.resourceType);
      counts[type] = (counts[type] ?? 0) + 1;
      const isTooLarge = type === 'CodeSystem' && isLarge(resource);
      // In tables it would answer for the whole system, which only the owner's release does.
      if (isTooLarge && systemRule(String(resource.url)))
        notes.push(`of ${resource.url} only its own release is taken into tables; the codes in ${file} were left out`);
      else if (isTooLarge) outcomes.push(await loadLarge(filling, number, one));
      waiting.push(slimmed(isTooLarge ? headOf(resource) : resource));
      if (waiting.length >= batch) await add(waiting.splice(0));
    }
  }
  if (known.size === 0) throw new LoadFault('there is no definition in it', { file: input.path });
  if (waiting.length > 0) await add(waiting);
  const own = head ?? { name: name ?? basename(input.path), version: version ?? '' };
  await end(own);
  if (others > 0) notes.push(`${others} resources are examples, or no definitions, and were left out`);
  return [{ ...own, counts, notes }, ...outcomes];
}

async function loadLarge(filling: Filling, partOf: number, { resource, file }: Document): Promise<Outcome> {
  const { title, language } = resource;
  const head = {
    name: String(resource.url),
    version: String(resource.version ?? ''),
    ...(typeof title === 'string' && { title }),
    ...(typeof language === 'string' && { language }),
  };
  const { count } = await filling.codeSystem(head, conceptFacts(resource, file), partOf);
  return { ...head, counts: { codes: count }, notes: [] };
}

const nameOf = (resource: JsonObject): string =>
  `${resource.resourceType} ${urlsOf(resource)[0]}${resource.version === undefined ? '' : `|${resource.version}`}`;
