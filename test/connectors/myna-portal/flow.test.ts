// Consent, one-time code, token, inquiry and one-time answer against the double of the portal (test/support/myna-portal).
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDeliver } from '../../../connectors/deliver.ts';
import { importPortal, type PortalImport } from '../../../connectors/myna-portal/import-portal.ts';
import { createPortalCall } from '../../../connectors/myna-portal/portal-call.ts';
import { createPortalClient } from '../../../connectors/myna-portal/portal-client.ts';
import { readPortalSettings } from '../../../connectors/myna-portal/portal-settings.ts';
import { receiveCode } from '../../../connectors/myna-portal/receive-code.ts';
import { freePort } from '../../../server/store/embedded/free-port.ts';
import { type DeliveryServer, partsOf, startDeliveryServer } from '../../support/delivery-server.ts';
import { type Certificates, newCertificates } from '../../support/myna-portal/certificates.ts';
import { type Portal, startPortal } from '../../support/myna-portal/portal.ts';
import { mchJson, vaccinationJson } from '../../support/samples/myna.ts';

const clientId = 'SP12345678_AB1234';
const [vaccinations, checkups] = ['TM00000000000101', 'TM00000000000102'];
const nowMs = Date.parse('2026-12-01T00:00:00Z');
const dayMs = 86_400_000;

let certificates: Certificates;
beforeAll(() => {
  certificates = newCertificates(clientId);
});

let portal: Portal;
let server: DeliveryServer;
let redirectUri: string;
let folder: string;
const closing: (() => unknown)[] = [];
beforeEach(async () => {
  redirectUri = `http://127.0.0.1:${await freePort('127.0.0.1')}/back`;
  portal = await startPortal({ clientId, redirectUri, certificates, nowMs });
  portal.blocks.set(vaccinations, JSON.parse(Buffer.from(vaccinationJson()).toString()));
  portal.blocks.set(checkups, JSON.parse(Buffer.from(mchJson()).toString()));
  server = await startDeliveryServer();
  folder = await mkdtemp(join(tmpdir(), 'tsumugi-myna-'));
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await portal.close();
  await server.close();
  await rm(folder, { recursive: true });
});

const settingsText = (more: object = {}) =>
  JSON.stringify({
    base: portal.base,
    clientId,
    redirectUri,
    templates: { [vaccinations]: 'vaccination-json', [checkups]: 'mch-json' },
    certificate: 'c.pem',
    key: 'k.pem',
    pollMs: 5,
    patienceMs: 2_000,
    ...more,
  });

function prepare(change: Partial<PortalImport> & { tls?: { cert: string; key: string } } = {}): PortalImport {
  const settings = readPortalSettings(settingsText());
  const { call, close } = createPortalCall({ ...(change.tls ?? certificates.partner), ca: certificates.ca });
  closing.push(close);
  const now = () => portal.clock.nowMs;
  // Time goes on while it waits, on the portal's clock.
  const sleep = async (ms: number) => {
    portal.clock.nowMs += ms;
  };
  return {
    client: createPortalClient({ settings, call, nowMs: now, sleep }),
    settings,
    patient: { reference: 'Patient/hikari' },
    mother: { reference: 'Patient/hanako' },
    deliver: createDeliver({ fhirBase: server.fhirBase, token: 'T' }),
    consent: async (authorization) => {
      const receiver = await receiveCode(settings);
      closing.push(receiver.close);
      const code = receiver.code(authorization.state);
      await Promise.all([code, portal.visit(authorization.url)]);
      await receiver.close();
      return code;
    },
    nowMs: now,
    ...change,
  };
}

