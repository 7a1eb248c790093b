// Every $operation that is mounted, with what each needs.

import { recordLog } from '../audit/record-log.ts';
import { deidentifiedKind, deidentifiedWork } from '../bulk/deidentified-work.ts';
import { exportOperations } from '../bulk/export.ts';
import { exportKind, exportWork } from '../bulk/export-work.ts';
import { importOperation } from '../bulk/import.ts';
import { importWork } from '../bulk/import-work.ts';
import { patientEvents } from '../events/patient-events.ts';
import { sameEvent } from '../events/same-event.ts';
import type { Schedules } from '../forecast/known-schedules.ts';
import { graphqlOperations } from '../graphql/operation.ts';
import { handbookOf, handbookOperations } from '../handbook/operations.ts';
import { healthCardOperations } from '../health-cards/operations.ts';
import { deliver } from '../intake/deliver.ts';
import { deliveries, delivery, reviewed } from '../intake/deliveries.ts';
import type { Intake } from '../intake/intake.ts';
import { linkCode } from '../intake/link-code.ts';
import { linkFacility } from '../intake/link-facility.ts';
import { processMessage } from '../intake/process-message.ts';
import { unlinkFacility } from '../intake/unlink-facility.ts';
import type { Background } from '../interaction/background.ts';
import type { Operation } from '../interaction/request.ts';
import { breakGlass } from '../operations/break-glass.ts';
import { diff } from '../operations/diff.ts';
import { immunizationCheck } from '../operations/dose-check.ts';
import { encounterEverything } from '../operations/encounter-everything.ts';
import { writeFindings } from '../operations/findings.ts';
import { immdsForecast, patientForecast } from '../operations/forecast.ts';
import { patientGrowth } from '../operations/growth.ts';
import { growthRecord } from '../operations/growth-record.ts';
import { nextVaccines } from '../operations/next-vaccines.ts';
import { observationLastN } from '../operations/observation-lastn.ts';
import { paper } from '../operations/paper.ts';
import { ownEverything, patientEverything } from '../operations/patient-everything.ts';
import { patientPlan } from '../operations/plan.ts';
import { reindexStatus } from '../operations/reindex-status.ts';
import { agree, proposeConsent } from '../operations/research-consent.ts';
import { metaOperations } from '../operations/resource-meta.ts';
import { terminologyOperations } from '../operations/terminology-operations.ts';
import { validateOperations } from '../operations/validate.ts';
import { workOperations } from '../operations/work.ts';
import { archive, archiveWork } from '../record/archive.ts';
import { expunge } from '../record/expunge.ts';
import type { loadArchiveKeys } from '../record/keys.ts';
import { handOver } from '../relations/hand-over.ts';
import { relationOperations } from '../relations/operations.ts';
import { shareOperations } from '../share/operations.ts';
import type { ShareOptions } from '../share/share-options.ts';
import { createEraser } from '../store/expunge.ts';
import { findingsOf } from '../store/findings.ts';
import { createHandOvers } from '../store/hand-overs.ts';
import { createHealthCardStore } from '../store/health-cards.ts';
import type { Pool } from '../store/pool.ts';
import { walksOf } from '../store/reindex.ts';
import { createRelationStore } from '../store/relation-store.ts';
import { relationsOf } from '../store/relations.ts';
import { summaryOperations } from '../summary/summary.ts';
import { growthPicture } from './growth-picture.ts';
import { importDownload } from './import-download.ts';
import { messageDelivery } from './message-delivery.ts';
import { shareMakers } from './share-makers.ts';

type Needs = {
  pool: Pool;
  schedules: Schedules;
  intake: Intake;
  archiveKeys: Awaited<ReturnType<typeof loadArchiveKeys>>;
  /** Of this server, for what it signs. */
  version: string;
  /** The folder of the folders of work in the background. */
  workDir: string;
  shares: Omit<ShareOptions, 'makers'>;
};

/** Every kind of work in the background. */
export function backgroundKinds({
  pool,
  archiveKeys,
  version,
}: Pick<Needs, 'pool' | 'archiveKeys' | 'version'>): Background[] {
  return [
    archiveWork({
      ...{ keys: archiveKeys, version, growthPicture, handbook: handbookOf({ measuredOf: growthRecord }) },
      accessLog: (fhir, of) => recordLog(pool, fhir, of),
    }),
    exportWork(),
    deidentifiedWork(),
    importWork(),
  ];
}

export function mountedOperations({
  pool,
  schedules,
  intake,
  archiveKeys,
  version,
  workDir,
  shares,
}: Needs): Operation[] {
  const relations = (patient: string) => relationsOf(pool, patient);
  const relationStore = createRelationStore({ pool });
  const summaries = summaryOperations({ nextVaccines, version });
  const cards = healthCardOperations({ store: createHealthCardStore({ pool }), standingOf: intake.standingOf });
  return [
    patientEverything,
    ownEverything,
    encounterEverything,
    observationLastN,
    ...graphqlOperations,
    diff,
    patientForecast(schedules),
    immdsForecast(schedules),
    patientPlan,
    patientGrowth,
    patientEvents,
    sameEvent(intake),
    immunizationCheck,
    ...metaOperations,
    ...validateOperations,
    writeFindings({ findings: (key, version) => findingsOf(pool, key, version) }),
    ...terminologyOperations,
    deliver(intake),
    processMessage({ deliver: deliver(intake), deliveryOf: messageDelivery }),
    importDownload({ deliver: deliver(intake), standingOf: intake.standingOf }),
    delivery(intake),
    deliveries(intake),
    reviewed(intake),
    linkFacility(intake),
    linkCode(intake),
    unlinkFacility(intake),
    ...relationOperations(relationStore),
    ...workOperations({ dir: workDir, kinds: backgroundKinds({ pool, archiveKeys, version }) }),
    archive,
    handOver({ store: relationStore, handOvers: createHandOvers({ pool }), archive }),
    ...exportOperations,
    importOperation({ dir: workDir }),
    ...summaries,
    ...cards,
    ...shareOperations({ ...shares, makers: shareMakers({ summary: summaries[0], cards: cards[0] }) }),
    ...handbookOperations({ measuredOf: growthRecord }),
    paper({ relations, standingOf: intake.standingOf }),
    breakGlass({ relations }),
    proposeConsent({ relations }),
    agree({ relations }),
    reindexStatus({ walks: () => walksOf(pool) }),
    expunge({ keys: archiveKeys, eraser: createEraser({ pool, worksOfMany: [exportKind, deidentifiedKind] }) }),
  ];
}
