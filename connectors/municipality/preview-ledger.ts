// What an import of a municipal file would do to each of its rows, without doing it: new, changed, unchanged, waiting for a family to
// link the number, or refused with the reason.

import type { BundleEntry } from '@medplum/fhirtypes';
import type { LedgerMapper } from '../../mappings/municipality/kinds.ts';
import type { MappedRow } from '../../mappings/municipality/mapped-row.ts';
import type { PatientIdentifier } from '../../mappings/record.ts';
import { isObject, type JsonObject } from '../../server/fhir/json.ts';
import { groupsOf, type OpenFile } from './ledger-file.ts';
import { keyOf, type LookUp } from './look-up.ts';
import { correctedPatient } from './register-births.ts';
import type { ReportLine, RowFate } from './report.ts';

export type Preview = { new: number; changed: number; unchanged: number; waiting: number; refused: number };

export type PreviewOptions = {
  open: OpenFile;
  mapper: LedgerMapper;
  lookUp: LookUp;
  /** A line for each row that would change something or cannot, and for each thing that is wrong with a row. */
  report?: (line: ReportLine) => void;
};

/** Throws UnreadableInput for a file whose header row cannot be used, DeliveryFailed when the server does not answer. */
export async function previewLedger({ open, mapper, lookUp, report }: PreviewOptions): Promise<Preview> {
  const preview: Preview = { new: 0, changed: 0, unchanged: 0, waiting: 0, refused: 0 };
  for await (const group of groupsOf(open, mapper)) {
    const known = await knownOf(group, lookUp);
    for (const row of group) {
      const fate = fateOf(row, known);
      preview[fate] += 1;
      for (const { column, ja, en } of row.faults) report?.({ row: row.row, fate, column, ja, en });
      if (row.faults.length === 0 && fate !== 'unchanged') report?.({ row: row.row, fate, column: '', ...words[fate] });
    }
  }
  return preview;
}

const words = {
  new: { ja: '新しく登録されます。', en: 'It would be added.' },
  changed: { ja: '登録済みの内容が変わります。', en: 'It would change what is there.' },
  waiting: { ja: '家族がこの番号を連携するまで待ちます。', en: 'It would wait until a family links this number.' },
  refused: { ja: '登録できません。', en: 'It would be refused.' },
} as const;

type Known = Map<string, JsonObject>;

/** The Patients of a group and what they have of its rows, in as few questions as there are types. */
async function knownOf(group: readonly MappedRow[], lookUp: LookUp): Promise<Known> {
  const wanted = new Map<string, PatientIdentifier[]>();
  const want = (type: string, identifier: { system?: string; value?: string } | undefined) => {
    if (!identifier?.system || !identifier.value) return;
    const { system, value } = identifier;
    wanted.set(type, [...(wanted.get(type) ?? []), { system, value }]);
  };
  for (const { patient, entries } of group) {
    want('Patient', patient);
    for (const entry of entries) want(entry.resource?.resourceType ?? '', firstOf(entry));
  }
  const known: Known = new Map();
  for (const [type, identifiers] of wanted)
    for (const [key, resource] of await lookUp(type, [
      ...new Map(identifiers.map((one) => [keyOf(one), one])).values(),
    ]))
      known.set(`${type} ${key}`, resource);
  return known;
}

const firstOf = ({ resource }: BundleEntry) =>
  (resource as { identifier?: PatientIdentifier[] } | undefined)?.identifier?.[0];

function fateOf({ patient, entries, faults, person }: MappedRow, known: Known): Exclude<RowFate, 'stored' | 'look'> {
  if (patient === undefined || (entries.length === 0 && faults.length > 0)) return 'refused';
  const who = known.get(`Patient ${keyOf(patient)}`);
  if (who === undefined) return person === undefined ? 'waiting' : 'new';
  if (person !== undefined && correctedPatient(who, person) !== undefined) return 'changed';
  if (entries.length === 0) return 'unchanged';
  const stored = entries.map((entry) => known.get(`${entry.resource?.resourceType} ${keyOf(firstOf(entry) ?? {})}`));
  if (stored.every((one) => one === undefined)) return 'new';
  return entries.every(({ resource }, at) => isSame(resource, stored[at])) ? 'unchanged' : 'changed';
}

/** But for what the server adds, and for references, which it resolves. */
function isSame(mapped: unknown, stored: JsonObject | undefined): boolean {
  if (stored === undefined) return false;
  const { id: _, meta: __, ...rest } = stored;
  return sorted(JSON.parse(JSON.stringify(mapped))) === sorted(JSON.parse(JSON.stringify(rest)));
}

function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const names = Object.keys(value).filter((name) => name !== 'reference');
  return `{${names
    .sort()
    .map((name) => `${name}:${sorted(value[name])}`)
    .join()}}`;
}
