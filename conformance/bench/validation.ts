// Validation, in a process of its own so that its memory can be told: definitions opened, a Patient and an Immunization of 1 KB
// held to FHIR and to profiles, a Bundle of 1 MB, every profile compiled. By the CPU that each used. Forked by itself.
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Definitions } from '../../server/definitions/definitions.ts';
import { CANONICAL } from '../../server/fhir/canonical.ts';
import type { JsonObject } from '../../server/fhir/json.ts';
import type { Validator } from '../../server/validation/validator.ts';
import { startHelper } from './processes.ts';

export type ValidationFigures = {
  /** From a bare process to definitions that answer, modules and all. */
  openedMs: number;
  /** Resident megabytes (2^20 bytes) above the bare process, so far. */
  openedMb: number;
  /** CPU of the first resource, for which the rules of its types are compiled. */
  firstMs: number;
  /** Snapshots and rules of so many profiles: CPU, and resident megabytes as above. */
  profiles: number;
  compiledMs: number;
  compiledMb: number;
  /** Resources per second of CPU, by the names of `asked`. */
  perSecond: Record<string, number>;
  bundleBytes: number;
  /** CPU. */
  bundleMs: number;
  /** What could not be measured, and what was found where nothing should be. */
  notes: string[];
};

const HL7 = 'http://hl7.org/fhir/StructureDefinition';
const JP = 'http://jpfhir.jp/fhir/core/StructureDefinition';
const OURS = `${CANONICAL}/StructureDefinition`;

type Rate = { name: string; type: 'Patient' | 'Immunization'; profile?: string; perSecond: number };
const asked: readonly Rate[] = [
  { name: 'Patient', type: 'Patient', perSecond: 30_000 },
  { name: 'Immunization', type: 'Immunization', perSecond: 30_000 },
  { name: 'Patient as JP_Patient', type: 'Patient', profile: `${JP}/JP_Patient`, perSecond: 8_000 },
  { name: 'Immunization as JP_Immunization', type: 'Immunization', profile: `${JP}/JP_Immunization`, perSecond: 8_000 },
  { name: 'Patient as ours', type: 'Patient', profile: `${OURS}/child`, perSecond: 8_000 },
  { name: 'Immunization as ours', type: 'Immunization', profile: `${OURS}/immunization`, perSecond: 8_000 },
];
const limits = { openedMs: 1500, compiledMb: 200 };

const FORKED = 'measure';
const people = 200;
const MB = 1_000_000;
const jpCore = fileURLToPath(new URL('../../../shared/data/jp-core/jp-core-1.2.0', import.meta.url));

/** Each measured in a window of so many seconds. */
export async function validation(seconds: number): Promise<ValidationFigures> {
  const helper = startHelper('validation.ts', [FORKED, String(seconds)]);
  const ended = once(helper, 'exit').then(([code]) => Promise.reject(new Error(`validation ended with ${code}`)));
  ended.catch(() => undefined);
  const [figures] = (await Promise.race([once(helper, 'message'), ended])) as [ValidationFigures];
  return figures;
}

/** One line for each figure. */
export function validationLines({ perSecond, notes, ...figures }: ValidationFigures): string[] {
  const { openedMs, openedMb, firstMs, profiles, compiledMs, compiledMb, bundleBytes, bundleMs } = figures;
  return [
    `validate: definitions opened in ${whole(openedMs)} ms, ${openedMb} MB; asked ${limits.openedMs} ms`,
    `validate: first resource ${whole(firstMs)} ms of CPU; ${profiles} profiles compiled in ${whole(compiledMs)} ms of CPU, ` +
      `${compiledMb} MB above a bare process, asked ${limits.compiledMb}`,
    ...asked.flatMap(({ name, perSecond: wanted }) => {
      const rate = perSecond[name];
      return rate === undefined ? [] : [`validate: ${name}: ${whole(rate)} a second of CPU, asked ${wanted}`];
    }),
    `validate: a Bundle of ${whole(bundleBytes / 1000)} kB in ${whole(bundleMs)} ms of CPU`,
    ...notes,
  ];
}

/** Sentences about figures that are worse than what is asked. */
export function validationShortfalls({ perSecond, openedMs, compiledMb }: ValidationFigures): string[] {
  const short = asked.filter((one) => (perSecond[one.name] ?? Infinity) < one.perSecond);
  return [
    ...short.map((one) => `${one.name}: ${whole(perSecond[one.name] ?? 0)}/s, asked ${one.perSecond}`),
    ...(openedMs > limits.openedMs ? [`definitions opened in ${whole(openedMs)} ms, asked ${limits.openedMs}`] : []),
    ...(compiledMb > limits.compiledMb ? [`${compiledMb} MB, asked ${limits.compiledMb}`] : []),
  ].map((what) => `below what is asked: validate: ${what}`);
}

/** For the JSON object that ends a run. */
export function validationJson({ perSecond, notes: _, ...figures }: ValidationFigures): Record<string, unknown> {
  const rounded = Object.entries({ ...figures, ...perSecond }).map(([name, value]) => [name, Math.round(value)]);
  return { validate: Object.fromEntries(rounded) };
}

