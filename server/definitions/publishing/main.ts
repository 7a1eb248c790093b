// `npm run package:ig`: writes the implementation guide as a FHIR package. It stands here because a snapshot is made here, and
// profiles/ imports nothing that could make one.
//
//     npm run package:ig -- --with FOLDER --out FOLDER
//
// --with, once or more: a folder of definitions that ours stand on (JP Core, unpacked); --out: where the package goes, else here.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { guide } from '../guide.ts';
import { publishingDefinitions } from './bases.ts';
import { guidePackage, PACKAGE } from './guide-package.ts';
import { tarball } from './tar.ts';

const { values } = parseArgs({
  options: { with: { type: 'string', multiple: true, default: [] }, out: { type: 'string', default: '.' } },
});
const { files, withoutSnapshot } = guidePackage(guide(), publishingDefinitions(guide(), values.with));
const file = join(values.out, `${PACKAGE.id}-${PACKAGE.version}.tgz`);
const bytes = tarball(files);
mkdirSync(values.out, { recursive: true });
writeFileSync(file, bytes);
process.stdout.write(`${file}: ${files.length} files, ${bytes.length} bytes\n`);
if (withoutSnapshot.length > 0) {
  const missing = [...new Set(withoutSnapshot.flatMap((one) => one.missing))].sort();
  process.stdout.write(
    `${withoutSnapshot.length} profiles have no snapshot, because what they stand on is not at hand (--with FOLDER):\n`,
  );
  for (const url of missing) process.stdout.write(`  ${url}\n`);
}
