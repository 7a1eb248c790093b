// Every CDS Hooks service there is, on top of the planner's operations; the discovery answer is made of this list.

import { immunizationCheckService } from './immunization-check.ts';
import { patientViewService } from './patient-view.ts';
import type { CdsService } from './types.ts';

export const cdsServices: readonly CdsService[] = [patientViewService, immunizationCheckService];
