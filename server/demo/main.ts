// `npm run demo`: the product does its job on a fresh machine, before your eyes. Leaves nothing behind, unless told to:
// --keep DIR leaves what was exported, --serve stays up with the loaded data.

import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { hospitalNumber } from './people.ts';
import { createPrinter } from './print.ts';
import { startProduct } from './product.ts';
import { tell } from './story.ts';

const { values } = parseArgs({ options: { keep: { type: 'string' }, serve: { type: 'boolean', default: false } } });
const write = (text: string) => process.stdout.write(text);
const print = createPrinter(write, process.stdout.isTTY);
const folder = await mkdtemp(join(tmpdir(), 'tsumugi-demo-'));

const removeFolder = () => rm(folder, { recursive: true, force: true });

write('\n   紡ぎ Tsumugi — a mother, a child and the people around them, on a server that was just started.\n');
const startedMs = performance.now();
const product = await startProduct({ dataDir: join(folder, 'data'), institution: hospitalNumber }).catch(
  async (error: unknown) => {
    await removeFolder();
    throw error;
  },
);
print.note(`server, database and HL7 port answer after ${Math.round(performance.now() - startedMs)} ms`);

try {
  const files = join(folder, 'files');
  await mkdir(files);
  const { childId, familyToken } = await tell({ product, print, folder: files });
  if (values.keep !== undefined) {
    await cp(files, values.keep, { recursive: true });
    print.note(`what was sent and exported is kept in ${values.keep}`);
  }
  if (values.serve) {
    write(
      `\n   FHIR   ${product.url}/fhir/Patient/${childId}/$everything\n   token  ${familyToken}\n   Ctrl+C ends the server and removes its data.\n`,
    );
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  }
} finally {
  await product.stop();
  await removeFolder();
}
write('\n   Done: everything above happened on this machine; its server and data are gone again.\n\n');
