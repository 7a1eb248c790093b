// Writes server/growth/references/*.json anew: `node conformance/growth/make-references.ts`, where the shared data is at hand.

import { writeFileSync } from 'node:fs';
import { referenceFiles } from './references.ts';

for (const [name, content] of referenceFiles(new URL('../../../shared/data/growth/', import.meta.url)))
  writeFileSync(new URL(`../../server/growth/references/${name}`, import.meta.url), content);
