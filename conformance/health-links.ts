// SMART Health Links as a receiver meets them: payloads and encrypted files made for this (own/), and the examples of the HL7 guide
// and of health-cards-dev-tools (shl/, by index.tsv). Read by the code that stands in the viewer page.
// Data: ../shared/data/sharing
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type OpenedFile, openFile } from '../server/share/reading/file.ts';
import { type ReadLink, readLink } from '../server/share/reading/link.ts';
import { readManifest, readManifestFile } from '../server/share/reading/manifest.ts';
import type { SuiteResult } from './suite.ts';

const folder = fileURLToPath(new URL('../../shared/data/sharing/', import.meta.url));
/** The key of the guide's examples, as index.tsv names it. */
const guideKey = 'rxTgYlOaKJPFtcEd0qcceN8wEU4p94SqAwIWQe6uX7Q';
const nowMs = Date.parse('2026-11-23T00:00:00Z');

type Check = { id: string; expect: string; found: string };

export async function run(): Promise<SuiteResult> {
  const result = { name: 'health-links', passed: 0, failed: 0, skipped: 0, notes: [] as string[] };
  if (!existsSync(folder)) return { ...result, missing: '../shared/data/sharing' };
  const checks = [...payloads(), ...(await files()), ...(await examples())];
  const faults = Object.fromEntries(
    checks
      .filter(({ expect, found }) => expect !== found)
      .map(({ id, expect, found }) => [id, `${found}, expected ${expect}`]),
  );
  const failures = Object.keys(faults);
  const notes = ['One file of the guide is the JWS of a card and no JWE; it is refused as a file of a link.'];
  return { ...result, notes, passed: checks.length - failures.length, failed: failures.length, failures, faults };
}

const linesOf = <T>(path: string): T[] =>
  readFileSync(join(folder, path), 'utf8')
    .trim()
    .split('\n')
    .map((line): T => JSON.parse(line));

const payloads = (): Check[] =>
  linesOf<{ id: string; link: string; expect: string; at: number }>('own/shl-payload.jsonl').map((one) => ({
    id: `own payload ${one.id}`,
    expect: one.expect,
    found: readLink(one.link, { nowMs: one.at * 1000 }).outcome,
  }));

const files = (): Promise<Check[]> =>
  Promise.all(
    linesOf<{ id: string; key: string; jwe: string; expect: string }>('own/shl-file.jsonl').map(async (one) => ({
      id: `own file ${one.id}`,
      expect: one.expect,
      found: (await openFile(one.jwe, one.key)).outcome,
    })),
  );

const textOf = (name: string): string => readFileSync(join(folder, 'shl', name), 'utf8');
const jsonOf = (name: string) => JSON.parse(textOf(name));
/** What two members of one example say the same of. */
const same = (one: unknown, other: unknown): string => (one === other ? 'same' : `${one} and ${other}`);

/** What the guide and the tools hold to be valid; of what is invalid for one reason alone the reason is asked for. */
async function examples(): Promise<Check[]> {
  const guide = readLink(textOf('CARIN_INS_CD-bundle-01-shl.txt'), { nowMs });
  const ips = readLink(textOf('IPS_IG-bundle-01-shl.txt'), { nowMs });
  const direct = 'shlink-link-direct.txt';
  const own = { nowMs: 0, ownOrigin: 'http://localhost:8090' };
  const checks: Check[] = [
    ofLink('CARIN_INS_CD-bundle-01-shl.txt', guide),
    { id: 'its key', expect: 'same', found: same(payloadOf(guide)?.key, guideKey) },
    ofLink('IPS_IG-bundle-01-shl.txt', ips),
    {
      id: 'IPS_IG-bundle-01-enc.txt',
      expect: 'document',
      found: typeOf(await openFile(textOf('IPS_IG-bundle-01-enc.txt'), guideKey)),
    },
    {
      id: 'CARIN_INS_CD-bundle-01-enc.txt is no JWE',
      expect: 'reject',
      found: (await openFile(textOf('CARIN_INS_CD-bundle-01-enc.txt'), guideKey)).outcome,
    },
    { id: 'shl-manifest-1.json', expect: 'accept', found: readManifest(jsonOf('shl-manifest-1.json')).outcome },
    ...['IPS_IG-bundle-01', '120day_raw_obs_unguessable_shl_id0000000000', 'Working_Copy_of_carin-ins-card'].flatMap(
      detailed,
    ),
    { id: direct, expect: 'Its url is not https', found: whyOf(readLink(textOf(direct), { nowMs })) },
    { id: `${direct} at home`, expect: 'accept', found: readLink(textOf(direct), own).outcome },
    {
      id: 'shlink-payload.txt',
      expect: 'Its url is not https',
      found: whyOf(readLink(linkOf(textOf('shlink-payload.txt')), { nowMs })),
    },
    {
      id: 'shlink-manifest.txt',
      expect: 'The location of a file is not https',
      found: whyOf(readManifest(jsonOf('shlink-manifest.txt'))),
    },
    {
      id: 'shlink-manifest-file.txt',
      expect: 'The location of a file is not https',
      found: String(readManifestFile(jsonOf('shlink-manifest-file.txt'))),
    },
  ];
  for (const name of ['ERn18l4lL3_5yPXMSzx3ZejyMM_XIeWeseXa3DXsJD0', 'jvb42XYZTjY2BTZ2mcL6nozbTFT8Vs5G2_I-_IuxCZo']) {
    const { link, payload, jweFiles } = jsonOf(`shl-examples__${name}.json`);
    const read = readLink(link, own);
    checks.push({ id: `${name}: its link`, expect: 'same', found: same(payloadOf(read)?.key, payload.key) });
    for (const [n, jwe] of jweFiles.entries())
      checks.push({ id: `${name}: file ${n}`, expect: 'opens', found: opens(await openFile(jwe, payload.key)) });
  }
  return checks;
}

const ofLink = (id: string, { outcome }: ReadLink): Check => ({ id, expect: 'accept', found: outcome });
const payloadOf = (read: ReadLink) => ('payload' in read ? read.payload : undefined);
const whyOf = (read: { outcome: string; why?: string }): string => read.why ?? read.outcome;
const linkOf = (payload: string): string => `shlink:/${Buffer.from(payload.trim()).toString('base64url')}`;
const opens = (file: OpenedFile): string => (file.outcome === 'reject' ? file.why : 'opens');
const typeOf = (file: OpenedFile): string => (file.outcome === 'reject' ? file.why : JSON.parse(file.text).type);

/** Where the same link stands in parts and as text. */
function detailed(name: string): Check[] {
  const suffix = name.startsWith('120day') ? '.details.json' : '-shl-details.json';
  const { shlinkJsonPayload, shlinkBare, shlink } = jsonOf(`${name}${suffix}`);
  return [shlinkBare, shlink].map((link, n) => ({
    id: `${name} ${n === 0 ? 'bare' : 'with a viewer'}`,
    expect: 'same',
    found: same(JSON.stringify(payloadOf(readLink(link, { nowMs }))), JSON.stringify(ordered(shlinkJsonPayload))),
  }));
}

const ordered = ({ url, key, exp, flag, label }: Record<string, unknown>) => ({ url, key, exp, flag, label });
