// One record (line) of a JAHIS file: its number, and its fields by place.

export type JahisRecord = {
  /** Record number of the format: '1' patient, '201' drug, … */
  kind: string;
  /** Fields behind the record number, trimmed; read past the end with `at`. */
  fields: string[];
  /** Line in the file, from 1. */
  line: number;
};

/** Field `n` of a record, 1-based behind the record number; '' when absent (old versions end their lines early). */
export function at(record: JahisRecord | undefined, n: number): string {
  return record?.fields[n - 1] ?? '';
}
