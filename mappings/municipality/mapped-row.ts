// What the mappings of municipal rows share: whose the row is, which row of the ledger it is, when it was changed there.

import type { BundleEntry, Organization, Patient, Reference } from '@medplum/fhirtypes';
import { institutionReference, isInstitutionNumber } from '../institution.ts';
import type { MappedRecord, PatientTarget } from '../record.ts';
import type { Column } from './column.ts';
import type { Fault, LedgerRow } from './ledger-reader.ts';
import { type RowValues, rowValues } from './row-values.ts';

export type LedgerSettings = {
  /** The identifier system of the numbers by which the rows name people. */
  system: string;
  /** Of all rows that do not say theirs. */
  municipalityCode?: string | undefined;
  /** When the file was made, a FHIR instant: for rows that do not say when they were changed. */
  madeAt?: string | undefined;
  /** SHA-256 of the whole file, in hex. */
  fileDigest: string;
};

/** Without entries the row is refused for its faults; with entries they are what was not taken over. */
export type MappedRow = MappedRecord & {
  row: number;
  original: Uint8Array;
  faults: Fault[];
  holdsMyNumber: boolean;
  /** Who the row says the person is, in a list that registers people. */
  person?: Patient;
  /** The row must not leave the municipality. */
  isHeldBack: boolean;
};

type ReadRow = Pick<MappedRow, 'entries' | 'person'>;
type CommonKey = 'childId' | 'updatedAt';

/** `read` gives what a row becomes that could be read, no entries when something required is wrong. */
export function mapRow<Key extends string>(
  { row, original, values: cells, faults: faultsOfCells, holdsMyNumber, isHeldBack }: LedgerRow<Key | CommonKey>,
  columns: readonly Column<Key | CommonKey>[],
  { system, madeAt, fileDigest }: LedgerSettings,
  read: (values: RowValues<Key | CommonKey>, target: PatientTarget) => BundleEntry[] | ReadRow,
): MappedRow {
  const faults = [...faultsOfCells];
  const number = cells.get('childId');
  const patient = number === undefined ? undefined : { system, value: number };
  const values = rowValues(cells, columns, faults);
  const found = patient && faults.length === 0 ? read(values, { identifier: patient }) : [];
  const { entries, ...more } = Array.isArray(found) ? { entries: found } : found;
  const updatedAt = values.instant('updatedAt');
  return {
    ...{ row, faults, holdsMyNumber, isHeldBack, patient, entries, ...more },
    // The same row of another file is another message, unless it says itself that it has not changed since.
    original: updatedAt === undefined ? withFile(original, madeAt ?? '', fileDigest) : original,
    problems: faults.map(({ column, ja, en }) => `${column && `${column}: `}${ja} ${en}`),
    message: { id: `${fileDigest.slice(0, 32)}.${row}`, time: updatedAt ?? madeAt ?? '' },
  };
}

/** A line that is no row and names the file. */
const withFile = (original: Uint8Array, madeAt: string, digest: string): Uint8Array =>
  Buffer.concat([original, Buffer.from(`# ${madeAt} sha256 ${digest}\r\n`)]);

/** Which entry of which municipality's ledger it is; undefined, with a fault, where the row does not say it. */
export function ledgerKey(
  values: Pick<RowValues<'municipalityCode' | 'historyKey'>, 'text' | 'fault'>,
  { municipalityCode }: LedgerSettings,
): { parts: [municipality: string, key: string] } | undefined {
  const municipality = values.text('municipalityCode') || municipalityCode || '';
  if (!/^\d{6}$/.test(municipality)) {
    values.fault('municipalityCode', '6桁の市区町村コードがありません。', 'There is no municipality code of 6 digits.');
    return undefined;
  }
  return { parts: [municipality, values.text('historyKey')] };
}

/** By its number and name; undefined where the row says neither. */
export function institutionOf({
  text,
  fault,
}: Pick<RowValues<'institutionCode' | 'institutionName'>, 'text' | 'fault'>): Reference<Organization> | undefined {
  const [name, code] = [text('institutionName'), text('institutionCode')];
  if (code && !isInstitutionNumber(code))
    fault('institutionCode', '10桁の数字ではありません。', 'It has not 10 digits.');
  return institutionReference(name, code);
}
