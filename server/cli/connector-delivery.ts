// How a connector that runs alone hands over: to a server by its address, with a token or credentials, and with a local store for
// what the server cannot take now. The flags are the same for all of them.

import { createDeliverAll, type DeliverAll } from '../../connectors/deliver.ts';
import { createDeliverAllAs, readCredentials } from '../../connectors/login.ts';
import { openStore } from '../../connectors/store.ts';
import { storeAndForward } from '../../connectors/store-and-forward.ts';
import { CommandError, type Output } from './command.ts';
import { textOf } from './flags.ts';

const text = { type: 'string' } as const;

/** For parseArgs: the way to the server, and the same with a local store. */
export const accessFlags = { server: text, token: text, 'token-file': text, credentials: text } as const;
export const deliveryFlags = { ...accessFlags, store: text } as const;
export const accessUsage = '--server URL (--credentials FILE | --token-file FILE | --token TOKEN)';
export const deliveryUsage = `${accessUsage} [--store FOLDER]`;

export type DeliveryFlags = { [Name in keyof typeof deliveryFlags]?: string | undefined };
export type OpenDelivery = { deliverAll: DeliverAll; close(): Promise<void> };

// A source that waits for its answer should not wait for a server that does not come.
const usualTimeoutMs = 15_000;

/** Throws CommandError for wrong flags, and what is for people when a file or the store cannot be used. */
export async function openDelivery(flags: DeliveryFlags, out: Output): Promise<OpenDelivery> {
  const deliverAll = await deliveryTo(addressOf(flags), flags);
  if (flags.store === undefined) return { deliverAll, close: async () => undefined };
  const store = await openStore({ folder: flags.store, log: (line) => out.error(line) });
  const log = (level: 'info' | 'warn', line: string) => (level === 'warn' ? out.error(line) : out.line(line));
  const forwarder = storeAndForward({ store, deliverAll, log });
  const close = async () => {
    await forwarder.close();
    await store.close();
  };
  return { deliverAll: forwarder.deliverAll, close };
}

/** The FHIR base of the server that is named. Throws CommandError. */
export function addressOf({ server }: DeliveryFlags): string {
  if (server === undefined || !/^https?:\/\/[^\s?#]+$/.test(server))
    throw new CommandError('--server takes the http or https address of the server');
  return `${server.replace(/\/$/, '')}/fhir`;
}

/** With the token or credentials that are named. Throws CommandError. */
export async function deliveryTo(
  fhirBase: string,
  flags: DeliveryFlags,
  timeoutMs = usualTimeoutMs,
): Promise<DeliverAll> {
  const { token, 'token-file': tokenFile, credentials } = flags;
  if ([token, tokenFile, credentials].filter((one) => one !== undefined).length !== 1)
    throw new CommandError('give one of --credentials, --token-file and --token');
  if (credentials !== undefined)
    return createDeliverAllAs({ fhirBase, credentials: readCredentials(await textOf(credentials)), timeoutMs });
  return createDeliverAll({ fhirBase, token: token ?? (await textOf(tokenFile ?? '')).trim(), timeoutMs });
}
