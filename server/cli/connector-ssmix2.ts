// tsumugi connector ssmix2: keeps up with a standardized storage, as a process of its own, until SIGINT or SIGTERM.

import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { openStorage } from '../../connectors/ssmix2/open-storage.ts';
import { startStorageWatch } from '../../connectors/ssmix2/watch-storage.ts';
import { type Command, CommandError } from './command.ts';
import { settingsOf } from './connect.ts';
import { accessFlags, accessUsage, addressOf, deliveryTo } from './connector-delivery.ts';
import { institutionIn } from './flags.ts';

const text = { type: 'string' } as const;

// Nobody waits for an answer, and a busy server answers a hundred files late.
const timeoutMs = 120_000;

export const connectorSsmix2: Pick<Command, 'usage' | 'run'> = {
  usage: `tsumugi connector ssmix2 --root FOLDER --institution NUMBER
         ${accessUsage} [--ledger FILE] [--round-seconds N]
         A hospital's standardized storage: all of it, then what changes; a whole round again every 15 minutes. Nothing is
         written there. What was handed over is noted in DATA_DIR, or in --ledger FILE.`,
  async run(args, out) {
    const options = { ...accessFlags, root: text, institution: text, ledger: text, 'round-seconds': text } as const;
    const { values } = parseArgs({ args, options });
    const { root, ledger, 'round-seconds': roundSeconds = '900' } = values;
    if (root === undefined) throw new CommandError('--root takes the root folder of the storage');
    const institution = institutionIn(values.institution);
    if (institution === undefined) throw new CommandError('--institution takes the 10-digit institution number');
    if (!/^[1-9]\d{0,5}$/.test(roundSeconds)) throw new CommandError('--round-seconds takes a whole number');
    const fhirBase = addressOf(values);
    const deliverAll = await deliveryTo(fhirBase, values, timeoutMs);
    const dataDir = settingsOf().DATA_DIR;
    const storage = await openStorage({ path: root, fhirBase, institution, ledger, dataDir });
    try {
      const roundEveryMs = Number(roundSeconds) * 1000;
      const connector = startStorageWatch({ ...storage, institution, deliverAll, roundEveryMs, log: out.line });
      const signals = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
      await Promise.race([signals, connector.ended]).catch((error: unknown) => {
        throw new CommandError(error instanceof Error ? error.message : 'the connector has ended');
      });
      await connector.close();
    } finally {
      storage.ledger.close();
    }
    return 0;
  },
};
