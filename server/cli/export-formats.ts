// What `tsumugi export` can write, each asked of the server's public API and turned into the bytes of the file.

import { writeNotebook } from '../../mappings/jahis/write-notebook.ts';
import { encodeWindows31j } from '../../mappings/windows-31j.ts';
import { isObject, parseJson } from '../fhir/json.ts';
import { credentialsIn } from '../health-cards/card-text.ts';

/** `body` is sent as FHIR JSON. Rejects with ExportFailed for every answer that is a refusal. */
export type Call = (path: string, method: 'GET' | 'POST', body?: object) => Promise<Response>;
type Bytes = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
type Format = { meaning: string; fetch(call: Call, patient: string, language: string): Promise<Bytes> };

/** What went wrong, as one sentence. */
export class ExportFailed extends Error {}

/** By the name that `--format` takes. */
export const exportFormats: Readonly<Record<string, Format>> = {
  fhir: {
    meaning: 'the record as one FHIR R4 Bundle in JSON',
    fetch: async (call, patient) => bytesOf(await call(`Patient/${patient}/$everything`, 'GET')),
  },
  ips: {
    meaning: 'an International Patient Summary for a doctor, a FHIR document',
    fetch: async (call, patient) => bytesOf(await call(`Patient/${patient}/$summary`, 'GET')),
  },
  pdf: {
    meaning: 'the record in the order of the paper handbook (母子健康手帳), PDF/A',
    fetch: async (call, patient, language) =>
      bytesOf(await call(`Patient/${patient}/$handbook?language=${language}`, 'GET')),
  },
  archive: {
    meaning: 'a signed ZIP for the family to keep; check it with: tsumugi verify FILE',
    fetch: async (call, patient, language) => bytesOf(await call(await archivePath(call, patient, language), 'GET')),
  },
  shc: {
    meaning: 'the vaccinations as SMART Health Cards (.smart-health-card)',
    fetch: async (call, patient) => [cardFile(await (await call(...issueOf(patient))).text())],
  },
  jahis: {
    meaning: 'a medication notebook (JAHISTC08, Windows-31J) to hand to a pharmacy',
    fetch: async (call, patient) => [notebookOf(await (await call(`Patient/${patient}/$everything`, 'GET')).text())],
  },
};

const bytesOf = (response: Response): Bytes => response.body ?? [];

/** Asks for the archive and polls until it can be fetched. */
async function archivePath(call: Call, patient: string, language: string): Promise<string> {
  const asked = await call(`Patient/${patient}/$archive`, 'POST', {
    resourceType: 'Parameters',
    parameter: [{ name: 'language', valueCode: language }],
  });
  const statusPath = pathOf(asked.headers.get('content-location'));
  for (;;) {
    const status = await call(statusPath, 'GET');
    if (status.status === 200) {
      const { output } = (await status.json()) as { output?: { url?: string }[] };
      return pathOf(output?.[0]?.url);
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs(status)));
  }
}

const retryMs = (response: Response): number =>
  Math.min(60, Math.max(1, Number(response.headers.get('retry-after')) || 1)) * 1000;

/** Of an address that the server gave, only what follows the base is used: the token goes to the server that was named. */
function pathOf(address: string | null | undefined): string {
  const last = /\/(\$[a-z-]+\?[\w.=&-]+)$/.exec(address ?? '')?.[1];
  if (last === undefined) throw new ExportFailed('the server gave no address for the archive');
  return last;
}

const issueOf = (patient: string) =>
  [
    `Patient/${patient}/$health-cards-issue`,
    'POST',
    {
      resourceType: 'Parameters',
      parameter: [{ name: 'credentialType', valueUri: 'https://smarthealth.cards#immunization' }],
    },
  ] as const;

/** The file of SMART Health Cards: {"verifiableCredential": [JWS …]}. Throws ExportFailed when there is none to put in. */
function cardFile(text: string): Uint8Array {
  const cards = credentialsIn(parsed(text)) ?? [];
  if (cards.length === 0)
    throw new ExportFailed('there is no vaccination by an organization, which alone goes on a card');
  return Buffer.from(JSON.stringify({ verifiableCredential: cards }));
}

/** The record as a medication notebook. Throws ExportFailed when the answer is no Bundle. */
function notebookOf(text: string): Uint8Array {
  const bundle = parsed(text);
  if (!isObject(bundle) || !Array.isArray(bundle.entry)) throw new ExportFailed('the server answered no record');
  return encodeWindows31j(
    writeNotebook(bundle.entry)
      .map((line) => `${line}\r\n`)
      .join(''),
  );
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
