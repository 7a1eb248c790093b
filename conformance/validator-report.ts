// `node conformance/validator-report.ts [module …] [--all] [--terminology]`: the reference validator's cases one by one, what it
// finds and what we find: those we disagree on, or all of them. Closes with the figures by module.
import { parseArgs } from 'node:util';
import { type Judged, judgedCases } from './validator-cases.ts';

const { values: asked, positionals: modules } = parseArgs({
  allowPositionals: true,
  options: { all: { type: 'boolean' }, terminology: { type: 'boolean' } },
});

const cases = judgedCases().cases.filter(
  ({ module, needsTerminology }) =>
    (modules.length === 0 || modules.includes(module)) && needsTerminology === (asked.terminology ?? false),
);
for (const one of cases) if (asked.all || !one.agrees) tell(one);
const byModule = Map.groupBy(cases, ({ module }) => module);
for (const [module, ones] of [...byModule, ['all', cases] as const]) console.log(figures(module, ones));

function tell({ id, module, agrees, expected, found }: Judged): void {
  console.log(`\n${agrees ? 'agree' : 'DISAGREE'} ${id} (${module})`);
  for (const { severity, code, text, expression } of expected.issues)
    console.log(`  theirs ${severity} ${code} ${expression?.[0] ?? ''}: ${text.slice(0, 200)}`);
  for (const { severity, code, diagnostics, expression } of found)
    console.log(`  ours   ${severity} ${code} ${expression[0] ?? ''}: ${diagnostics.slice(0, 200)}`);
}

function figures(module: string, ones: readonly Judged[]): string {
  const bad = ones.filter(({ expected }) => expected.errors > 0);
  const good = ones.filter(({ expected }) => expected.errors === 0);
  const caught = bad.filter(({ agrees }) => agrees).length;
  const refused = good.filter(({ agrees }) => !agrees).length;
  const agreed = ones.filter(({ agrees }) => agrees).length;
  return `${module}: agree on ${agreed} of ${ones.length}; ${caught} of ${bad.length} bad found, ${refused} of ${good.length} good refused`;
}
