// Inferno's list of what SMART App Launch 2.2.0 requires of servers, from its CSV. https://github.com/inferno-framework

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const requirementsFile =
  '../shared/data/sharing/smart/lib__smart_app_launch__requirements__generated__smart_stu2_2_requirements_coverage.csv';

export type Requirement = { id: number; url: string; conformance: string };

/** The SHALLs and SHALL NOTs; undefined when the list is not here. */
export function readShalls(): Requirement[] | undefined {
  const path = fileURLToPath(new URL(`../../${requirementsFile}`, import.meta.url));
  if (!existsSync(path)) return undefined;
  const [, ...rows] = rowsOf(readFileSync(path, 'utf8'));
  return rows
    .map(([, id = '', url = '', , conformance = '']) => ({ id: Number(id), url, conformance }))
    .filter(({ conformance }) => /^SHALL/.test(conformance));
}

/** RFC 4180, as far as this file goes: quoted cells hold commas, line ends and doubled quotes. */
function rowsOf(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, bare = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    row.push(quoted?.replaceAll('""', '"') ?? bare);
    if (end === ',') continue;
    if (row.some((cell) => cell !== '')) rows.push(row);
    row = [];
  }
  return rows;
}
