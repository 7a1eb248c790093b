// Definitions from files: a FHIR package (.tgz), a folder of JSON, one JSON resource or Bundle, NDJSON.
// https://confluence.hl7.org/display/FHIR/NPM+Package+Specification

import { basename } from 'node:path';
import { versionOf } from '../definitions/definitions.ts';
import { shippedDefinitions } from '../definitions/shipped.ts';
import { holdsUnstorableText, isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import { LoadFault } from '../store/load-fault.ts';
import type { LoadHead } from '../store/load-head.ts';
import { urlsOf } from '../store/write-definitions.ts';
import { type Input, isGzip } from './input.ts';
import type { InputFile } from './input-file.ts';
import { linesOf } from './lines.ts';
import { tgzFiles } from './tgz.ts';

/** What definitions may be; the examples and indexes of a package are left where they are. */
const types = [
  ...['StructureDefinition', 'ValueSet', 'CodeSystem', 'ConceptMap', 'NamingSystem', 'SearchParameter'],
  ...['OperationDefinition', 'CapabilityStatement', 'ImplementationGuide', 'Questionnaire', 'StructureMap'],
];
const mostFileBytes = 256 * 1024 * 1024;

export type Document = { file: string; resource: JsonObject };

/** A package's own name and version, if it says them, and then its documents. */
export async function* documentsOf(input: Input): AsyncGenerator<{ head: LoadHead } | Document> {
  if (await isGzip(input.path)) {
    for await (const { path, content } of tgzFiles(input.path))
      if (isOfPackage(path)) yield* documentsIn(path, decoded(content, path));
    return;
  }
  for (const file of input.files) {
    if (file.path.endsWith('.ndjson')) yield* linesAsDocuments(file);
    else if (file.path.endsWith('.json') && isOfPackage(file.path)) yield* documentsIn(file.path, await textOf(file));
  }
}

/** Whether a document is a definition that is loaded. Throws LoadFault for one that cannot be. */
export function isDefinition({ file, resource }: Document): boolean {
  const { resourceType, url, version, status } = resource;
  if (typeof resourceType !== 'string' || !types.includes(resourceType)) return false;
  const [first] = urlsOf(resource);
  // An example of a Questionnaire, an index in the form of a Bundle.
  if (first === undefined) {
    if (resourceType === 'Questionnaire' || url === undefined) return false;
    throw new LoadFault(`${resourceType}.url is no string`, { file });
  }
  if (version !== undefined && typeof version !== 'string')
    throw new LoadFault(`${resourceType}.version is no string`, { file });
  if (first.includes('|') || versionOf(first) !== undefined)
    throw new LoadFault(`${resourceType}.url holds a version; it belongs in version`, { file });
  if (resourceType === 'StructureDefinition' && isOfFhir(first))
    throw new LoadFault(`${first} is a type of FHIR itself, which cannot be replaced`, { file });
  return status !== 'entered-in-error';
}

/** A profile's snapshot is made anew from its differential, and a narrative is for people elsewhere. */
export function slimmed({ text: _, ...resource }: JsonObject): JsonObject {
  const { snapshot, ...slim } = resource;
  return resource.derivation === 'constraint' && isObject(resource.differential) ? slim : resource;
}

/** In a package definitions stand directly in its folder; `package/example/…` and the like is for people. */
function isOfPackage(path: string): boolean {
  if (!path.endsWith('.json')) return false;
  return !/(?:^|\/)(?:example|examples|openapi|other|tests|xml)\//.test(path) && !/(?:^|\/)\./.test(path);
}

function* documentsIn(file: string, text: string): Generator<{ head: LoadHead } | Document> {
  const parsed = parsedText(text, { file });
  if (basename(file) === 'package.json' && !('resourceType' in parsed)) {
    yield { head: packageHead(parsed, file) };
    return;
  }
  yield* resourcesIn(parsed, file);
}

function* resourcesIn(resource: JsonObject, file: string): Generator<Document> {
  if (resource.resourceType !== 'Bundle' || resource.type === 'document' || resource.type === 'message') {
    yield { file, resource };
    return;
  }
  const entries = Array.isArray(resource.entry) ? resource.entry : [];
  for (const entry of entries)
    if (isObject(entry) && isObject(entry.resource)) yield { file, resource: entry.resource };
}

async function* linesAsDocuments(file: InputFile): AsyncGenerator<Document> {
  for await (const lines of linesOf(file, 'utf-8')) {
    for (const { line, text } of lines)
      if (text.trim() !== '')
        yield* resourcesIn(parsedText(text, { file: file.path, line }), `${file.path}, line ${line}`);
  }
}

function parsedText(text: string, at: { file: string; line?: number }): JsonObject {
  let parsed: unknown;
  try {
    parsed = parseJson(text);
  } catch {
    throw new LoadFault('it is not JSON: is it cut off?', at);
  }
  if (!isObject(parsed)) throw new LoadFault('it is no JSON object', at);
  if (holdsUnstorableText(parsed, text)) throw new LoadFault('it holds text that is no Unicode, or a NUL', at);
  return parsed;
}

function packageHead(
  { name, version, title, fhirVersions, 'fhir-version-list': list }: JsonObject,
  file: string,
): LoadHead {
  if (typeof name !== 'string' || typeof version !== 'string' || name === '')
    throw new LoadFault('the package has no name or no version', { file });
  const versions = [fhirVersions, list].find(Array.isArray) ?? [];
  if (versions.length > 0 && !versions.some((one) => String(one).startsWith('4.0')))
    throw new LoadFault(`the package is for FHIR ${versions.join(', ')}, and this server speaks 4.0.1`, { file });
  return { name, version, ...(typeof title === 'string' && { title }) };
}

/** A type that FHIR defines, and no profile or extension on one. */
function isOfFhir(url: string): boolean {
  const known = shippedDefinitions().find('StructureDefinition', url);
  return known !== undefined && known.derivation !== 'constraint' && url.startsWith('http://hl7.org/fhir/');
}

async function textOf(file: InputFile): Promise<string> {
  if (file.bytes > mostFileBytes)
    throw new LoadFault(`it is larger than ${mostFileBytes / 1024 ** 2} MB`, { file: file.path });
  const chunks: Buffer[] = [];
  for await (const chunk of file.read()) chunks.push(chunk);
  return decoded(Buffer.concat(chunks), file.path);
}

function decoded(content: Buffer, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    throw new LoadFault('it is not UTF-8', { file });
  }
}
