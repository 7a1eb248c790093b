// `npm run definitions`: writes the pack of shipped definitions, to be run when one of the HL7 packages changes.

import { writeFileSync } from 'node:fs';
import { packOf } from '../pack.ts';
import { shippedResources } from './shipped-pack.ts';

const { index, bytes } = packOf(shippedResources());
writeFileSync(new URL('../shipped.json', import.meta.url), index);
writeFileSync(new URL('../shipped.bin', import.meta.url), bytes);
