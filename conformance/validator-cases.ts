// Our validation against the reference validator's own cases: what it calls good has to be accepted; how many of the broken
// ones we find is told. `node conformance/validator-report.ts` shows them one by one. Data: ../shared/data.

import { definitionsOf, layered } from '../server/definitions/definitions.ts';
import { shippedDefinitions } from '../server/definitions/shipped.ts';
import { parseJson } from '../server/fhir/json.ts';
import { createTerminology } from '../server/terminology/create-terminology.ts';
import type { Finding } from '../server/validation/finding.ts';
import { createValidator } from '../server/validation/validator.ts';
import type { SuiteResult } from './suite.ts';
import { missingData, type ValidatorCase, validatorCases } from './validator-manifest.ts';

/** `agrees`: both find an error, or neither does. */
export type Judged = ValidatorCase & { found: Finding[]; agrees: boolean };

/** What we mean to reach, in per cent. */
type Goals = { agreed: number; found?: number; refused?: number };

export async function run(): Promise<SuiteResult> {
  const result = { name: 'validator-cases', passed: 0, failed: 0, skipped: 0, notes: [] as string[] };
  const missing = missingData();
  if (missing.length > 0) return { ...result, missing: missing.join(', ') };
  const { cases, skipped } = judgedCases();
  const plain = cases.filter(({ needsTerminology }) => !needsTerminology);
  const good = plain.filter(({ expected }) => expected.errors === 0);
  const failures = good.filter(({ agrees }) => !agrees).map(({ id }) => id);
  result.notes.push(
    told('without terminology', plain, { agreed: 90, found: 85, refused: 2 }),
    told(
      'with terminology',
      cases.filter(({ needsTerminology }) => needsTerminology),
      { agreed: 65 },
    ),
    `${skipped} validator cases are not JSON, without a plain expectation, or need packages`,
  );
  return { ...result, passed: good.length - failures.length, failed: failures.length, skipped, failures };
}

/** Every case with what we find in it. */
export function judgedCases(): { cases: Judged[]; skipped: number } {
  const { cases, skipped } = validatorCases();
  const judged = cases.map((one): Judged => {
    const found = findingsOf(one);
    const hasError = found.some(({ severity }) => severity === 'error');
    return { ...one, found, agrees: hasError === one.expected.errors > 0 };
  });
  return { cases: judged, skipped };
}

function told(kind: string, cases: readonly Judged[], goals: Goals): string {
  const bad = cases.filter(({ expected }) => expected.errors > 0);
  const good = cases.filter(({ expected }) => expected.errors === 0);
  const agreed = cases.filter(({ agrees }) => agrees).length;
  const found = bad.filter(({ agrees }) => agrees).length;
  const refused = good.filter(({ agrees }) => !agrees).length;
  const parts = [
    `agreed on ${share(agreed, cases.length)}, at least ${goals.agreed} %`,
    `${share(found, bad.length)} broken ones are found${goals.found === undefined ? '' : `, at least ${goals.found} %`}`,
    `${share(refused, good.length)} good ones are refused${goals.refused === undefined ? '' : `, at most ${goals.refused} %`}`,
  ];
  return `${kind}: ${parts.join('; ')}`;
}

const share = (part: number, whole: number): string => `${part} of ${whole} (${((100 * part) / whole).toFixed(1)} %)`;

function findingsOf({ text, supporting, profile }: ValidatorCase): Finding[] {
  const definitions = layered(
    definitionsOf(supporting.filter(({ url }) => typeof url === 'string')),
    shippedDefinitions(),
  );
  let resource: unknown;
  try {
    resource = parseJson(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return [{ severity: 'error', code: 'structure', expression: [], diagnostics: error.message }];
  }
  const validate = createValidator({ definitions, terminology: createTerminology(definitions) });
  return validate(resource, { profiles: profile === undefined ? [] : [profile] });
}
