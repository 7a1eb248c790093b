// `tsumugi load FILE…`: FHIR packages and code systems into the database of running servers, which notice by themselves.

import { parseArgs } from 'node:util';
import { formatNames, loadFile, type Outcome } from '../loading/load-file.ts';
import { listLoaded, removeLoaded } from '../store/loading.ts';
import { type Command, CommandError, type Output } from './command.ts';
import { settingsOf, withDatabase } from './connect.ts';
import { createProgressBar } from './progress-bar.ts';

const text = { type: 'string' } as const;
const options = {
  format: text,
  name: text,
  system: text,
  version: text,
  title: text,
  language: text,
  languages: text,
  encoding: text,
  delimiter: text,
  'code-column': text,
  'display-column': text,
  'parent-column': text,
  list: { type: 'boolean' },
  remove: text,
} as const;

export const loadCommand: Command = {
  name: 'load',
  summary: 'Load FHIR packages and large code systems (LOINC, SNOMED CT, ICD-10, tables) beside running servers.',
  usage: `tsumugi load FILE|FOLDER… [--format ${formatNames.join('|')}] [--version VERSION]
       tsumugi load --list | --remove NAME[|VERSION]

  fhir      a package (.tgz), a folder of JSON, a resource or a Bundle, NDJSON; --name for what is in no package
  loinc     a release, packed or not: Loinc.csv, the hierarchy, answers, variants of --languages ja,…
  snomed    a release in Release Format 2, packed or not: its Snapshot files
  claml     XML, as WHO releases ICD-10; --system URL for another classification
  table     CSV or tab-separated: --system URL --code-column NAME --display-column NAME [--parent-column NAME]
            [--delimiter ;] [--encoding shift_jis] [--language ja] [--title TEXT]

  What is loaded takes the place of the same name and version at once; another version stays beside it, and the one that was
  loaded last is meant where none is named. Exit code 0 when all was loaded, 2 when something was refused: nothing of that
  file is loaded then.`,
  run,
};

async function run(args: string[], out: Output): Promise<number> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
  if (values.list) {
    await withDatabase(settingsOf(), async (pool) => {
      for (const { name, version, kind, count, since } of await listLoaded(pool))
        out.line(`${name}|${version}  ${count} ${kind}, since ${since} UTC`);
    });
    return 0;
  }
  if (values.remove !== undefined) return remove(values.remove, out);
  if (positionals.length === 0) throw new CommandError('name a FILE or a FOLDER, or --list or --remove NAME');
  const { format, name, system, version, title, language, delimiter } = values;
  if (format !== undefined && !formatNames.includes(format))
    throw new CommandError(`--format is one of ${formatNames.join(', ')}`);
  if (system !== undefined && !/^[a-z][a-z0-9+.-]*:\S+$/i.test(system)) throw new CommandError('--system takes a URL');
  const wishes = given({
    format,
    name,
    system,
    version,
    title,
    language,
    languages: (values.languages ?? 'ja').split(',').map((one) => one.trim()),
    encoding: encodingOf(values.encoding),
    delimiter: delimiter === '\\t' ? '\t' : delimiter,
    codeColumn: values['code-column'],
    displayColumn: values['display-column'],
    parentColumn: values['parent-column'],
  });
  if (wishes.delimiter !== undefined && wishes.delimiter.length !== 1)
    throw new CommandError('--delimiter takes one character');
  for (const file of positionals) {
    const bar = createProgressBar(file);
    const outcomes = await withDatabase(settingsOf(), (pool) => loadFile(pool, file, wishes, bar.show)).finally(
      bar.end,
    );
    for (const outcome of outcomes) show(outcome, out);
  }
  return 0;
}

/** What was said: the compiler tells an option that is undefined from one that is not there. */
type Given<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};
const given = <T extends object>(values: T): Given<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;

function show({ name, version, counts, notes }: Outcome, out: Output): void {
  const what = Object.entries(counts).map(([type, count]) => `${count} ${type}`);
  out.line(`loaded ${name}${version && `|${version}`}: ${what.join(', ')}`);
  for (const note of notes) out.line(`  ${note}`);
}

async function remove(named: string, out: Output): Promise<number> {
  const at = named.lastIndexOf('|');
  const [name, version] = at < 0 ? [named, undefined] : [named.slice(0, at), named.slice(at + 1)];
  const removed = await withDatabase(settingsOf(), (pool) => removeLoaded(pool, name, version));
  if (removed.length === 0) throw new CommandError(`nothing of that name is loaded: ${named}`);
  for (const one of removed) out.line(`removed ${one.name}|${one.version}`);
  return 0;
}

function encodingOf(name = 'utf-8'): string {
  try {
    return new TextDecoder(name).encoding;
  } catch {
    throw new CommandError('--encoding takes utf-8, shift_jis or another encoding by its name on the web');
  }
}
