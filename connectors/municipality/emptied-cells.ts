// What a check-up said before and a corrected row says no more: a cell that was emptied. The observation of it is marked as entered in
// error, for a row holds the whole of its check-up.

import type { Observation } from '@medplum/fhirtypes';
import type { MappedRow } from '../../mappings/municipality/mapped-row.ts';
import { patientReference, replaceEntry } from '../../mappings/record.ts';
import { isObject, type JsonObject } from '../../server/fhir/json.ts';
import { identifierKeysOf, keyOf, type LookUp, type LookUpIds } from './look-up.ts';

export type Emptied = (rows: readonly MappedRow[]) => Promise<MappedRow[]>;

/** The rows, each with the observations that it takes back. Throws DeliveryFailed when the server does not answer. */
export function createEmptied({ lookUp, lookUpIds }: { lookUp: LookUp; lookUpIds: LookUpIds }): Emptied {
  return async (rows) => {
    const keys = new Map(rows.map((row) => [row, reportKeyOf(row)]));
    const reports = await lookUp(
      'DiagnosticReport',
      [...keys.values()].filter((one) => one !== undefined),
    );
    const resultsOf = (row: MappedRow): string[] => {
      const key = keys.get(row);
      return key ? resultIds(reports.get(keyOf(key))) : [];
    };
    const stored = await lookUpIds('Observation', rows.flatMap(resultsOf));
    return rows.map((row) => {
      const said = new Set(
        row.entries.flatMap(({ resource }) => [...identifierKeysOf((resource ?? {}) as JsonObject)]),
      );
      const gone = resultsOf(row)
        .map((id) => stored.get(id))
        .filter((one) => one !== undefined)
        .filter((one) => ![...identifierKeysOf(one)].some((key) => said.has(key)));
      return gone.length === 0 ? row : { ...row, entries: [...row.entries, ...gone.map((one) => withdrawn(one, row))] };
    });
  };
}

function reportKeyOf({ entries }: MappedRow) {
  const report = entries.find(({ resource }) => resource?.resourceType === 'DiagnosticReport')?.resource;
  const [first] = report?.resourceType === 'DiagnosticReport' ? (report.identifier ?? []) : [];
  return first?.system && first.value ? { system: first.system, value: first.value } : undefined;
}

function resultIds(report: JsonObject | undefined): string[] {
  const results = Array.isArray(report?.result) ? report.result.filter(isObject) : [];
  return results.flatMap(({ reference }) => /^Observation\/([A-Za-z0-9\-.]{1,64})$/.exec(String(reference))?.[1] ?? []);
}

function withdrawn(stored: JsonObject, { patient }: MappedRow) {
  const { id: _, meta: __, ...observation } = stored;
  const subject = patient && { subject: patientReference({ identifier: patient }) };
  return replaceEntry({ ...observation, ...subject, status: 'entered-in-error' } as unknown as Observation);
}
