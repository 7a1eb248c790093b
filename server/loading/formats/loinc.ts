// A LOINC release: LoincTable/Loinc.csv, and where they are there the component hierarchy, the answers, and the linguistic variants
// of the languages that are asked for. LOINC Users' Guide; in FHIR, https://terminology.hl7.org/LOINC.html

import { LoadFault } from '../../store/load-fault.ts';
import type { CodeFact } from '../../store/write-code-system.ts';
import type { InputFile } from '../input-file.ts';
import { type Cells, tableOf } from '../table.ts';
import type { CodeFormat, Wishes } from './format.ts';

export const loincSystem = 'http://loinc.org';
const main = /(?:^|\/)Loinc\.csv$/;
const hierarchy = /(?:^|\/)(?:ComponentHierarchyBySystem|MultiAxialHierarchy)\.csv$/;
const answers = /(?:^|\/)AnswerList\.csv$/;
const variant = /(?:^|\/)([a-z]{2})([A-Z]{2})\d*LinguisticVariant\.csv$/;

const form = (encoding: string) => ({ delimiter: ',', quotes: true, encoding });
const properties = [
  ...['COMPONENT', 'PROPERTY', 'TIME_ASPCT', 'SYSTEM', 'SCALE_TYP', 'METHOD_TYP', 'CLASS', 'STATUS', 'CLASSTYPE'],
  ...['ORDER_OBS', 'UNITSREQUIRED', 'EXAMPLE_UNITS', 'EXAMPLE_UCUM_UNITS', 'PanelType', 'VersionLastChanged'],
];
const designations = ['SHORTNAME', 'DisplayName', 'CONSUMER_NAME', 'RELATEDNAMES2'];
const variantWords = ['LinguisticVariantDisplayName', 'LONG_COMMON_NAME', 'SHORTNAME', 'RELATEDNAMES2'];
const needed = ['LOINC_NUM', ...properties.slice(0, 8), 'LONG_COMMON_NAME'];

export const loinc: CodeFormat = {
  name: 'loinc',
  filesOf(files) {
    const [table] = files.filter(({ path }) => main.test(path));
    if (!table) return [];
    return [table, ...files.filter(({ path }) => hierarchy.test(path) || answers.test(path) || variant.test(path))];
  },
  async read(files, wishes, path) {
    const [first] = files.map((file) => /Loinc[_-](\d+\.\d+)/i.exec(`${path}/${file.path}`)?.[1]).filter(Boolean);
    const version = wishes.version ?? first;
    if (!version)
      throw new LoadFault('the name of the release (Loinc_2.80) does not say its version: give it with --version');
    const used = files.filter((file) => {
      const language = variant.exec(file.path)?.[1];
      return language === undefined || wishes.languages.includes(language);
    });
    return { head: { name: loincSystem, version, title: 'LOINC', language: 'en' }, facts: factsOf(used, wishes) };
  },
};

async function* factsOf(files: readonly InputFile[], { encoding }: Wishes): AsyncGenerator<CodeFact[]> {
  for (const file of files) {
    if (main.test(file.path))
      for await (const { rows } of tableOf(file, form(encoding), needed)) yield rows.map(termFact);
    else if (answers.test(file.path)) yield* answerFacts(file, encoding);
    else if (hierarchy.test(file.path)) yield* hierarchyFacts(file, encoding);
    else yield* variantFacts(file, encoding);
  }
}

function termFact(row: Cells): CodeFact {
  const status = row.of('STATUS');
  const definition = row.of('DefinitionDescription');
  return {
    ...{ code: row.of('LOINC_NUM'), isThere: true, display: row.of('LONG_COMMON_NAME') },
    ...{ file: row.file, line: row.line },
    ...(status === 'DEPRECATED' && { isInactive: true }),
    ...(definition !== '' && { definition }),
    designations: wordsOf(row, designations, 'en'),
    properties: properties.flatMap((code) => {
      const value = row.of(code);
      return value === '' ? [] : [{ code, type: 'string' as const, value }];
    }),
  };
}

const wordsOf = (row: Cells, columns: readonly string[], language: string) =>
  columns.flatMap((code) => {
    const value = row.of(code);
    return value === '' ? [] : [{ language, use: { system: loincSystem, code }, value }];
  });

/** Parts stand above terms; a term or a part may have several places. */
async function* hierarchyFacts(file: InputFile, encoding: string): AsyncGenerator<CodeFact[]> {
  const known = new Set<string>();
  for await (const { rows } of tableOf(file, form(encoding), ['IMMEDIATE_PARENT', 'CODE', 'CODE_TEXT'])) {
    yield rows.map((row): CodeFact => {
      const [code, parent] = [row.of('CODE'), row.of('IMMEDIATE_PARENT')];
      const isPart = code.startsWith('LP');
      const isNew = isPart && !known.has(code);
      if (isNew) known.add(code);
      return {
        ...{ code, file: row.file, line: row.line },
        ...(isNew ? { isThere: true, display: row.of('CODE_TEXT'), isAbstract: true } : {}),
        ...(!isPart && { isExtra: true }),
        ...(parent !== '' && { parents: [parent] }),
      };
    });
  }
}

/** Lists (LL) and answers (LA); an answer stands in several lists. */
async function* answerFacts(file: InputFile, encoding: string): AsyncGenerator<CodeFact[]> {
  const known = new Set<string>();
  const columns = ['AnswerListId', 'AnswerListName', 'AnswerStringId', 'DisplayText'];
  for await (const { rows } of tableOf(file, form(encoding), columns)) {
    yield rows.flatMap((row) => {
      const at = { file: row.file, line: row.line };
      const [list, answer] = [row.of('AnswerListId'), row.of('AnswerStringId')];
      const there = (code: string, display: string): CodeFact[] => {
        if (code === '' || known.has(code)) return [];
        known.add(code);
        return [{ code, isThere: true, display, ...at }];
      };
      const inList = { code: 'answer-list', type: 'code' as const, value: list };
      const facts = [...there(list, row.of('AnswerListName')), ...there(answer, row.of('DisplayText'))];
      return answer === '' || list === '' ? facts : [...facts, { code: answer, properties: [inList], ...at }];
    });
  }
}

/** A variant may name terms of another release. */
async function* variantFacts(file: InputFile, encoding: string): AsyncGenerator<CodeFact[]> {
  const [, language, country] = variant.exec(file.path) ?? [];
  for await (const { rows } of tableOf(file, form(encoding), ['LOINC_NUM', 'LONG_COMMON_NAME'])) {
    yield rows.map((row) => ({
      ...{ code: row.of('LOINC_NUM'), isExtra: true, file: row.file, line: row.line },
      designations: wordsOf(row, variantWords, `${language}-${country}`),
    }));
  }
}