describe('a visit to the portal', () => {
  it('brings what the person agreed to into the records that were named', async () => {
    portal.states.push('PENDING', 'PENDING');
    expect(await importPortal(prepare())).toEqual({ stored: 3, waiting: 0, refused: 0 });
    expect(portal.calls).toEqual(['/oauth/authorize', '/oauth/token', '/request', '/result', '/result', '/result']);
    const sent = server.received.map(partsOf);
    expect(sent.map(({ patient }) => patient.valueReference.reference)).toEqual([
      'Patient/hikari',
      'Patient/hikari',
      'Patient/hanako',
    ]);
    expect(sent[0]?.record.entry).toHaveLength(2);
    // The portal's own words are kept, digits and all.
    expect(JSON.parse(sent[0]?.original.toString() ?? '')).toMatchObject({ templateId: vaccinations });
  });

  it.each<['NEED_TO_VERIFY_USER' | 'ERROR' | 'EXPIRED', string]>([
    ['NEED_TO_VERIFY_USER', 'confirm who they are'],
    ['ERROR', 'did not give the information'],
    ['EXPIRED', 'given out before or has ended'],
  ])('ends with a sentence when the portal says %s', async (state, expected) => {
    portal.states.push('PENDING', state);
    await expect(importPortal(prepare())).rejects.toThrow(expected);
    expect(server.received).toEqual([]);
  });

  it('gives up when there is no answer in time', async () => {
    portal.states.push(...Array<'PENDING'>(10_000).fill('PENDING'));
    await expect(importPortal(prepare())).rejects.toThrow('no answer in time');
  });

  it('ends when the person declines', async () => {
    portal.person = 'declines';
    await expect(importPortal(prepare())).rejects.toThrow('consent was not given');
    expect(portal.calls).toEqual(['/oauth/authorize']);
  });

  it('is let in with the certificate of the partner alone', async () => {
    await expect(importPortal(prepare({ tls: certificates.stranger }))).rejects.toMatchObject({ name: 'PortalFault' });
  });

  it('takes an answer and a code once', async () => {
    const { client, consent } = prepare();
    const authorization = client.authorization(false);
    const code = await consent(authorization);
    await expect(client.exchange(code, client.authorization(false))).rejects.toThrow('was used already or has ended');
    await expect(client.exchange(code, authorization)).rejects.toThrow('was used already or has ended');
  });

  it('does not take a code that is too old', async () => {
    const ready = prepare();
    const consent = async (...given: Parameters<PortalImport['consent']>) => {
      const code = await ready.consent(...given);
      portal.clock.nowMs += 61_000;
      return code;
    };
    await expect(importPortal({ ...ready, consent })).rejects.toThrow('was used already or has ended');
  });

  it('never passes a My Number on', async () => {
    portal.blocks.set(vaccinations, {
      records: [{ vaccineName: 'BCG', date: '2026-09-01', historyKey: '1', myNumber: '123456789018' }],
    });
    server.answerWith((request) => ({
      status: 422,
      body: { resourceType: 'OperationOutcome', issue: [{ diagnostics: request.method }] },
    }));
    await importPortal(prepare());
    expect(
      server.received.map(({ text }) => text).join() +
        server.received.map((one) => partsOf(one).original.toString()).join(),
    ).not.toContain('123456789018');
  });
});

describe('a linkage', () => {
  it('fetches again without the person for 90 days, each time with a new token', async () => {
    const linkageFile = join(folder, 'linkage.json');
    await importPortal(prepare({ linkageFile }));
    expect((await stat(linkageFile)).mode & 0o777).toBe(0o600);
    const first = await readFile(linkageFile, 'utf8');
    const consent = () => Promise.reject(new Error('the person was asked'));
    portal.clock.nowMs += 60 * dayMs;
    expect(await importPortal(prepare({ linkageFile, consent }))).toMatchObject({ refused: 0 });
    expect(await readFile(linkageFile, 'utf8')).not.toBe(first);
    portal.clock.nowMs += 31 * dayMs;
    await expect(importPortal(prepare({ linkageFile, consent }))).rejects.toThrow('the person was asked');
  });

  it('is of no use for another record', async () => {
    const linkageFile = join(folder, 'linkage.json');
    await importPortal(prepare({ linkageFile }));
    await expect(importPortal(prepare({ linkageFile, patient: { reference: 'Patient/other' } }))).rejects.toThrow(
      'for another record',
    );
  });

  it('asks the person again when the portal has ended it', async () => {
    const linkageFile = join(folder, 'linkage.json');
    const ready = prepare({ linkageFile });
    await importPortal(ready);
    const used = JSON.parse(await readFile(linkageFile, 'utf8'));
    await ready.client.renew(used.token);
    expect(await importPortal(prepare({ linkageFile }))).toMatchObject({ refused: 0 });
    expect(portal.calls.filter((path) => path === '/oauth/authorize')).toHaveLength(2);
  });
});

describe('receiveCode', () => {
  it('turns away an answer that is not to its question, and takes the right one afterwards', async () => {
    const receiver = await receiveCode({ redirectUri, patienceMs: 5_000 });
    closing.push(receiver.close);
    const code = receiver.code('right');
    expect((await fetch(`${redirectUri}?state=wrong&code=stolen`)).status).toBe(400);
    expect((await fetch(`${redirectUri}/other?state=right&code=x`)).status).toBe(400);
    expect((await fetch(`${redirectUri}?state=right&code=good`)).status).toBe(200);
    expect((await fetch(`${redirectUri}?state=right&code=later`)).status).toBe(400);
    expect(await code).toBe('good');
  });

  it('ends when nobody comes', async () => {
    const receiver = await receiveCode({ redirectUri, patienceMs: 20 });
    closing.push(receiver.close);
    await expect(receiver.code('s')).rejects.toThrow('Nobody came back');
  });
});

describe('readPortalSettings', () => {
  it.each<[string, object, string]>([
    ['plain http', { base: 'http://portal' }, 'base must be the https address'],
    ['a client id of another shape', { clientId: 'me' }, 'clientId must be of the form'],
    ['a redirect elsewhere', { redirectUri: 'http://example.org/back' }, 'redirectUri must be'],
    ['a template of another shape', { templates: { TM1: 'mch-json' } }, 'templates must give'],
    ['no template', { templates: {} }, 'at least one template'],
    ['an inquiry of no mode', { inquiry: { mode: 'all' } }, 'inquiry must have a mode'],
  ])('refuses %s', (_, more, expected) => {
    expect(() => readPortalSettings(settingsText(more))).toThrow(expected);
  });

  it('lets a partner set right what is assumed', () => {
    expect(readPortalSettings(settingsText({ paths: { authorize: '/v2/authorize' } })).authorizeUrl).toBe(
      `${portal.base}/v2/authorize`,
    );
  });
});
