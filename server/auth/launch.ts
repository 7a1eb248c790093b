// EHR launch: staff open an app for a patient they see; the app gets a value that is good once, for five minutes, for this
// client. SMART App Launch 2.2, "Launch App: EHR Launch".

import { randomBytes } from 'node:crypto';
import { type Client, errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { OidcStore } from '../store/oidc.ts';
import type { SmartContext } from './smart-context.ts';

export type Launch = Pick<SmartContext, 'patient' | 'encounter' | 'fhirContext' | 'need_patient_banner' | 'intent'> & {
  /** The client it is for. */
  client: string;
  /** Who opened it, and has to be who signs in: `Practitioner/ID`. */
  user?: string;
};

const launchS = 300;

/** The value for the `launch` parameter. */
export async function openLaunch(store: OidcStore, launch: Launch): Promise<string> {
  const text = randomBytes(32).toString('base64url');
  await store.put('Launch', text, { launch }, launchS);
  return text;
}

/** Undefined when there is no such launch for this client, or it was used; `isUsed` uses it up. */
export async function launchOf(
  store: OidcStore,
  text: unknown,
  client: string,
  { isUsed = false } = {},
): Promise<Launch | undefined> {
  if (typeof text !== 'string' || text === '') return undefined;
  const known = await store.find('Launch', text);
  const launch = known?.launch as Launch | undefined;
  if (launch === undefined || known?.consumed !== undefined || launch.client !== client) return undefined;
  return isUsed && !(await store.consume('Launch', text)) ? undefined : launch;
}

/** Of an authorization request: throws InvalidRequest for a launch that is not this client's, used, or missing where asked for. */
export function createCheckLaunch(store: OidcStore) {
  return async (ctx: KoaContextWithOIDC, text: unknown, client: Client): Promise<void> => {
    const isAsked = String(ctx.oidc.params?.scope ?? '')
      .split(' ')
      .includes('launch');
    if (text === undefined && !isAsked) return;
    if (!(await launchOf(store, text, client.clientId)))
      throw new errors.InvalidRequest('launch is not a value that was opened for this client, or it has been used');
  };
}
