// tsumugi connector mllp-send: the messages of a file over MLLP, in their order, with what became of each.

import { parseArgs } from 'node:util';
import { splitMessages } from '../../connectors/hl7v2-file.ts';
import { acknowledgedBy, createMllpSender, NotAnswered } from '../../connectors/mllp/send.ts';
import { readAuthorities, readTls } from '../../connectors/mllp/tls-files.ts';
import { type Command, CommandError } from './command.ts';
import { bytesOf } from './flags.ts';

const text = { type: 'string' } as const;

export const mllpSend: Pick<Command, 'usage' | 'run'> = {
  usage: `tsumugi connector mllp-send FILE --to HOST:PORT [--ca FILE [--certificate FILE --key FILE]]
         One message, or many one behind the other; exit code 1 when one was not accepted. --ca speaks TLS.`,
  async run(args, out) {
    const options = { to: text, ca: text, certificate: text, key: text } as const;
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
    const [file, ...more] = positionals;
    const [, host = '', port = ''] = /^\[?([^\s\]]+)\]?:(\d{1,5})$/.exec(values.to ?? '') ?? [];
    if (file === undefined || more.length > 0) throw new CommandError('name one FILE');
    if (host === '') throw new CommandError('--to takes HOST:PORT');
    const bytes = await bytesOf(file);
    const sender = createMllpSender({ host, port: Number(port), ...(await tlsOf(values)) });
    const messages = splitMessages(bytes);
    let refused = 0;
    try {
      for (const [n, message] of messages.entries()) {
        const answer = await sender.send(message);
        const { code } = acknowledgedBy(answer);
        const [, said = ''] = /[\r\n]MSA\|[^|\r\n]*\|[^|\r\n]*\|([^|\r\n]*)/.exec(answer) ?? [];
        if (!/^[AC]A$/.test(code)) refused += 1;
        out.line(`message ${n + 1} of ${messages.length}: ${code}${said && ` ${said}`}`);
      }
    } catch (error) {
      if (!(error instanceof NotAnswered)) throw error;
      throw new CommandError(`not delivered, and nothing behind it was sent: ${error.message}`);
    } finally {
      await sender.close();
    }
    return refused > 0 ? 1 : 0;
  },
};

async function tlsOf({ ca, certificate, key }: { ca?: string; certificate?: string; key?: string }) {
  const own = await readTls({ certificate, key, clientAuthorities: undefined });
  if (ca === undefined && own === undefined) return {};
  const shown = own && { cert: own.certificate, key: own.key };
  return { tls: { ...(ca !== undefined && { ca: await readAuthorities(ca) }), ...shown } };
}
