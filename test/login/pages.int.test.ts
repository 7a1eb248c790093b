// Our own pages without a browser: what they send, whom they let in, and how the request of an app goes through them.

import { randomUUID } from 'node:crypto';
import { type TOTP, URI } from 'otpauth';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openLaunch } from '../../server/auth/launch.ts';
import { createStaff } from '../../server/login/sign-up.ts';
import { replacePermissions } from '../../server/store/permissions.ts';
import { setRelation } from '../../server/store/relations.ts';
import { createWriter } from '../../server/store/write.ts';
import { patientNamed } from '../support/app.ts';
import { authorizeUrl, exchange, redirectUri, refresh } from '../support/app-login.ts';
import { newLogin } from '../support/login-name.ts';
import { addClient } from '../support/oauth.ts';
import { PageBrowser } from '../support/page-browser.ts';
import { familyWithTotp, goodPassword, logIn, opened, startLogin, type TestLogin, visit } from './support.ts';

let t: TestLogin;
let family: Awaited<ReturnType<typeof familyWithTotp>>;
let child: string;
const appName = '<b>ノート</b> & "co"';
const most =
  'openid fhirUser launch launch/patient launch/encounter offline_access online_access patient/*.cruds user/*.rs';
beforeAll(async () => {
  t = await startLogin();
  t.clock.nowMs = Date.now();
  family = await familyWithTotp(t);
  child = await patient('ひかり', '2026-04-01');
  await relate(child, { person: family.subject });
  for (const kind of ['family-app', 'staff-app'] as const)
    await addClient(t, {
      id: kind,
      kind,
      name: { ja: appName, en: 'Notes' },
      redirectUris: [redirectUri],
      scopes: most,
    });
});
afterAll(() => t.close());

const patient = async (given: string, birthDate: string) =>
  (await t.system.create(patientNamed('試験', given, { birthDate }))).id;

type Wishes = { person: string; basis?: 'guardian' | 'self'; status?: 'active' | 'ended'; id?: string };
async function relate(of: string, { person, basis = 'guardian', status = 'active', id = randomUUID() }: Wishes) {
  const client = await t.pool.connect();
  await setRelation(client, {
    id,
    person,
    patient: of,
    basis,
    status,
    starts: '2020-01-01T00:00:00Z',
    ends: 'infinity',
  });
  client.release();
  return id;
}

const sessionCookie = (value: string) => ({ name: '__Host-tsumugi-session', value, path: '/' });

/** A browser in which somebody is logged in. */
async function browserOf(who = family): Promise<PageBrowser> {
  const browser = new PageBrowser(t);
  browser.cookies.push(sessionCookie((await logIn(t, who)).text));
  return browser;
}

const scope = 'launch/patient patient/Observation.rs patient/Immunization.rs';
const begin = async (browser: PageBrowser, more: Record<string, string | undefined> = {}, client = 'family-app') => {
  const { url, verifier } = authorizeUrl(client, scope, more);
  const back = await browser.open(url);
  return { back, verifier };
};
const codeIn = (back: string): string => new URL(back).searchParams.get('code') ?? `no code in ${back}`;
const errorIn = (back: string) => new URL(back).searchParams.get('error');

