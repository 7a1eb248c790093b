// Tests: one embedded PostgreSQL for the whole run (test/support/global-setup.ts), test files two at a time.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Only what hangs is ended: on a machine with other work a start of PostgreSQL alone may take a minute.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
