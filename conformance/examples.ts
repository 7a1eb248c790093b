// Every official R4 example through the server: PUT under its own id and read back, POSTed and read back, with no
// change of a value or of a number's digits. https://hl7.org/fhir/R4/http.html#upsert and #create
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type LocalServer, startLocalServer } from './local-server.ts';
import { firstDifference } from './same-content.ts';
import type { SuiteResult } from './suite.ts';

type Example = { file: string; type: string; id: string; text: string };
type Outcome = 'same' | 'too large' | { fault: string };

const folder = fileURLToPath(new URL('../node_modules/hl7.fhir.r4.examples/', import.meta.url));
const atOnce = 4;

export async function run(): Promise<SuiteResult> {
  const result = { name: 'examples', passed: 0, failed: 0, skipped: 0, notes: [] as string[] };
  if (!existsSync(folder)) return { ...result, missing: 'node_modules/hl7.fhir.r4.examples' };
  const faults: Record<string, string> = {};
  let tooLarge = 0;
  const server = await startLocalServer();
  try {
    await eachOf(exampleFiles(), async (file) => {
      const outcome = await throughServer(server, readExample(file));
      if (typeof outcome === 'object') faults[file] = outcome.fault;
      else {
        result.passed++;
        if (outcome === 'too large') tooLarge++;
      }
    });
  } finally {
    await server.close();
  }
  result.notes.push(
    `${result.passed - tooLarge} came back as they were sent, by PUT and by POST; ${tooLarge} are above the body limit (413)`,
  );
  const failures = Object.keys(faults).sort();
  return { ...result, failed: failures.length, failures, faults };
}

async function throughServer(server: LocalServer, example: Example): Promise<Outcome> {
  const outcome = await putAndRead(server, example);
  return outcome === 'same' ? postAndRead(server, example) : outcome;
}

async function putAndRead(server: LocalServer, { type, id, text }: Example): Promise<Outcome> {
  const path = `${type}/${id}`;
  const put = await server.ask({ method: 'PUT', path, body: text });
  if (put.status === 413) return 'too large';
  // One id comes twice in the package; the later one is an update.
  if (put.status !== 201 && put.status !== 200) return { fault: `PUT ${put.status} ${put.text.slice(0, 300)}` };
  return readBack(server, path, text, false);
}

async function postAndRead(server: LocalServer, { type, text }: Example): Promise<Outcome> {
  const post = await server.ask({ method: 'POST', path: type, body: text });
  if (post.status === 413) return 'too large';
  if (post.status !== 201) return { fault: `POST ${post.status} ${post.text.slice(0, 300)}` };
  const path = /\/fhir\/(.+)\/_history\/1$/.exec(post.headers.location ?? '')?.[1];
  return path === undefined ? { fault: 'no Location' } : readBack(server, path, text, true);
}

async function readBack(server: LocalServer, path: string, text: string, mayRename: boolean): Promise<Outcome> {
  const read = await server.ask({ method: 'GET', path });
  if (read.status !== 200) return { fault: `read ${read.status}` };
  const changed = firstDifference(text, read.text, { mayRename });
  return changed === undefined ? 'same' : { fault: `${changed} has changed` };
}

function exampleFiles(): string[] {
  return readdirSync(folder).filter((file) => /^[A-Za-z].*\.json$/.test(file) && file !== 'package.json');
}

function readExample(file: string): Example {
  const text = readFileSync(`${folder}${file}`, 'utf8');
  const { resourceType, id } = JSON.parse(text) as { resourceType: string; id: string };
  return { file, type: resourceType, id, text };
}

/** A few at a time, so that the server is kept busy and the memory is not. */
async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}
