// SMART Health Cards of others, good and bad, against server/health-cards: our own cases, the examples of the specification and those of
// health-cards-dev-tools, as card, file, payload, Bundle, numeric QR code and picture, and keys. Where a case is judged otherwise here the
// reason stands below. Data: ../shared/data/sharing/{own/shc*.jsonl,shc-spec,shc-devtools,shc-keys}
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readPng } from '../connectors/jahis/png.ts';
import { readQrCodes } from '../connectors/jahis/qr-codes.ts';
import { isObject, type JsonObject } from '../server/fhir/json.ts';
import { bundleFaults, qrFaults } from '../server/health-cards/bundle-rules.ts';
import { type CardFault, UnreadableCard } from '../server/health-cards/card-fault.ts';
import { cardsInText } from '../server/health-cards/card-text.ts';
import { readCard, readPayload } from '../server/health-cards/read-card.ts';
import { faultsOfKey, type TrustedIssuer } from '../server/health-cards/trust.ts';
import { fhirFaults } from '../server/health-cards/verify.ts';
import type { SuiteResult } from './suite.ts';

const FOLDER = '../shared/data/sharing';
const root = fileURLToPath(new URL(`../${FOLDER}/`, import.meta.url));

/** Why a case of the index is not run. */
const leftOut: Readonly<Record<string, string>> = {
  'test-example-00-g-qr-code-0-scaled-23.jpg': 'no JPEG is read here',
  'test-example-00-g-qr-code-0-corrupted.png': 'that a picture cannot be read is a case of connectors',
  'test-example-00-g-qr-code-0-bad_qr_version.png':
    'versions of symbols are not looked at: what a scanner read is judged',
  'test-example-00-g-qr-code-0-single_qr_segment.png':
    'segments of symbols are not looked at: what a scanner read is judged',
  'test-example-00-g-qr-code-0-too_many_qr_segment.png':
    'segments of symbols are not looked at: what a scanner read is judged',
};

/** What the index says of a case is not what is asked here, for a reason. */
const otherwise: Readonly<Record<string, { expect: 'reject' | 'reject-qr'; why: string }>> = {
  'example-02-a-fhirBundle.json': {
    expect: 'reject-qr',
    why: 'a document with a Composition: its card is a file, and for a code it is not minified',
  },
  'test-example-00-a-fhirBundle-bad_meta_non_security.json': {
    expect: 'reject',
    why: 'its meta is empty but for an id, which is not valid FHIR: more than a warning here',
  },
  'test-example-00-a-non-dm-properties.json': {
    expect: 'reject',
    why: 'its meta is a string, which is not valid FHIR: more than a warning here',
  },
};

type Told = { faults: readonly CardFault[]; qrFaults: readonly CardFault[] };

export async function run(): Promise<SuiteResult> {
  const result = { name: 'health-cards', passed: 0, failed: 0, skipped: 0, notes: [] as string[] };
  if (!existsSync(`${root}index.tsv`)) return { ...result, missing: FOLDER };
  const faults: Record<string, string> = {};
  const count = (id: string, fault: string | undefined) => {
    if (fault === undefined) result.passed++;
    else faults[id] = fault;
  };
  for (const line of linesOf('own/shc.jsonl')) {
    const { id, jws, expect, at } = line as { id: string; jws: string; expect: string; at: number };
    count(
      `own/${id}`,
      other(expect, verdictOf(readCard(jws, { trusted: [ownIssuer()], atSeconds: at, validate: fhirFaults }))),
    );
  }
  for (const line of linesOf('own/shc-qr.jsonl')) {
    const { id, qr, expect } = line as { id: string; qr: string[]; expect: string };
    count(`own-qr/${id}`, other(expect, verdictOfText(qr.join('\n'), 1_790_000_000)));
  }
  for (const { file, expect } of indexed()) {
    const name = file.slice(file.indexOf('/') + 1);
    if (name in leftOut) {
      result.skipped++;
      continue;
    }
    const found = verdictOfFile(file);
    if (found === undefined) continue;
    count(file, other(otherwise[name]?.expect ?? expect, found));
  }
  for (const name of readdirSync(`${root}shc-keys`)) {
    const isGood = /^valid_/.test(name);
    if (!isGood && !/^wrong_/.test(name)) continue;
    const keys = keysIn(json(`shc-keys/${name}`));
    const found = keys.flatMap(faultsOfKey).length === 0 ? 'accept' : 'reject';
    count(`shc-keys/${name}`, other(isGood ? 'accept' : 'reject', found));
  }
  const reasons = Object.entries(otherwise).map(([name, { why }]) => `${name}: ${why}.`);
  result.notes.push(...reasons, ...new Set(Object.entries(leftOut).map(([name, why]) => `${name}: ${why}.`)));
  const failures = Object.keys(faults);
  return { ...result, failed: failures.length, failures, faults };
}

function other(expected: string, found: string): string | undefined {
  const wanted = expected.startsWith('valid') ? 'accept' : expected === 'invalid' ? 'reject' : expected;
  // A Bundle or a payload that may not go into a QR code is invalid for those who make codes.
  return wanted === found || (wanted === 'reject' && found === 'reject-qr') ? undefined : `is ${found}, not ${wanted}`;
}

