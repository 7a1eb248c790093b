// `node conformance/hapi/main.ts --jars FOLDER [--count 2000] [--seed 1] [--write]`: our validator beside HL7's reference validator on
// generated resources, valid ones and broken ones, and who is right where they disagree. Not part of any other command: it needs
// Java 17 and the jars that `mvn -f conformance/hapi/pom.xml dependency:copy-dependencies -DoutputDirectory=FOLDER` gathers.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseJson } from '../../server/fhir/json.ts';
import { validateInForce } from '../../server/validation/in-force.ts';
import { type Case, casesOf } from './cases.ts';
import { verdicts } from './verdicts.ts';

const { values: asked } = parseArgs({
  options: {
    jars: { type: 'string' },
    count: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    write: { type: 'boolean' },
  },
});
if (asked.jars === undefined) throw new Error('--jars names the folder with the reference validator');

/** [severity, message id, place, text], as Validate.java prints them. */
type TheirIssue = [string, string, string, string];
type Class = { key: string; count: number; ours: string; theirs: string };

const cases = casesOf(Number(asked.count), Number(asked.seed));
const lines = cases.map(({ resource }) => JSON.stringify(resource));
const theirs = judgedByThem(lines, asked.jars);
const validate = validateInForce;
const ours = lines.map((line) => validate(parseJson(line)).filter(({ severity }) => severity === 'error'));

const tally = { accept: 0, refuse: 0, differ: 0, samePlace: 0 };
/** Broken ones that both accept, by kind. */
const unseen = new Map<string, number>();
const classes = new Map<string, Class>();
const wrongSamples: string[] = [];
cases.forEach(compare);
const page = told();
console.log(page);
if (asked.write) writeFileSync(join(import.meta.dirname, 'results.md'), page);
const open = [...classes.keys()].filter((key) => verdicts[key] === undefined);
process.exitCode = open.length > 0 || wrongSamples.length > 0 ? 1 : 0;

function compare({ kind, resource }: Case, n: number): void {
  const [our] = ours[n] ?? [];
  const their = theirs[n]?.find(([severity]) => severity === 'error' || severity === 'fatal');
  if (kind === 'valid' && (our || their))
    wrongSamples.push(`${resource.resourceType}: ${our?.diagnostics ?? their?.[3]}`);
  if (our === undefined && their === undefined) {
    tally.accept++;
    if (kind !== 'valid') unseen.set(kind, (unseen.get(kind) ?? 0) + 1);
    return;
  }
  if (our !== undefined && their !== undefined) {
    tally.refuse++;
    if (isSamePlace(n)) tally.samePlace++;
    return;
  }
  tally.differ++;
  const key = `${kind}: ${our ? 'we' : 'they'} refuse`;
  const known = classes.get(key) ?? { key, count: 0, ours: our?.diagnostics ?? '', theirs: their?.[3] ?? '' };
  known.count++;
  classes.set(key, known);
}

/** Whether one of our errors stands where one of theirs does, or an element above or below. */
function isSamePlace(n: number): boolean {
  const places = (theirs[n] ?? [])
    .filter(([severity]) => severity === 'error' || severity === 'fatal')
    .map(([, , place]) => place.replaceAll(/\/\*.*?\*\/|\.ofType\(\w+\)/g, ''));
  return (ours[n] ?? []).some(({ expression: [at = ''] }) =>
    places.some((place) => place.startsWith(at) || at.startsWith(place)),
  );
}

function judgedByThem(resources: readonly string[], jars: string): TheirIssue[][] {
  const answer = execFileSync('java', ['-Xmx2g', '-cp', join(jars, '*'), join(import.meta.dirname, 'Validate.java')], {
    input: `${resources.join('\n')}\n`,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const issues = answer
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as TheirIssue[]);
  if (issues.length !== resources.length) throw new Error(`${issues.length} answers to ${resources.length} resources`);
  return issues;
}

function told(): string {
  const rows = [...classes.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  const kinds = new Set(cases.map(({ kind }) => kind)).size - 1;
  const share = ((100 * (cases.length - tally.differ)) / cases.length).toFixed(2);
  return `# Beside the reference validator

${cases.length} generated resources (seed ${asked.seed}), of which ${cases.filter(({ kind }) => kind === 'valid').length} valid and the others broken in ${kinds} ways. HAPI's R4 validation 8.8.0 with what is in R4
itself, no terminology server. Both accept ${tally.accept}, both refuse ${tally.refuse}, and on ${tally.differ} they differ: agreement ${share} %.
Of those that both refuse, ${tally.samePlace} have an error of ours where one of theirs stands, or an element above or below it.

Broken ones that both accept, most of which are no fault of R4 where they hit: ${[...unseen].map(([kind, count]) => `${kind} (${count})`).join(', ')}.
${wrongSamples.map((one) => `\nA sample that is not valid: ${one}`).join('')}
${rows.map(section).join('\n')}`;
}

function section({ key, count, ours: our, theirs: their }: Class): string {
  const said = our ? `We: ${our}` : `They: ${their}`;
  return `## ${key} (${count})

${said}

**Verdict.** ${verdicts[key] ?? 'not judged yet'}
`;
}
