// What interactions, operations, jobs and intake work with, made of one pool.

import type { Intake } from '../intake/intake.ts';
import type { Fhir } from '../interaction/request.ts';
import { createAuditLog } from '../store/audit.ts';
import { createCursors } from '../store/cursors.ts';
import { createDeliveries } from '../store/deliveries.ts';
import { decisionsOf } from '../store/event-decisions.ts';
import { createExportSource } from '../store/export-source.ts';
import { inTurn } from '../store/in-turn.ts';
import { createLinks } from '../store/links.ts';
import type { Pool } from '../store/pool.ts';
import { createReader } from '../store/read.ts';
import { createSearcher } from '../store/searcher.ts';
import { createSourceItems } from '../store/source-items.ts';
import { createStandings } from '../store/standing.ts';
import { createStoredValidation } from '../store/stored-definitions.ts';
import { createWorks } from '../store/works.ts';
import { createWriter } from '../store/write.ts';

type Needs = {
  pool: Pool;
  /** Public address without a slash at the end. */
  baseUrl: () => string;
  cursorKey: Uint8Array;
  nowMs?: (() => number) | undefined;
  /** Identifier systems of patient numbers that may look like a My Number. */
  mrnSystems?: readonly string[] | undefined;
};

/** What interactions, operations and jobs work with. */
export function createFhir({
  pool,
  baseUrl,
  cursorKey,
  nowMs = Date.now,
  mrnSystems = [],
  onBug = () => undefined,
}: Needs & Partial<Pick<Fhir, 'onBug'>>): Fhir {
  const base = `${baseUrl()}/fhir`;
  const readersOn = (connection: Pool) => ({
    reader: createReader({ pool: connection }),
    searcher: createSearcher({ pool: connection, nowMs }),
    audit: createAuditLog({ pool: connection }),
  });
  const validation = createStoredValidation({ pool });
  const fhir: Fhir = {
    write: createWriter({ pool, nowMs, base, exempt: { systems: new Set(mrnSystems) }, validation }),
    validatorNow: validation.validatorNow,
    ...readersOn(pool),
    cursors: createCursors(cursorKey),
    works: createWorks({ pool }),
    exported: createExportSource({ pool }),
    decisionsOf: (patient) => decisionsOf(pool, patient),
    within: (transaction, work) => inTurn(transaction, (connection) => work({ ...fhir, ...readersOn(connection) })),
    nowMs,
    onBug,
    base,
  };
  return fhir;
}

export const createIntake = ({ pool, mrnSystems = [] }: Pick<Needs, 'pool' | 'mrnSystems'>): Intake => ({
  exempt: { systems: new Set(mrnSystems) },
  deliveries: createDeliveries({ pool }),
  links: createLinks({ pool }),
  items: createSourceItems({ pool }),
  ...createStandings({ pool }),
});