describe('every page', () => {
  test.each(['log-in', 'sign-up', 'recover'])(
    '%s forbids scripts of others, frames, caches and referrers',
    async (name) => {
      const browser = new PageBrowser(t);
      await browser.open(`/login/${name}`);
      const { headers, text } = browser.page;
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'same-origin',
        'x-frame-options': 'DENY',
      });
      const policy = String(headers['content-security-policy']);
      for (const rule of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "script-src 'self'"])
        expect(policy).toContain(rule);
      expect(policy).not.toContain('unsafe');
      expect(text).not.toMatch(/<script(?![^>]* src="\/login\/)|<style| on[a-z]+="|style="|https?:\/\//);
      expect(text).toContain('<html lang="ja">');
    },
  );

  test('speaks the language that was chosen, then the app’s, then the browser’s', async () => {
    const browser = new PageBrowser(t);
    browser.headers = { 'accept-language': 'en-GB,en;q=0.9' };
    await browser.open('/login/log-in');
    expect(browser.page.text).toContain('<html lang="en">');
    await begin(browser, { ui_locales: 'ja-JP en' });
    expect(browser.page.text).toContain('<html lang="ja">');
    await browser.open('/login/log-in?lang=en');
    await begin(browser, { ui_locales: 'ja' });
    expect(browser.page.text).toContain('<html lang="en">');
  });

  test('shows names as text', async () => {
    const browser = new PageBrowser(t);
    await begin(browser);
    expect(browser.page.text).toContain('&lt;b&gt;ノート&lt;/b&gt; &amp; &quot;co&quot;');
    expect(browser.page.text).not.toContain('<b>');
  });

  test.each(['account', 'connections', 'backup', 'set-up'])('%s is for those who are logged in', async (name) => {
    const browser = new PageBrowser(t);
    await browser.open(`/login/${name}`);
    expect(browser.place).toBe('/login/log-in');
  });

  const posts = [
    'log-in',
    'sign-up',
    'recover',
    'redeem',
    'second',
    'set-up/password',
    'set-up/authenticator',
    'backup',
  ];
  const ownPosts = ['account/passkey-name', 'account/remove', 'account/end-session', 'connections/end', 'log-out'];
  test.each([...posts, ...ownPosts])('takes no form for %s from another site', async (name) => {
    const browser = await browserOf();
    for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }]) {
      const { status } = await browser.request('POST', `/login/${name}`, 'login=x&password=y', headers);
      expect(status).toBe(403);
    }
  });
  test.each([...ownPosts, 'set-up/password', 'backup', 'connections/agree'])(
    'takes no form for %s without its token',
    async (name) => {
      const browser = await browserOf();
      for (const form of ['', 'csrf=wrong'])
        expect((await browser.request('POST', `/login/${name}`, form)).status).toBe(403);
      await browser.open('/login/account');
      expect(browser.page.status).toBe(200);
    },
  );

  test('answers what is malformed with a page and no fault of its own', async () => {
    const browser = new PageBrowser(t);
    const statusOf = async (...request: Parameters<PageBrowser['request']>) =>
      (await browser.request(...request)).status;
    expect(await statusOf('GET', '/login/no/such/page')).toBe(404);
    expect(await statusOf('GET', `/login/${'x'.repeat(43)}`)).toBe(410);
    expect(await statusOf('POST', '/login/log-in', '{}', { 'content-type': 'application/json' })).toBe(415);
    expect(await statusOf('POST', '/login/log-in', `login=${'x'.repeat(70_000)}`)).toBe(413);
    expect(await statusOf('POST', '/login/log-in', 'login=%FF&password=%FF')).toBe(401);
    expect(await statusOf('POST', '/login/log-in', 'login=%00&password=x')).toBe(400);
    expect(await statusOf('POST', '/login/sign-up', 'name=%01&login=ab%01')).toBe(422);
  });
});

describe('logging in', () => {
  test('asks for the password and then for the code, and says what was wrong', async () => {
    const browser = new PageBrowser(t);
    await browser.open('/login/log-in');
    await browser.submit('/log-in', { login: family.login, password: 'not the password' });
    expect([browser.page.status, browser.page.text]).toEqual([401, expect.stringContaining('role="alert"')]);
    await browser.submit('/log-in', { login: family.login, password: goodPassword });
    expect(browser.place).toBe('/login/second');
    await browser.submit('/second', { code: '000000' });
    expect(browser.page.status).toBe(401);
    await browser.submit('/second', { code: family.nextCode() });
    expect([browser.place, browser.page.status]).toEqual(['/login/account', 200]);
  });

  test('tells how long to wait', async () => {
    const browser = new PageBrowser(t);
    await browser.open('/login/log-in');
    for (let tries = 0; tries < 8; tries++)
      await browser.submit('/log-in', { login: 'nobody@example.jp', password: 'x' });
    expect(browser.page.status).toBe(429);
    expect(Number(browser.page.headers['retry-after'])).toBeGreaterThan(0);
    expect(browser.page.text).toMatch(/\d+秒たってから/);
    await t.pool.query('delete from login_throttle');
  });
});

