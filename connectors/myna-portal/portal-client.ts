// The flow of MyNa Portal's self-information API, as far as it is public: consent in the portal and a one-time code, POST
// /oauth/token, POST /request with template numbers, POST /result until there is one, which is given out once. Facts:
// portal-facts.json. OAuth 2.0 (RFC 6749) with proof keys (RFC 7636).

import { createHash, randomBytes } from 'node:crypto';
import { isObject, type JsonObject, numberText } from '../../server/fhir/json.ts';
import type { PortalCall } from './portal-call.ts';
import facts from './portal-facts.json' with { type: 'json' };
import { PortalFault } from './portal-fault.ts';
import type { PortalSettings } from './portal-settings.ts';

/** A consent that is being asked for: `url` is for the person's browser, the rest stays here. */
export type Authorization = { url: string; state: string; verifier: string };

/** What a consent gives: access for now, and with a linkage the right to come again without the person until a day. */
export type Grant = { accessToken: string; linkage?: { token: string; untilMs: number } };

/** What a template gave. */
export type PortalBlock = { templateId: string; data: JsonObject };

export type PortalClient = ReturnType<typeof createPortalClient>;

export function createPortalClient(options: {
  settings: PortalSettings;
  call: PortalCall;
  nowMs: () => number;
  sleep: (ms: number) => Promise<void>;
}) {
  const { settings, call } = options;
  return {
    /** A new one for each consent: its state and proof key belong to one browser and one code. */
    authorization: (wantsLinkage: boolean): Authorization => authorization(settings, wantsLinkage),
    /** Throws PortalFault `expired` for a code that was used or is too old. */
    exchange: (code: string, { verifier }: Authorization): Promise<Grant> =>
      askToken(options, {
        grant_type: 'authorization_code',
        code,
        redirect_uri: settings.redirectUri,
        code_verifier: verifier,
      }),
    /** Comes again by a linkage. Its token is used up; the grant brings the next. */
    renew: (token: string): Promise<Grant> => askToken(options, { grant_type: 'refresh_token', refresh_token: token }),
    /** One inquiry of every template of the settings. Throws PortalFault for every state but SUCCESS. */
    retrieve: async ({ accessToken }: Grant): Promise<PortalBlock[]> => {
      const processId = await startInquiry(call, settings, accessToken);
      const until = options.nowMs() + settings.patienceMs;
      for (;;) {
        const blocks = await askResult(call, settings, accessToken, processId);
        if (blocks) return blocks;
        if (options.nowMs() >= until)
          throw new PortalFault('expired', 'MyNa Portal had no answer in time. Try again later.');
        await options.sleep(settings.pollMs);
      }
    },
  };
}

function authorization(settings: PortalSettings, wantsLinkage: boolean): Authorization {
  const [state, verifier] = [randomBytes(32).toString('base64url'), randomBytes(48).toString('base64url')];
  const url = new URL(settings.authorizeUrl);
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  for (const [name, value] of Object.entries({
    response_type: 'code',
    client_id: settings.clientId,
    redirect_uri: settings.redirectUri,
    state,
    code_challenge: challenge,
    code_challenge_method: facts.proofKey.value,
    ...(wantsLinkage && { [facts.linkageParameter.value]: String(facts.linkageDays.value) }),
  }))
    url.searchParams.set(name, value);
  return { url: url.href, state, verifier };
}

async function askToken(
  { settings, call, nowMs }: { settings: PortalSettings; call: PortalCall; nowMs: () => number },
  parameters: Record<string, string>,
): Promise<Grant> {
  const form = new URLSearchParams({ client_id: settings.clientId, ...parameters }).toString();
  const { status, body } = await call(settings.tokenUrl, form, { 'content-type': 'application/x-www-form-urlencoded' });
  const answer = isObject(body) ? body : {};
  if (status === 400 && answer.error === 'invalid_grant')
    throw new PortalFault('expired', 'The consent was used already or has ended. Give it again.');
  if (status !== 200 || typeof answer.access_token !== 'string') throw refused(status);
  const seconds = Number(numberText(answer.refresh_expires_in) ?? 0);
  const most = facts.linkageDays.value * 86_400;
  const linkage = typeof answer.refresh_token === 'string' &&
    seconds > 0 && { linkage: { token: answer.refresh_token, untilMs: nowMs() + Math.min(seconds, most) * 1000 } };
  return { accessToken: answer.access_token, ...linkage };
}

async function startInquiry(call: PortalCall, settings: PortalSettings, accessToken: string): Promise<string> {
  const body = JSON.stringify({ template_ids: [...settings.templates.keys()], inquiry: settings.inquiry });
  const answer = await call(settings.requestUrl, body, withToken(accessToken));
  const id = isObject(answer.body) ? answer.body.process_id : undefined;
  if (answer.status !== 200 || typeof id !== 'string' || id === '') throw refused(answer.status);
  return id;
}

/** The blocks; undefined while there are none yet. */
async function askResult(
  call: PortalCall,
  { resultUrl, templates }: PortalSettings,
  accessToken: string,
  processId: string,
): Promise<PortalBlock[] | undefined> {
  const { status, body } = await call(resultUrl, JSON.stringify({ process_id: processId }), withToken(accessToken));
  const answer = isObject(body) ? body : {};
  if (status !== 200) throw refused(status);
  switch (answer.status) {
    case 'PENDING':
      return undefined;
    case 'SUCCESS':
      return blocksOf(answer[facts.resultMember.value], templates);
    case 'NEED_TO_VERIFY_USER':
      throw new PortalFault(
        'verify',
        'MyNa Portal asks the person to confirm who they are with the card. Give the consent again.',
      );
    case 'EXPIRED':
      throw new PortalFault('expired', 'The answer was given out before or has ended. Give the consent again.');
    default:
      throw refused(status);
  }
}

/** Blocks of templates that were not asked for are no answer to us. */
function blocksOf(sent: unknown, templates: PortalSettings['templates']): PortalBlock[] {
  const blocks = Array.isArray(sent) ? sent.filter(isObject) : [];
  return blocks.flatMap(({ templateId, ...data }) =>
    typeof templateId === 'string' && templates.has(templateId) ? [{ templateId, data }] : [],
  );
}

const withToken = (accessToken: string) => ({
  'content-type': 'application/json',
  authorization: `Bearer ${accessToken}`,
});

const refused = (status: number): PortalFault =>
  new PortalFault('refused', `MyNa Portal did not give the information (HTTP ${status}).`);
