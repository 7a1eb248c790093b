// How the judge runs the planner's tests: no database, one process without isolation, and the quick files first, because
// the first test that fails decides. The tests with thousands of invented children come last.
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** From the quickest to the slowest; a file that is not named here is quick. */
const SLOW = ['rules-of', 'cdsi/properties', 'properties', 'edges', 'plan', 'faulty-schedules'];

class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => SLOW.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
    return files.toSorted((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    include: ['test/forecast/**/*.test.ts'],
    setupFiles: ['conformance/faults/fixed-seed.ts'],
    pool: 'threads',
    isolate: false,
    maxWorkers: 1,
    sequence: { sequencer: QuickFirst },
    // A test of speed fails when other work slows the machine down: it may not call a fault found.
    testNamePattern: /^(?!.*in good time)/,
    testTimeout: 300_000,
  },
});
