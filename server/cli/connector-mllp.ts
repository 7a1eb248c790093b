// tsumugi connector mllp: the HL7 v2 listener as a process of its own, until SIGINT or SIGTERM.

import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { startMllpListener } from '../../connectors/mllp/listener.ts';
import { readTls } from '../../connectors/mllp/tls-files.ts';
import { type Command, CommandError } from './command.ts';
import { deliveryFlags, deliveryUsage, openDelivery } from './connector-delivery.ts';
import { explain } from './explain.ts';
import { institutionIn } from './flags.ts';

const text = { type: 'string' } as const;

export const connectorMllp: Pick<Command, 'usage' | 'run'> = {
  usage: `tsumugi connector mllp --port N [--host ADDRESS] [--institution NUMBER]
         ${deliveryUsage}
         [--certificate FILE --key FILE [--client-ca FILE]] [--verbose]
         HL7 v2 over MLLP. With --store, what the server cannot take now counts as kept (AA) once it is on the disk here.`,
  async run(args, out) {
    const options = {
      ...deliveryFlags,
      port: text,
      host: text,
      institution: text,
      certificate: text,
      key: text,
      'client-ca': text,
      verbose: { type: 'boolean' },
    } as const;
    const { values } = parseArgs({ args, options });
    const { host = '127.0.0.1', certificate, key, 'client-ca': clientAuthorities } = values;
    const institution = institutionIn(values.institution);
    const port = Number(values.port ?? Number.NaN);
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new CommandError('--port takes a number from 0 to 65535');
    const tls = await readTls({ certificate, key, clientAuthorities });
    const delivery = await openDelivery(values, out);
    try {
      const listener = await startMllpListener({
        ...{ port, host, deliverAll: delivery.deliverAll },
        ...(institution !== undefined && { institution }),
        ...(tls && { tls }),
        log: (level, line) => {
          if (level === 'warn') out.error(line);
          else if (values.verbose) out.line(line);
        },
      }).catch(explain);
      out.line(`HL7 v2 listener (MLLP) on port ${listener.port}`);
      await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
      await listener.close();
    } finally {
      await delivery.close();
    }
    return 0;
  },
};
