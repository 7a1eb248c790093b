// `npm run definitions`: writes definitions.json, to be run when the package hl7.fhir.r4.examples changes.

import { writeFileSync } from 'node:fs';
import { definitionsText } from './generate-text.ts';

writeFileSync(new URL('definitions.json', import.meta.url), definitionsText());
