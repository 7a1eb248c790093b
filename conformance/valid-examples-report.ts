// `node conformance/valid-examples-report.ts [group …] [--all]`: what we find in published examples: errors, or all of it.
import { parseArgs } from 'node:util';
import { examined, exampleGroups } from './valid-examples.ts';

const { values: asked, positionals: named } = parseArgs({
  allowPositionals: true,
  options: { all: { type: 'boolean' } },
});
for (const group of exampleGroups.filter(({ name }) => named.length === 0 || named.includes(name))) {
  const startedMs = performance.now();
  for (const { file, found } of examined(group)) {
    const shown = found.filter(({ severity }) => asked.all || severity === 'error');
    for (const { severity, code, diagnostics, rule } of shown)
      console.log(`${group.name}/${file}: ${severity}${rule ? ` [${rule}]` : ''} ${code} ${diagnostics.slice(0, 300)}`);
  }
  console.error(`${group.name}: ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
}
