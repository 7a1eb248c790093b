// The version of this software, for what commands sign.

import { readFileSync } from 'node:fs';

export const { version: softwareVersion } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string };
