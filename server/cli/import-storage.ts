// `tsumugi import FOLDER --format ssmix2`: a standardized storage, with a line that says how far it is.

import { createDeliverAll, DeliveryFailed } from '../../connectors/deliver.ts';
import { type ImportProgress, importStorage } from '../../connectors/ssmix2/import-storage.ts';
import { openStorage } from '../../connectors/ssmix2/open-storage.ts';
import { CommandError, type Output } from './command.ts';
import { connect, settingsOf } from './connect.ts';
import { tallyText } from './flags.ts';
import { type ImportCall, type ImportFormat, readCall } from './import-call.ts';

export const storageFormat: ImportFormat = {
  usage: `ssmix2    a standardized storage (its root folder), with --institution; a run that was ended goes on where it was when it
            is called again, by a ledger in DATA_DIR or --ledger FILE`,
  read(args) {
    const call = readCall(args);
    if (call.patient)
      throw new CommandError(
        'a storage names its own patients: --format ssmix2 takes neither --patient nor --identifier',
      );
    return (out) => importStorageFiles(call, out);
  },
};

const MOST_LINES = 100;
const quietEveryMs = 10_000;

async function importStorageFiles(call: ImportCall, out: Output): Promise<number> {
  const { path, institution, ledger } = call;
  const access = await connect(call);
  const dataDir = settingsOf().DATA_DIR;
  const storage = await openStorage({ path, fhirBase: access.fhirBase, institution, ledger, dataDir });
  const line = createLine(out);
  let told = 0;
  const file = (name: string, fate: string, reason?: string): void => {
    if (fate === 'stored' || fate === 'waiting' || ++told > MOST_LINES) return;
    line.clear();
    out.line(`${name}: ${fate}${reason ? `: ${reason}` : ''}`);
  };
  try {
    const deliverAll = createDeliverAll(access);
    const log = (text: string): void => {
      line.clear();
      out.error(text);
    };
    const scan = await importStorage({ ...storage, institution, deliverAll, file, log, progress: line.show });
    line.clear();
    if (told > MOST_LINES) out.line(`… and ${told - MOST_LINES} more: the table "file" of ${storage.ledgerFile}`);
    if (scan.left > 0) out.line(`${scan.left} left out: links, names that are none of a storage, files too large`);
    if (scan.unfinished > 0) out.line(`${scan.unfinished} still being written: import again to take them`);
    out.line(tallyText(scan));
    return scan.refused > 0 || scan.unfinished > 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof DeliveryFailed)) throw error;
    line.clear();
    out.error(`${error.message} What was handed over is noted: import again to go on.`);
    return 1;
  } finally {
    storage.ledger.close();
  }
}

/** `1,200 of about 250,000 files, 1,512 a second, 2 min 44 s left` */
export function progressText({ seen, total, perSecond, leftSeconds }: ImportProgress): string {
  const number = (value: number): string => Math.round(value).toLocaleString('en');
  const left = leftSeconds === undefined ? '' : `, ${duration(leftSeconds)} left`;
  return `${number(seen)} of ${total === undefined ? 'uncounted files' : `about ${number(total)} files`}, ${number(perSecond)} a second${left}`;
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

/** One line of a terminal that is written over; where the output goes elsewhere, a line now and then. */
function createLine(out: Output): { show(progress: ImportProgress): void; clear(): void } {
  const terminal = process.stderr;
  let isShown = false;
  let saidAtMs = performance.now();
  return {
    show(progress) {
      if (terminal.isTTY) {
        terminal.write(`\r${progressText(progress)}\u001b[K`);
        isShown = true;
      } else if (performance.now() - saidAtMs >= quietEveryMs) {
        saidAtMs = performance.now();
        out.error(progressText(progress));
      }
    },
    clear() {
      if (isShown) terminal.write('\r\u001b[K');
      isShown = false;
    },
  };
}