const verdictOf = ({ faults, qrFaults: ofQr }: Told): string => {
  if (faults.length > 0) return 'reject';
  return ofQr.length > 0 ? 'reject-qr' : 'accept';
};

function unreadable(read: () => string): string {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnreadableCard) return 'reject';
    throw error;
  }
}

/** A file may hold a card that no code may: for that one only what makes a card invalid counts. */
const verdictOfText = (text: string, atSeconds?: number): string =>
  unreadable(() => {
    const cards = cardsInText(text);
    const read = cards.map((one) => {
      const told = readCard(one.jws, {
        trusted: issuers(),
        atSeconds: atSeconds ?? timeFor(one.jws),
        validate: fhirFaults,
      });
      const ofCode = one.isFromQr && one.warnings.length === 0 ? told.qrFaults : [];
      return [...one.faults, ...told.faults, ...ofCode];
    });
    return read.flat().length === 0 ? 'accept' : 'reject';
  });

/** Cards of the examples are judged at a moment at which they are valid by their own word, if there is one. */
const timeFor = (jws: string): number => timeOf(readCard(jws, { trusted: [], atSeconds: 0 }).payload);
const timeOf = (payload: JsonObject | undefined): number =>
  typeof payload?.exp === 'number' ? payload.exp - 1 : afterAll;
/** 2025-11-24, after the last of the examples was made. */
const afterAll = 1_764_000_000;

function verdictOfFile(file: string): string | undefined {
  const text = () => readFileSync(root + file, 'utf8').replace(/\n$/, '');
  if (file.endsWith('.png')) return verdictOfText(codesIn([file]).join('\n'));
  if (/qr-code-numeric/.test(file)) return verdictOfText(chunksBeside(file).join('\n'));
  if (/jws-payload/.test(file))
    return unreadable(() => {
      const told = readPayload(Buffer.from(text()), {
        atSeconds: timeOf(JSON.parse(text().replace(/\}[^}]*$/, '}'))),
        validate: fhirFaults,
      });
      return told.faults.length === 0 ? 'accept' : 'reject';
    });
  if (/fhirBundle|fhirbundle|00-a-/.test(file)) return unreadable(() => ofBundle(JSON.parse(text())));
  if (/jws|\.smart-health-card$|wrong-extension$|fhirhealthcard/.test(file)) return verdictOfText(text());
  return undefined;
}

function ofBundle(bundle: JsonObject): string {
  return verdictOf({ faults: bundleFaults(bundle, fhirFaults), qrFaults: qrFaults(bundle) });
}

/** The text of every code of the card that this file holds one of. */
function chunksBeside(file: string): string[] {
  const [, before, kind] = /^(.*qr-code-numeric-value-)\d+(.*)$/.exec(file) ?? [];
  const [folder = '', name = ''] = (before ?? '').split('/');
  const all = readdirSync(root + folder).filter(
    (one) => one.startsWith(name) && one.replace(/^.*value-\d+/, '') === kind,
  );
  return all.map((one) => readFileSync(`${root}${folder}/${one}`, 'utf8').replace(/\n$/, ''));
}

const codesIn = (files: readonly string[]): string[] =>
  files.flatMap((file) =>
    readQrCodes(readPng(readFileSync(root + file))).map(({ bytes }) => Buffer.from(bytes).toString('latin1')),
  );

function indexed(): { file: string; expect: string }[] {
  return readFileSync(`${root}index.tsv`, 'utf8')
    .split('\n')
    .map((line) => line.split('\t'))
    .flatMap(([file = '', expect = '']) =>
      /^shc-(?:spec|devtools)\//.test(file) && /^(?:valid|invalid)/.test(expect) ? [{ file, expect }] : [],
    );
}

const json = (file: string): unknown => JSON.parse(readFileSync(root + file, 'utf8'));
const keysIn = (file: unknown): unknown[] => (isObject(file) && Array.isArray(file.keys) ? file.keys : [file]);
const linesOf = (file: string): unknown[] =>
  readFileSync(root + file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

const ownIssuer = (): TrustedIssuer => ({
  iss: 'https://phr.example.jp/shc',
  keys: keysIn(json('own/shc-jwks.json')),
  crls: [json('own/shc-crl.json')],
});

/** The examples' issuer, and those of the cases with bad lists of revoked cards. */
function issuers(): TrustedIssuer[] {
  const testdata = 'https://raw.githubusercontent.com/smart-on-fhir/health-cards-dev-tools/main/testdata/badcrl';
  const bad = readdirSync(`${root}shc-devtools`).flatMap((name): TrustedIssuer[] => {
    const [, kind] = /^badcrl__(.*)__\.well-known__crl__/.exec(name) ?? [];
    if (kind === undefined) return [];
    const keys = keysIn(json(`shc-keys/badcrl__${kind}__.well-known__jwks.json`));
    return [{ iss: `${testdata}/${kind}`, keys, crls: [json(`shc-devtools/${name}`)] }];
  });
  const crls = readdirSync(`${root}shc-keys`).filter((name) => name.startsWith('issuer__.well-known__crl__'));
  const example = {
    iss: 'https://spec.smarthealth.cards/examples/issuer',
    keys: keysIn(json('shc-keys/issuer__.well-known__jwks.json')),
    crls: crls.map((name) => json(`shc-keys/${name}`)),
  };
  return [ownIssuer(), example, ...bad];
}
