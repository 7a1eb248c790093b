// The people of a birth list: each child's Patient is made where nobody has the number yet, corrected where the list is newer, and its
// number linked to the municipality, so that the list's and the ledgers' rows flow in. Never by name.

import type { Patient } from '@medplum/fhirtypes';
import type { MappedRow } from '../../mappings/municipality/mapped-row.ts';
import { token as searchToken } from '../../mappings/record.ts';
import { isObject, type JsonObject } from '../../server/fhir/json.ts';
import { diagnosticsOf } from '../answer.ts';
import { call, keyOf, type LookUp } from './look-up.ts';
import type { ReportLine } from './report.ts';

export type Register = {
  /** Before the rows are delivered. A line for each row that a person has to look at. */
  people(rows: readonly MappedRow[]): Promise<ReportLine[]>;
  /** After a row was found to wait. True when its number is linked now and the row flowed in. */
  link(row: MappedRow): Promise<boolean>;
};

type Options = {
  fhirBase: string;
  token: string;
  /** The id of the municipality's Organization. */
  organization: string;
  lookUp: LookUp;
};

const json = { 'content-type': 'application/fhir+json' };

/** One for one file. Its functions throw DeliveryFailed where trying again may help. */
export function createRegister({ fhirBase, token, organization, lookUp }: Options): Register {
  const ids = new Map<string, string>();
  return {
    async people(rows) {
      const numbers = rows.flatMap(({ patient, isHeldBack }) => (patient && !isHeldBack ? [patient] : []));
      const known = await lookUp('Patient', numbers);
      const lines: ReportLine[] = [];
      for (const row of rows) {
        const line = await person(row, row.patient && known.get(keyOf(row.patient)));
        if (line) lines.push({ row: row.row, fate: 'look', column: '', ...line });
      }
      return lines;
    },
    async link({ patient }) {
      const id = patient && ids.get(patient.value);
      if (id === undefined) return false;
      const parameter = [
        { name: 'organization', valueReference: { reference: `Organization/${organization}` } },
        { name: 'identifier', valueIdentifier: patient },
      ];
      const body = JSON.stringify({ resourceType: 'Parameters', parameter });
      const answer = await call('POST', `${fhirBase}/Patient/${id}/$link-facility`, token, { body, headers: json });
      return answer.status === 200;
    },
  };

  async function person(row: MappedRow, stored: JsonObject | undefined): Promise<Line | undefined> {
    const { patient, person: wanted } = row;
    if (!patient) return undefined;
    if (stored !== undefined) ids.set(patient.value, String(stored.id));
    if (wanted === undefined) return stored && row.faults.length === 0 ? WITHDRAWN : undefined;
    if (stored === undefined) return create(row);
    const corrected = correctedPatient(stored, wanted);
    if (corrected === undefined) return undefined;
    return isNewer(row, stored) ? update(corrected) : CHANGED_HERE;
  }

  async function create({ patient, person: wanted }: MappedRow): Promise<Line | undefined> {
    if (!patient) return undefined;
    const headers = { ...json, 'if-none-exist': `identifier=${searchToken(patient.system, patient.value)}` };
    const answer = await call('POST', `${fhirBase}/Patient`, token, { body: JSON.stringify(wanted), headers });
    if (answer.status !== 200 && answer.status !== 201) return refused(answer);
    ids.set(patient.value, String(answer.body.id));
    return undefined;
  }

  async function update(patient: JsonObject): Promise<Line | undefined> {
    const version = isObject(patient.meta) ? String(patient.meta.versionId) : '';
    const headers = { ...json, 'if-match': `W/"${version}"` };
    const body = JSON.stringify(patient);
    const answer = await call('PUT', `${fhirBase}/Patient/${String(patient.id)}`, token, { body, headers });
    return answer.status === 200 ? undefined : refused(answer);
  }
}

type Line = { ja: string; en: string };

const WITHDRAWN: Line = {
  ja: '取り消された出生です。本人の記録はファイルでは消えません。',
  en: 'The birth is withdrawn. The record of a person is not removed by a file.',
};

const CHANGED_HERE: Line = {
  ja: '記録と違いますが、記録の方が後に変更されています。確認してください。',
  en: 'It differs from the record, which was changed later than the row. Look which is right.',
};

const refused = ({ status, body }: { status: number; body: JsonObject }): Line => ({
  ja: '本人の登録をサーバーが受け付けませんでした。',
  en: `The server did not take the person (HTTP ${status}). ${diagnosticsOf(body)}`.trim(),
});

/** The stored Patient with what the list says; undefined where it says so already. Whatever the list does not say stays: other identifiers and names, telephone numbers, what the family added. */
export function correctedPatient(stored: JsonObject, person: Patient): JsonObject | undefined {
  const wanted = { ...person } as JsonObject;
  const names = Array.isArray(stored.name) ? stored.name.filter((one) => !isObject(one) || one.use !== 'official') : [];
  const others = Array.isArray(stored.address)
    ? stored.address.filter((one) => !isObject(one) || one.use !== 'home')
    : [];
  const home = Array.isArray(wanted.address) ? wanted.address : undefined;
  const { identifier: _, ...said } = wanted;
  const corrected: JsonObject = {
    ...stored,
    ...said,
    name: [...(Array.isArray(wanted.name) ? wanted.name : []), ...names],
    ...(home && { address: [...home, ...others] }),
  };
  return sorted(corrected) === sorted(stored) ? undefined : corrected;
}

/** Members in any order. */
function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  return `{${Object.keys(value)
    .sort()
    .map((name) => `${name}:${sorted(value[name])}`)
    .join()}}`;
}

/** The row was changed at the municipality after the Patient was last changed here. */
function isNewer({ message }: MappedRow, { meta }: JsonObject): boolean {
  const stored = isObject(meta) ? Date.parse(String(meta.lastUpdated)) : Number.NaN;
  return Date.parse(message?.time ?? '') > stored;
}
