// SNOMED CT as it is released: the snapshot files of Release Format 2 (concepts, descriptions, relationships, language reference
// sets). https://docs.snomed.org (Release File Specification); in FHIR, https://hl7.org/fhir/R4/snomedct.html

import { LoadFault } from '../../store/load-fault.ts';
import type { CodeFact } from '../../store/write-code-system.ts';
import type { InputFile } from '../input-file.ts';
import { type Cells, tableOf } from '../table.ts';
import type { CodeFormat } from './format.ts';

export const snomedSystem = 'http://snomed.info/sct';
const concepts = /(?:^|\/)x?sct2_Concept_Snapshot_([^/]*)_(\d{8})\.txt$/;
const descriptions = /(?:^|\/)x?sct2_(?:Description|TextDefinition)_Snapshot[^/]*\.txt$/;
const relationships = /(?:^|\/)x?sct2_Relationship_Snapshot[^/]*\.txt$/;
const languages = /(?:^|\/)x?der2_cRefset_Language[^/]*Snapshot[^/]*\.txt$/;

// A cell is what stands between two tabs, quotes and all.
const form = { delimiter: '\t', quotes: false, encoding: 'utf-8' };
const internationalModule = '900000000000207008';
const isA = '116680003';
const inferred = '900000000000011006';
const fullySpecifiedName = '900000000000003001';
const textDefinition = '900000000000550004';
const primitive = '900000000000074008';
const preferred = '900000000000548007';
const britishEnglish = '900000000000508004';

export const snomed: CodeFormat = {
  name: 'snomed',
  filesOf(files) {
    const used = (pattern: RegExp) => files.filter(({ path }) => pattern.test(path));
    if (used(concepts).length === 0) return [];
    return [...used(languages), ...used(concepts), ...used(descriptions), ...used(relationships)];
  },
  async read(files, { version }) {
    for (const [pattern, what] of [
      [descriptions, 'description'],
      [relationships, 'relationship'],
    ] as const)
      if (!files.some(({ path }) => pattern.test(path)))
        throw new LoadFault(
          `there is a concept file and no ${what} file (sct2_…_Snapshot…txt): the release is not whole`,
        );
    const [edition, date] = files.map(({ path }) => concepts.exec(path)?.slice(1)).find(Boolean) ?? [];
    const known = edition === 'INT' ? `${snomedSystem}/${internationalModule}/version/${date}` : undefined;
    const named = version ?? known;
    if (!named)
      throw new LoadFault(
        `of the edition ${edition} give the version: --version ${snomedSystem}/MODULE/version/${date}`,
      );
    return { head: { name: snomedSystem, version: named, title: 'SNOMED CT', language: 'en' }, facts: factsOf(files) };
  },
};

async function* factsOf(files: readonly InputFile[]): AsyncGenerator<CodeFact[]> {
  /** Ids of the descriptions that a language prefers. */
  const isPreferred = new Set<string>();
  for (const file of files) {
    for await (const { rows } of tableOf(file, form, columnsOf(file))) {
      for (const row of rows) checkRow(row);
      const active = rows.filter((row) => row.of('active') === '1');
      if (languages.test(file.path)) {
        for (const row of active)
          if (row.of('acceptabilityId') === preferred && row.of('refsetId') !== britishEnglish)
            isPreferred.add(row.of('referencedComponentId'));
      } else if (concepts.test(file.path)) yield rows.map(conceptFact);
      else if (descriptions.test(file.path)) yield active.map((row) => descriptionFact(row, isPreferred));
      else yield active.flatMap(relationshipFact);
    }
  }
}

function columnsOf({ path }: InputFile): string[] {
  const all = ['id', 'effectiveTime', 'active', 'moduleId'];
  if (languages.test(path)) return [...all, 'refsetId', 'referencedComponentId', 'acceptabilityId'];
  if (concepts.test(path)) return [...all, 'definitionStatusId'];
  if (descriptions.test(path)) return [...all, 'conceptId', 'languageCode', 'typeId', 'term', 'caseSignificanceId'];
  return [...all, 'sourceId', 'destinationId', 'typeId', 'characteristicTypeId'];
}

function checkRow({ of, file, line }: Cells): void {
  if (!/^[01]$/.test(of('active'))) throw new LoadFault('active is neither 0 nor 1', { file, line });
}

function conceptFact({ of, file, line }: Cells): CodeFact {
  const code = of('id');
  if (!/^\d{6,18}$/.test(code)) throw new LoadFault('the id of a concept has 6 to 18 digits', { file, line });
  return {
    ...{ code, isThere: true, file, line },
    ...(of('active') === '0' && { isInactive: true }),
    properties: [
      { code: 'sufficientlyDefined', type: 'boolean', value: String(of('definitionStatusId') !== primitive) },
      { code: 'moduleId', type: 'code', value: of('moduleId') },
    ],
  };
}

/** The term that the language prefers is the display; before it in no reference set, the fully specified name. */
function descriptionFact({ of, file, line }: Cells, isPreferred: ReadonlySet<string>): CodeFact {
  const [code, type, term, language] = [of('conceptId'), of('typeId'), of('term'), of('languageCode')];
  if (type === textDefinition) return { code, definition: term, file, line };
  const isFull = type === fullySpecifiedName;
  const chosen = isPreferred.has(of('id')) ? 0 : 2;
  const rank = (isFull ? 1 : chosen) + (language === 'en' ? 0 : 10);
  const use = { system: snomedSystem, code: type };
  return { code, display: term, rank, designations: [{ language, use, value: term }], file, line };
}

function relationshipFact({ of, file, line }: Cells): CodeFact[] {
  if (of('characteristicTypeId') !== inferred) return [];
  const [code, type, value] = [of('sourceId'), of('typeId'), of('destinationId')];
  if (type === isA) return [{ code, parents: [value], file, line }];
  return [{ code, properties: [{ code: type, type: 'code', value }], file, line }];
}