if (process.argv[2] === FORKED && process.send)
  process.send(await measured(Number(process.argv[3])), () => process.disconnect());

async function measured(seconds: number): Promise<ValidationFigures> {
  const bareMb = residentMb();
  const startMs = performance.now();
  // What is measured is imported here and not above: until now the process was bare.
  const { shippedDefinitions } = await import('../../server/definitions/shipped.ts');
  const shipped = shippedDefinitions();
  shipped.find('StructureDefinition', `${HL7}/Patient`);
  const openedMs = performance.now() - startMs;
  const openedMb = residentMb() - bareMb;

  const { kilobytePatient } = await import('./kilobyte.ts');
  const validate = await validatorOf(shipped);
  const firstMs = cpuMsOf(() => validate(kilobytePatient(0)));

  const { createProfiles } = await import('../../server/validation/profile/profiles.ts');
  const urls = profilesOf(shipped);
  const profiles = createProfiles(shipped);
  const compiledMs = cpuMsOf(() => urls.map((url) => profiles.rulesOf(url)));
  const compiledMb = residentMb() - bareMb;

  const { resources, bundle } = await samples();
  const validators = { shipped: validate, withJpCore: await withJpCore(shipped) };
  const perSecond: Record<string, number> = {};
  const notes: string[] = [];
  for (const { name, type, profile } of asked) {
    const check = profile === undefined ? validators.shipped : validators.withJpCore;
    if (check === undefined) continue;
    const all = resources[type];
    const run = (one: JsonObject) => check(one, profile === undefined ? {} : { profiles: [profile] });
    const [fault] = all.flatMap(run);
    if (fault) notes.push(`validate: ${name}: ${fault.diagnostics}`);
    perSecond[name] = ratePerSecond(seconds, all, run);
  }
  validate(bundle.parsed);
  const bundleMs = Math.min(...[1, 2, 3].map(() => cpuMsOf(() => validate(bundle.parsed))));
  if (!validators.withJpCore) notes.push('validate: not measured with profiles, ../shared/data/jp-core is missing');
  return {
    openedMs,
    openedMb,
    firstMs,
    profiles: urls.length,
    compiledMs,
    compiledMb,
    perSecond,
    bundleBytes: bundle.bytes,
    bundleMs,
    notes,
  };
}

async function samples() {
  const { parseJson } = await import('../../server/fhir/json.ts');
  const { familyTransaction } = await import('./families.ts');
  const { kilobyteImmunization, kilobytePatient } = await import('./kilobyte.ts');
  const parsed = (value: object) => parseJson(JSON.stringify(value)) as JsonObject;
  const numbers = Array.from({ length: people }, (_, n) => n);
  const families: { entry: object[] } = { entry: [] };
  for (let n = 0, bytes = 0; bytes < MB; n++) {
    const text = familyTransaction(n, 30, 20);
    bytes += Buffer.byteLength(text);
    families.entry.push(...(JSON.parse(text) as { entry: object[] }).entry);
  }
  const bundle = { resourceType: 'Bundle', type: 'transaction', ...families };
  return {
    resources: {
      Patient: numbers.map((n) => parsed(kilobytePatient(n))),
      Immunization: numbers.map((n) => parsed(kilobyteImmunization(n, n % 30))),
    },
    bundle: { parsed: parsed(bundle), bytes: Buffer.byteLength(JSON.stringify(bundle)) },
  };
}

/** The profiles that R4, the extensions pack, IPS and our guide make of types. */
function profilesOf(definitions: Definitions): string[] {
  return [...definitions.urls('StructureDefinition')].filter(
    (url) => definitions.find('StructureDefinition', url)?.derivation === 'constraint',
  );
}

async function withJpCore(shipped: Definitions): Promise<Validator | undefined> {
  if (!existsSync(jpCore)) return undefined;
  const { definitionsOf, layered } = await import('../../server/definitions/definitions.ts');
  const resources = readdirSync(jpCore)
    .filter((file) => file.endsWith('.json'))
    .map((file): JsonObject => JSON.parse(readFileSync(`${jpCore}/${file}`, 'utf8')));
  return validatorOf(layered(shipped, definitionsOf(resources)));
}

async function validatorOf(definitions: Definitions): Promise<Validator> {
  const { createValidator } = await import('../../server/validation/validator.ts');
  const { createTerminology } = await import('../../server/terminology/create-terminology.ts');
  return createValidator({ definitions, terminology: createTerminology(definitions) });
}

function ratePerSecond(seconds: number, all: readonly JsonObject[], run: (one: JsonObject) => unknown): number {
  const runFor = (windowMs: number) => {
    const endMs = performance.now() + windowMs;
    let done = 0;
    for (; performance.now() < endMs; done += all.length) for (const one of all) run(one);
    return done;
  };
  runFor(seconds * 500);
  let done = 0;
  const usedMs = cpuMsOf(() => {
    done = runFor(seconds * 1000);
  });
  return (done * 1000) / usedMs;
}

function cpuMsOf(run: () => unknown): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function residentMb(): number {
  return Math.round(process.memoryUsage.rss() / 2 ** 20);
}
function whole(value: number): string {
  return String(Math.round(value));
}