describe('the request of an app', () => {
  test('ends in a token for the child, with what was ticked and no more, and a row in the child’s audit', async () => {
    const browser = await browserOf();
    const { verifier } = await begin(browser);
    expect(browser.page.text).toContain('試験 ひかり');
    const back = await browser.submit('/agree', { scope: ['patient/Immunization.rs'] });
    const { body } = await exchange(t, 'family-app', codeIn(back), verifier);
    expect(body.patient).toBe(child);
    expect(String(body.scope).split(' ').sort()).toEqual(['launch/patient', 'patient/Immunization.rs']);
    const app = t.withToken(String(body.access_token));
    expect((await app.get('Immunization?_count=1')).status).toBe(200);
    expect((await app.get('Observation?_count=1')).status).toBe(403);
    const { rows } = await t.pool.query("select client, interaction from audit where interaction = 'token'");
    expect(rows.at(-1)).toEqual({ client: `family-app ${family.subject} - PATRQT`, interaction: 'token' });
  });

  test('lets the app’s address follow the form, and no other', async () => {
    const browser = await browserOf();
    await begin(browser);
    const policy = String(browser.page.headers['content-security-policy']);
    expect(policy).toContain("form-action 'self' https://app.example.com;");
  });

  test('is asked again when nothing is ticked, and refused by the person or before any login', async () => {
    const browser = await browserOf();
    await begin(browser);
    await browser.submit('/agree', { scope: undefined });
    expect([browser.page.status, browser.page.text]).toEqual([422, expect.stringContaining('一つも選ばれていません')]);
    expect(errorIn(await browser.submit('/refuse'))).toBe('access_denied');
    const stranger = new PageBrowser(t);
    await begin(stranger);
    expect(stranger.place).toMatch(/\/log-in$/);
    expect(errorIn(await stranger.submit('/refuse'))).toBe('access_denied');
  });

  test('names the visit that was chosen, of the child only', async () => {
    const period = { start: '2026-10-01T09:00:00+09:00' };
    const kind = { status: 'finished', class: { code: 'AMB' }, period };
    const visits = [child, await patient('よその子', '2026-04-01')].map((of) =>
      t.system.create({ resourceType: 'Encounter', ...kind, subject: { reference: `Patient/${of}` } }),
    );
    const [own, others] = await Promise.all(visits);
    const asked = { scope: `launch/encounter ${scope}` };
    for (const [encounter, told] of [
      [own?.id, own?.id],
      [others?.id, undefined],
    ]) {
      const browser = await browserOf();
      const { verifier } = await begin(browser, asked);
      expect(browser.page.text).toContain('2026-10-01');
      const { body } = await exchange(t, 'family-app', codeIn(await browser.submit('/agree', { encounter })), verifier);
      expect([body.patient, body.encounter]).toEqual([child, told]);
    }
  });

  test('is for the children of this login only, at the moment of the yes', async () => {
    const other = await patient('よその子', '2026-04-01');
    const browser = await browserOf();
    await begin(browser);
    expect(await browser.submit('/agree', { patient: other })).toBe('');
    expect(browser.page.text).not.toContain('よその子');
    const second = await patient('みらい', '2024-04-01');
    const relation = await relate(second, { person: family.subject });
    await begin(browser);
    expect(browser.page.text).toContain('だれの記録ですか');
    await browser.submit('/patient', { patient: second });
    await relate(second, { person: family.subject, status: 'ended', id: relation });
    expect(await browser.submit('/agree')).toBe('');
    expect(browser.page.text).not.toContain('みらい');
  });

  test('comes to nothing in another browser, or when it is over', async () => {
    const browser = await browserOf();
    await begin(browser);
    const at = browser.place;
    const thief = await browserOf();
    expect((await thief.request('GET', at)).status).toBe(410);
    await browser.submit('/agree');
    expect((await browser.request('GET', at)).status).toBe(410);
    await begin(browser);
    await t.pool.query("delete from oidc_payload where model = 'Interaction'");
    await browser.open(browser.place);
    expect([browser.page.status, browser.page.text]).toEqual([410, expect.stringContaining('アプリに戻って')]);
  });

  test('uses the login there is, and asks for another when the app wants a new or a fresh one', async () => {
    const browser = await browserOf();
    await begin(browser);
    expect(browser.page.text).toContain('アプリに許可しますか');
    await browser.submit('/agree');
    await begin(browser, { max_age: '3600', scope: `openid ${scope}` });
    expect(browser.page.text).toContain('アプリに許可しますか');
    // The session is of a clock that the test may have moved on.
    await t.pool.query("update login_session set auth_time = auth_time - interval '1 hour'");
    for (const more of [{ prompt: 'login' }, { max_age: '60', scope: `openid ${scope}` }]) {
      const again = new PageBrowser(t);
      again.cookies = browser.cookies.filter(({ name }) => name.includes('tsumugi'));
      await begin(again, more);
      expect(again.place).toMatch(/\/log-in$/);
      await again.submit('/log-in', { login: family.login, password: goodPassword });
      await again.submit('/second', { code: family.nextCode() });
      expect(again.page.text).toContain('アプリに許可しますか');
      expect(new URL(await again.submit('/agree')).searchParams.get('code')).toBeTruthy();
    }
  });

  test.each([
    ['nobody is logged in', false, 'login_required'],
    ['nobody has been asked', true, 'consent_required'],
  ])('may not show a page with prompt=none: %s', async (_, isLoggedIn, error) => {
    const browser = isLoggedIn ? await browserOf() : new PageBrowser(t);
    if (isLoggedIn) {
      await begin(browser);
      await browser.submit('/agree');
    }
    expect(errorIn((await begin(browser, { prompt: 'none' })).back)).toBe(error);
  });

  test('asks again when an app wants more than before', async () => {
    const browser = await browserOf();
    await begin(browser);
    await browser.submit('/agree');
    await begin(browser, { scope: `${scope} patient/*.cruds` });
    expect(browser.page.text).toContain('今後追加されるものも含めて');
    expect(browser.page.text).toContain('アプリに許可しますか');
  });

  test('shows somebody without children that there is nothing to connect', async () => {
    const browser = await browserOf(await familyWithTotp(t));
    await begin(browser);
    expect(browser.page.text).toContain('つなげる記録がありません');
    expect(errorIn(await browser.submit('/refuse'))).toBe('access_denied');
  });

  test('goes on for whoever signs up on the way', async () => {
    const browser = new PageBrowser(t);
    await begin(browser);
    const [, uid] = /^\/login\/([^/]+)\//.exec(browser.place) ?? [];
    await browser.open(`/login/${uid}/sign-up`);
    await browser.submit('/sign-up', {
      name: '試験 花子',
      login: newLogin(),
      password: goodPassword,
    });
    expect(browser.place).toBe(`/login/${uid}/set-up`);
    await browser.submit('/set-up/authenticator');
    expect(browser.page.text).toContain('<svg');
  });
});

