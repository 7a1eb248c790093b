// An export in a process of its own, to be killed: keeps its state in a file as the table of works does, and says so.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { systemAccess } from '../../server/access/access.ts';
import { createFhir } from '../../server/app/fhir.ts';
import { exportWork } from '../../server/bulk/export-work.ts';
import type { JsonObject } from '../../server/fhir/json.ts';
import { type Connection, openPool } from '../../server/store/pool.ts';

const [, , text = ''] = process.argv;
const { connection, request, folder, stateFile } = JSON.parse(text) as {
  connection: Connection;
  request: JsonObject;
  folder: string;
  stateFile: string;
};
const pool = openPool(connection, 4, 30_000);
const fhir = createFhir({ pool, baseUrl: () => 'https://tsumugi.test', cursorKey: new Uint8Array(32) });
const state = existsSync(stateFile) ? (JSON.parse(readFileSync(stateFile, 'utf8')) as JsonObject) : undefined;
const small = { pieceBytes: 20_000, sliceBytes: 1, firstRows: 7, fewestRows: 7 };
const manifest = await exportWork(small).run({
  ...{ fhir, id: crypto.randomUUID(), client: 'test', language: 'en', request, state, folder },
  access: systemAccess('test'),
  save: async (next) => {
    writeFileSync(`${stateFile}.new`, JSON.stringify(next));
    renameSync(`${stateFile}.new`, stateFile);
    process.stdout.write('saved\n');
  },
  fileUrl: (name) => name,
  signal: new AbortController().signal,
});
process.stdout.write(`${JSON.stringify(manifest)}\n`);
await pool.end();
