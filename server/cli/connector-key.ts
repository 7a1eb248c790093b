// tsumugi connector key: makes the key pair with which a connector logs in. The private key stays in the file; what is printed is
// for `tsumugi create client --kind backend --jwks FILE`.

import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { exportJWK, generateKeyPair } from 'jose';
import { usualScope } from '../../connectors/login.ts';
import { type Command, CommandError } from './command.ts';

export const connectorKey: Pick<Command, 'usage' | 'run'> = {
  usage: `tsumugi connector key FILE --client ID [--scope "${usualScope}"]
         Writes new credentials into FILE and prints the public key set for tsumugi create client --id ID --jwks …`,
  async run(args, out) {
    const options = { client: { type: 'string' }, scope: { type: 'string', default: usualScope } } as const;
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) throw new CommandError('name one FILE');
    if (values.client === undefined) throw new CommandError('--client takes the id that the client has at the server');
    const alg = 'ES384';
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    const about = { kid: randomUUID(), alg, use: 'sig' };
    const credentials = {
      ...{ client_id: values.client, scope: values.scope },
      key: { ...(await exportJWK(privateKey)), ...about },
    };
    // Never over a file that is there: it may hold a key that is in use.
    await writeFile(file, `${JSON.stringify(credentials, undefined, 2)}\n`, { flag: 'wx', mode: 0o600 }).catch(
      (error: NodeJS.ErrnoException) => {
        throw new CommandError(`${file} cannot be written (${error.code ?? 'unknown error'})`);
      },
    );
    out.line(JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), ...about }] }));
    return 0;
  },
};