describe('staff', () => {
  let nurse: string;
  let code: string;
  let organization: string;
  beforeAll(async () => {
    organization = (await t.system.create({ resourceType: 'Organization', name: '見本医院' })).id;
    const nowMs = () => t.clock.nowMs;
    const write = createWriter({ pool: t.pool, nowMs, base: t.base });
    const login = 'nurse@clinic.example';
    const about = { login, name: '試験 看護', organization, request: randomUUID() };
    const made = await createStaff({ write, nowMs }, about);
    if (made.kind !== 'created') throw new Error(made.why);
    ({ subject: nurse, code } = made);
  });

  /** The family of a patient lets the organization read. */
  async function letRead(of: string): Promise<void> {
    const ever = { starts: '-infinity', ends: 'infinity', normal: true, labels: 0 };
    const permission = { ...ever, basis: 'consent', grantee: `Organization/${organization}`, patient: of } as const;
    const client = await t.pool.connect();
    await replacePermissions(client, of, ['consent'], [{ source: randomUUID(), permission }]);
    client.release();
  }

  test('begin with the code they were handed, and open an app for the patient on their screen', async () => {
    const browser = new PageBrowser(t);
    await browser.open('/login/recover');
    await browser.submit('/redeem', { login: 'nurse@clinic.example', code });
    expect(browser.place).toBe('/login/set-up');
    const redeemed = browser.cookies.find(({ name }) => name.includes('session'))?.value;
    const session = await t.login.findSession(redeemed);
    if (!session) throw new Error('no session');
    const from = visit({ session: redeemed });
    const first = opened(await t.login.setPassword(from, session, goodPassword));
    const offered = await t.login.offerTotpSeed(first.session);
    if (offered.kind !== 'offered') throw new Error('no seed');
    const totp = URI.parse(offered.uri) as TOTP;
    const confirmed = await t.login.confirmTotp(
      { ...from, session: first.text },
      first.session,
      totp.generate({ timestamp: t.clock.nowMs }),
    );
    browser.cookies = [sessionCookie(opened(confirmed).text)];

    await begin(browser, {}, 'staff-app');
    expect(browser.page.text).toContain('電子カルテなどの画面から');
    await begin(browser);
    expect(browser.page.text).toContain('ご家族のアプリです');

    const unseen = await openLaunch(t.app.oauth.store, { client: 'staff-app', user: nurse, patient: child });
    await begin(browser, { scope: `launch ${scope}`, launch: unseen }, 'staff-app');
    expect(browser.page.text).toContain('つなげる記録がありません');
    expect(browser.page.text).not.toContain('ひかり');
    await letRead(child);
    const launch = await openLaunch(t.app.oauth.store, { client: 'staff-app', user: nurse, patient: child });
    const { verifier } = await begin(browser, { scope: `launch ${scope}`, launch }, 'staff-app');
    expect(browser.page.text).toContain('試験 ひかり');
    const { body } = await exchange(t, 'staff-app', codeIn(await browser.submit('/agree')), verifier);
    expect(body).toMatchObject({ patient: child });
    const { rows } = await t.pool.query(`select "user", organization, purpose from token where "user" = $1`, [nurse]);
    expect(rows).toEqual([{ user: nurse, organization, purpose: 'TREAT' }]);
  });

  test('have apps that a family’s login does not open', async () => {
    const browser = await browserOf();
    await begin(browser, {}, 'staff-app');
    expect([browser.page.status, browser.page.text]).toEqual([403, expect.stringContaining('職員のアプリです')]);
  });
});

