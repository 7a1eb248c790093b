// The definitions of ours that answers and the CapabilityStatement name by canonical URL, as they stand in profiles/: operations,
// extensions, code systems, concept maps. Read once; who builds on this server has no other place to look them up.
import { readdirSync, readFileSync } from 'node:fs';
import { CANONICAL } from '../fhir/canonical.ts';

export type PublishedDefinition = { type: string; id: string; title: string; text: string };

const FOLDERS: Readonly<Record<string, string>> = {
  OperationDefinition: 'operation-definitions',
  StructureDefinition: 'structure-definitions',
  CodeSystem: 'code-systems',
  ConceptMap: 'concept-maps',
};

/** Every definition, by type and id. */
export function publishedDefinitions(): PublishedDefinition[] {
  return Object.entries(FOLDERS).flatMap(([type, folder]) => {
    const place = new URL(`../../profiles/${folder}/`, import.meta.url);
    return readdirSync(place)
      .sort()
      .map((file) => definitionIn(type, readFileSync(new URL(file, place), 'utf8')));
  });
}

function definitionIn(type: string, text: string): PublishedDefinition {
  const { id, title = id } = JSON.parse(text) as { id: string; title?: string };
  return { type, id, title, text };
}

/** Where a canonical URL of ours is shown; undefined for those of others. */
export function shownAt(canonical: string): string | undefined {
  return canonical.startsWith(`${CANONICAL}/`) ? `/docs${canonical.slice(CANONICAL.length)}` : undefined;
}
