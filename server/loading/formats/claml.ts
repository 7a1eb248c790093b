// A classification in ClaML (EN 14463, version 2 and 3), as WHO releases ICD-10: classes, their names in some languages, and the
// fourth characters that several categories share as modifiers. In FHIR, http://hl7.org/fhir/sid/icd-10

import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { LoadFault } from '../../store/load-fault.ts';
import type { CodeFact } from '../../store/write-code-system.ts';
import type { InputFile } from '../input-file.ts';
import { linesOf } from '../lines.ts';
import type { CodeFormat } from './format.ts';

const icd10System = 'http://hl7.org/fhir/sid/icd-10';

type Label = { language: string; text: string };
type Modified = { modifier: string; only: string[] | undefined };
/** A Class or a ModifierClass. */
type Class = {
  code: string;
  line: number;
  kind: string;
  /** Of a ModifierClass. */
  modifier: string | undefined;
  parents: string[];
  labels: { rubric: string; label: Label }[];
  modified: Modified[];
  excluded: string[];
};

export const claml: CodeFormat = {
  name: 'claml',
  filesOf: (files) => files.filter(({ path }) => /\.xml$/i.test(path)),
  async read(files, wishes, path) {
    const [file, ...more] = files;
    if (!file || more.length > 0) throw new LoadFault('ClaML is one XML file', { file: path });
    // A classification has some ten thousand classes: they are held while the modifiers at its end are awaited.
    const { version: ownVersion, title, classes } = await readClasses(file, wishes.encoding);
    const version = wishes.version ?? ownVersion;
    if (!version) throw new LoadFault('its Title has no version: give it with --version', { file: file.path });
    const facts = factsOf(classes, file.path);
    const language = facts[0]?.designations?.[0]?.language;
    const head = {
      name: wishes.system ?? icd10System,
      version,
      title: wishes.title ?? title,
      ...(language && { language }),
    };
    return { head, facts: inTurn(facts) };
  },
};

async function* inTurn(facts: CodeFact[]): AsyncGenerator<CodeFact[]> {
  yield facts;
}

async function readClasses(
  file: InputFile,
  encoding: string,
): Promise<{ version: string; title: string; classes: Class[] }> {
  const parser = new SaxesParser();
  const classes: Class[] = [];
  let [version, title] = ['', ''];
  let open: Class | undefined;
  let rubric = '';
  let label: Label | undefined;
  let modified: Modified | undefined;
  let depth = 0;
  let isTitle = false;
  parser.on('error', (error) => {
    throw new LoadFault(`it is not well-formed XML: ${error.message.replace(/^\d+:\d+: /, '')}`, {
      ...{ file: file.path, line: parser.line },
    });
  });
  parser.on('opentag', ({ name, attributes }: SaxesTagPlain) => {
    const { code = '' } = attributes;
    if (depth++ === 0 && name !== 'ClaML')
      throw new LoadFault(`it is no ClaML: its root is ${name}`, { file: file.path, line: parser.line });
    if (name === 'Title') {
      version = attributes.version ?? '';
      isTitle = true;
    } else if (name === 'Class' || name === 'ModifierClass') {
      const { kind = '', modifier } = attributes;
      open = { code, line: parser.line, kind, modifier, parents: [], labels: [], modified: [], excluded: [] };
    } else if (name === 'SuperClass') open?.parents.push(code);
    else if (name === 'ModifiedBy') {
      modified = { modifier: code, only: attributes.all === 'false' ? [] : undefined };
      open?.modified.push(modified);
    } else if (name === 'ValidModifierClass') (modified as Modified | undefined)?.only?.push(code);
    else if (name === 'ExcludeModifier') open?.excluded.push(code);
    else if (name === 'Rubric') rubric = attributes.kind ?? '';
    else if (name === 'Label') label = { language: attributes['xml:lang'] ?? '', text: '' };
  });
  parser.on('text', (text) => {
    if (label) label.text += text;
    else if (isTitle) title += text;
  });
  parser.on('closetag', ({ name }) => {
    depth--;
    if (name === 'Title') isTitle = false;
    else if (name === 'Label') {
      if (label && open)
        open.labels.push({ rubric, label: { ...label, text: label.text.replace(/\s+/g, ' ').trim() } });
      label = undefined;
    } else if (name === 'Class' || name === 'ModifierClass') {
      if (open) classes.push(open);
      open = undefined;
    }
  });
  for await (const lines of linesOf(file, encoding)) for (const { text } of lines) parser.write(`${text}\n`);
  parser.close();
  return { version, title: title.trim(), classes };
}

function factsOf(classes: readonly Class[], file: string): CodeFact[] {
  const modifiers = Map.groupBy(
    classes.filter(({ modifier }) => modifier !== undefined),
    ({ modifier }) => modifier ?? '',
  );
  const listed = classes.filter(({ modifier }) => modifier === undefined);
  const codes = new Set(listed.map(({ code }) => code));
  return listed.flatMap((one) => [factOf(one, file), ...subdivided(one, modifiers, codes, file)]);
}

function factOf({ code, line, kind, parents, labels }: Class, file: string): CodeFact {
  const preferred = labels.filter(({ rubric }) => rubric === 'preferred').map(({ label }) => label);
  const long = labels.filter(({ rubric }) => rubric === 'preferredLong').map(({ label }) => label);
  const included = labels.filter(({ rubric }) => rubric === 'inclusion').map(({ label }) => label);
  const definition = labels.find((one) => one.rubric === 'definition')?.label.text;
  const [display] = [...preferred, ...long];
  if (!display) throw new LoadFault(`the class ${code} has no preferred name`, { file, line });
  return {
    ...{ code, isThere: true, display: display.text, file, line, parents },
    ...(kind === 'category' ? {} : { isAbstract: true }),
    ...(definition && { definition }),
    designations: [...preferred, ...long, ...included].map(({ language, text }) => {
      return { ...(language && { language }), value: text };
    }),
    properties: [{ code: 'kind', type: 'code', value: kind }],
  };
}

/**
 * The fourth characters of a category that its modifiers give (`.0` behind E10); what is listed by itself counts instead. Fifth
 * characters, which stand without a point, are for use beside the classification and make no codes of their own.
 */
function* subdivided(
  category: Class,
  modifiers: ReadonlyMap<string, readonly Class[]>,
  codes: ReadonlySet<string>,
  file: string,
): Generator<CodeFact> {
  const names = category.labels.filter(({ rubric }) => rubric === 'preferred').map(({ label }) => label);
  for (const { modifier, only } of category.kind === 'category' ? category.modified : []) {
    if (category.excluded.includes(modifier)) continue;
    for (const one of modifiers.get(modifier) ?? []) {
      const code = category.code + one.code;
      if (!one.code.startsWith('.') || (only && !only.includes(one.code)) || codes.has(code)) continue;
      const joined = one.labels
        .filter(({ rubric }) => rubric === 'preferred')
        .map(({ label: { language, text } }) => {
          const base = names.find((name) => name.language === language) ?? names[0];
          return { rubric: 'preferred', label: { language, text: `${base?.text ?? ''}: ${text}` } };
        });
      yield factOf({ ...category, code, parents: [category.code], labels: joined }, file);
    }
  }
}