describe('under 16', () => {
  let young: typeof family;
  let parent: typeof family;
  let own: string;
  beforeEach(async () => {
    own = await patient('たろう', '2011-05-05');
    young = await familyWithTotp(t);
    await relate(own, { person: young.subject, basis: 'self' });
    parent = await familyWithTotp(t);
    await relate(own, { person: parent.subject });
  });

  test('an app waits for a guardian’s yes to all of it, which the guardian can take back', async () => {
    const browser = await browserOf(young);
    await begin(browser);
    expect(browser.page.text).toContain('16歳になるまでは');
    expect(await browser.submit('/agree')).toBe('');
    expect(browser.page.text).toContain('保護者の同意を待っています');

    const guardian = await browserOf(parent);
    await guardian.open('/login/connections');
    expect(guardian.page.text).toContain('試験 たろう');
    await guardian.submit('/connections/agree');
    expect(guardian.page.text).toContain('同意ずみ');

    const { verifier } = await begin(browser, { scope: `${scope} offline_access` });
    expect(await browser.submit('/agree')).toBe('');
    await guardian.open('/login/connections');
    await guardian.submit('/connections/agree');
    const again = await begin(browser, { scope: `${scope} offline_access` });
    const { body } = await exchange(t, 'family-app', codeIn(await browser.submit('/agree')), again.verifier);
    expect(verifier).not.toBe(again.verifier);
    expect(body).toMatchObject({ patient: own });
    const app = t.withToken(String(body.access_token));
    expect((await app.get('Observation?_count=1')).status).toBe(200);

    await guardian.open('/login/connections');
    await guardian.submit('/connections/refuse');
    await expect.poll(async () => (await app.get('Observation?_count=1')).status).toBe(401);
    expect((await refresh(t, 'family-app', String(body.refresh_token))).status).toBe(400);
  });

  test('an app for whatever one may see waits as well', async () => {
    const browser = await browserOf(young);
    await begin(browser, { scope: 'openid user/Observation.rs' });
    expect(await browser.submit('/agree')).toBe('');
    expect(browser.page.text).toContain('保護者の同意を待っています');
  });

  test('nobody else says that yes', async () => {
    const browser = await browserOf(young);
    await begin(browser);
    await browser.submit('/agree');
    const [wish] = (
      await t.pool.query(
        "select encode(id_hash, 'hex') as id from oidc_payload where model = 'GuardianYes' and patient = $1",
        [own],
      )
    ).rows;
    for (const who of [young, await familyWithTotp(t)]) {
      const stranger = await browserOf(who);
      await stranger.open('/login/account');
      const { csrf = [''] } = stranger.forms()[0]?.values ?? {};
      const form = new URLSearchParams([
        ['csrf', csrf[0] ?? ''],
        ['id', wish.id],
        ...scope.split(' ').map((one) => ['scope', one]),
      ]);
      expect((await stranger.request('POST', '/login/connections/agree', form.toString())).status).toBe(409);
    }
    await begin(browser);
    expect(await browser.submit('/agree')).toBe('');
  });
});

