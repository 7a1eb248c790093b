// The end of `npm test`, from vitest's JSON report: what was left out, what failed, and the closing line.

/** The parts of vitest's JSON report that are read here. */
export type Report = {
  numPassedTests: number;
  numFailedTests: number;
  testResults: {
    name: string;
    status: string;
    message?: string;
    assertionResults: { fullName: string; status: string }[];
  }[];
};

export type Run = {
  /** Undefined when vitest ended before it wrote one. */
  report: Report | undefined;
  leftOut: string[];
  exitCode: number;
  isCi: boolean;
};

/**
 * The lines to print, the closing one last, and the number of failures in it. Failures are tests, files that did not load,
 * a run that ended badly with neither (an error outside every test), and with `isCi` whatever was left out.
 */
export function summary({ report, leftOut, exitCode, isCi }: Run): { lines: string[]; failed: number } {
  const files = report?.testResults ?? [];
  const broken = files.filter((file) => file.status === 'failed' && !file.assertionResults.some(isFailed));
  const skipped = files.flatMap((file) => file.assertionResults.filter(isSkipped).map((one) => one.fullName));
  const missed = [...new Set(leftOut), ...skipped.map((name) => `test: ${name}`)];
  const failedTests = (report?.numFailedTests ?? 0) + broken.length;
  const strayFailure = exitCode !== 0 && failedTests === 0 ? 1 : 0;
  const failed = failedTests + strayFailure + (isCi ? missed.length : 0);
  const lines = [
    ...(missed.length === 0 ? [] : [`left out${isCi ? ' (a failure with CI=true)' : ''}:`]),
    ...missed.map((note) => `  ${note}`),
    ...broken.map((file) => `did not run: ${file.name}`),
    ...(strayFailure ? [`vitest ended with ${exitCode} although no test failed: see above`] : []),
    `${report?.numPassedTests ?? 0} passed, ${failed} failed`,
  ];
  return { lines, failed };
}

function isFailed(one: { status: string }): boolean {
  return one.status === 'failed';
}

function isSkipped(one: { status: string }): boolean {
  return one.status !== 'passed' && one.status !== 'failed';
}
