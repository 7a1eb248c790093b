// What PostgreSQL refuses, said in FHIR. Anything not listed is a bug and goes on as it came. pg's `detail` quotes values
// and is never used. SQLSTATE: PostgreSQL documentation, appendix A.

import { conflict, OperationOutcomeError, tooCostly, unavailable } from '../fhir/outcome.ts';

/** An error of the database as a refusal; other errors unchanged. */
export function outcomeOfDatabaseError(error: unknown): unknown {
  if (error instanceof OperationOutcomeError || !(error instanceof Error)) return error;
  // What cannot be noted is not done, and not shown.
  if ('table' in error && error.table === 'audit') return unavailable();
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  switch (code) {
    case '23505':
    case '40001':
    case '40P01':
      return conflict('Another request changed the same resource at the same time');
    case '57014':
      return tooCostly('The search took too long; name a patient, an identifier, or a shorter period');
    // Read only, no space, no memory, too many connections, no right to the table, input and output.
    case '25006':
    case '53100':
    case '53200':
    case '53300':
    case '42501':
    case '58030':
    case '57P01':
    case '57P02':
    case '57P03':
    case 'ECONNREFUSED':
    case 'ECONNRESET':
    case 'ENOENT':
    case 'EPIPE':
    case 'ETIMEDOUT':
      return unavailable();
    case undefined:
      return /connection terminated|connection error and is not queryable|timeout exceeded when trying to connect/i.test(
        error.message,
      )
        ? unavailable()
        : error;
    default:
      return error;
  }
}