describe('connected apps', () => {
  const connect = async (browser: PageBrowser, more: string) => {
    const { verifier } = await begin(browser, { scope: `${scope} ${more}` });
    const { body } = await exchange(t, 'family-app', codeIn(await browser.submit('/agree')), verifier);
    return body;
  };

  test('are listed in words and ended at once, by their own person only', async () => {
    const browser = await browserOf();
    const body = await connect(browser, 'offline_access');
    const app = t.withToken(String(body.access_token));
    await browser.open('/login/connections');
    expect(browser.page.text).toContain('試験 ひかり');
    const ending = browser.forms().find(({ action }) => action.endsWith('/connections/end'));
    const other = await browserOf(await familyWithTotp(t));
    await other.open('/login/account');
    const csrf = other.forms()[0]?.values.csrf?.[0] ?? '';
    await other.request(
      'POST',
      '/login/connections/end',
      new URLSearchParams([
        ['csrf', csrf],
        ['id', ending?.values.id?.[0] ?? ''],
      ]).toString(),
    );
    expect((await app.get('Observation?_count=1')).status).toBe(200);
    await browser.submit('/connections/end');
    await expect.poll(async () => (await app.get('Observation?_count=1')).status).toBe(401);
    expect((await refresh(t, 'family-app', String(body.refresh_token))).status).toBe(400);
  });

  test('by online access end when the person logs out', async () => {
    const browser = await browserOf();
    const online = await connect(browser, 'online_access');
    const offline = await connect(browser, 'offline_access');
    await browser.open('/login/account');
    await browser.submit('/log-out');
    expect(browser.place).toBe('/login/log-in');
    expect((await refresh(t, 'family-app', String(online.refresh_token))).status).toBe(400);
    expect((await refresh(t, 'family-app', String(offline.refresh_token))).status).toBe(200);
    expect((await browser.request('GET', '/login/account')).location).toBe('/login/log-in');
  });
});
