// Names, birth dates, tokens, codes, cookies and passwords in every part of a request to every route there is, through refusals,
// faults and failing SQL: none of them is in the log (at its most talkative), in the figures, or in an answer to anybody else.
// The routes are asked of the server itself, so that a new one joins without a line here.
import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withoutValues } from '../../server/rest/http-answer.ts';
import { interactions } from '../../server/rest/routes.ts';
import { type Caller, observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';
import { formsOf } from '../support/whole-database.ts';

const canaries = {
  family: 'カナリア',
  given: 'canarygiven',
  birthDate: '1931-07-19',
  address: '金糸雀町一丁目',
  phone: '090-7310-1931',
  token: 'canarytoken-Rj2Xq8',
  cookie: 'canarycookie-Wk1Zp4',
  code: 'canarycode-Hn5Ls3',
  password: 'canarypassword-Vt7Mc9',
  id: 'canaryid-Yb6Dg2',
};
const { family, given, birthDate, address, phone, token, cookie, code, password, id } = canaries;

let t: TestApp;
let stranger: Caller;
let bird: string;
const log: string[] = [];
beforeAll(async () => {
  const logStream = new Writable({
    write(chunk, _encoding, done) {
      log.push(String(chunk));
      done();
    },
  });
  t = await startApp({ logLevel: 'trace', logStream });
  bird = (await t.system.create(birdNamed({}))).id;
  await t.system.create(observationOf(bird, { note: [{ text: `${family} ${address}` }] }));
  const other = (await t.system.create(patientNamed('試験', '花子'))).id;
  stranger = await t.caller('patient/*.cruds', { patient: other });
});
afterAll(() => t.close());

const birdNamed = (more: object) =>
  patientNamed(family, given, {
    birthDate,
    address: [{ text: address }],
    telecom: [{ system: 'phone', value: phone }],
    ...more,
  });

type Route = { method: string; path: string };

/** What Fastify itself has, with `:name` and `*` in paths: its tree of routes, read line by line. */
function mounted(): Route[] {
  const stack: string[] = [];
  const routes: Route[] = [];
  for (const line of t.app.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent = '', part = '', methods = ''] = /^((?:│ {3}| {4})*)[├└]── (\S*)(?: \((.*)\))?$/.exec(line) ?? [];
    stack.length = indent.length / 4;
    stack.push(part);
    for (const method of methods.split(', ').filter(Boolean)) routes.push({ method, path: stack.join('') });
  }
  return routes.filter(({ method }) => method !== 'OPTIONS' && method !== 'HEAD');
}

/** Interactions of the table, and the operations that the CapabilityStatement tells of, at each level. */
async function fhirRoutes(): Promise<Route[]> {
  const { rest } = JSON.parse((await t.app.inject('/fhir/metadata')).payload);
  const named = (list: { name: string }[] = []) => list.map(({ name }) => name.replace(/^\$/, ''));
  const system = named(rest[0].operation).map((name) => `$${name}`);
  const typed = rest[0].resource.flatMap(({ type, operation }: { type: string; operation?: { name: string }[] }) =>
    type === 'Patient' || operation
      ? named(operation).flatMap((name) => [`${type}/$${name}`, `${type}/ID/$${name}`])
      : [],
  );
  const few = [
    ...system,
    ...new Set<string>(
      typed.filter((path: string) => !/^(?!Patient|Observation|Organization|Encounter|Immunization)/.test(path)),
    ),
  ];
  const operations = few.flatMap((path) => ['GET', 'POST'].map((method) => ({ method, path })));
  return [...interactions, ...operations, { method: 'POST', path: '' }].map(({ method, path }) => ({
    method,
    path: `/fhir/${path.replace('TYPE', 'Patient').replace('MEMBER', 'Observation').replace('VERSION', '1')}`,
  }));
}

/** The endpoints that the authorization server tells of; one route of Fastify's holds them all. */
async function oauthRoutes(): Promise<Route[]> {
  const told = JSON.parse((await t.app.inject('/fhir/.well-known/smart-configuration')).payload) as Record<
    string,
    string
  >;
  const urls = Object.entries(told).filter(([name]) => name.endsWith('_endpoint') || name === 'jwks_uri');
  return urls.flatMap(([, url]) => ['GET', 'POST'].map((method) => ({ method, path: new URL(url).pathname })));
}

const query = `name=${encodeURIComponent(family)}&birthdate=${birthDate}&code=${code}&token=${token}&login=${given}`;
const person = {
  ...birdNamed({}),
  password,
  code,
  token,
  login: given,
  name: family,
  query: `{Patient(name:"${given}"){id}}`,
};
const resource = birdNamed({});
const bundled = (type: string) => ({
  resourceType: 'Bundle',
  type,
  entry: [
    { fullUrl: `urn:x:${id}`, resource, request: { method: 'POST', url: 'Patient', ifNoneExist: `name=${given}` } },
    { request: { method: 'GET', url: `Patient?name=${given}&${token}=1` } },
    { resource: { resourceType: given, id: code }, request: { method: password, url: token } },
  ],
});
const parameters = {
  resourceType: 'Parameters',
  parameter: [
    { name: 'patient', resource },
    { name: 'code', valueString: code },
    { name: 'identifier', valueIdentifier: { system: 'urn:x', value: code } },
    {
      name: 'original',
      resource: { resourceType: 'Binary', contentType: 'text/plain', data: Buffer.from(given).toString('base64') },
    },
    { name: 'problem', valueString: family },
    { name: token, valueString: password },
  ],
};
const form = new URLSearchParams({
  login: given,
  password,
  code,
  token,
  refresh_token: token,
  client_assertion: token,
  state: code,
  name: family,
  birthdate: birthDate,
  grant_type: 'authorization_code',
});

/** Bodies, good and bad, with their media types. */
const bodies: [type: string, payload: string | Buffer][] = [
  ['application/fhir+json', JSON.stringify(resource)],
  ['application/fhir+json', JSON.stringify({ ...resource, [given]: token, gender: code, birthDate: family })],
  ['application/fhir+json', JSON.stringify(parameters)],
  ['application/fhir+json', JSON.stringify(bundled('transaction'))],
  ['application/fhir+json', JSON.stringify(bundled('batch'))],
  ['application/fhir+json', `{"resourceType":"Patient","name":"${family}${given}`],
  ['application/fhir+json', `${given} ${password}`],
  ['application/json', JSON.stringify(person)],
  ['application/json', `{"login":"${given}","password":"${password}",}`],
  ['application/json', JSON.stringify({ login: given, password, name: family })],
  ['application/json', JSON.stringify({ login: given, code, totp: code })],
  [
    'application/fhir+xml',
    `<Patient xmlns="http://hl7.org/fhir"><name><family value="${family}"/></name><${given}/></Patient>`,
  ],
  ['application/fhir+xml', `<${given} ${family}="${token}`],
  [
    'application/json-patch+json',
    `[{"op":"test","path":"/name/0/given/0","value":"${token}"},{"op":"${code}","path":"/${given}"}]`,
  ],
  ['application/x-www-form-urlencoded', form.toString()],
  ['application/graphql', `{Patient(name:"${given}"){${token}}}`],
  [`text/${given}`, `${family} ${address}`],
  ['text/csv', Buffer.from([0xff, 0xfe, ...Buffer.from(given)])],
];

/** Every third request is one that is let in, but for what its path and body hold. */
const headersOf = (n: number, bearer: string) => ({
  authorization: n % 3 === 0 ? `DPoP ${token}` : `Bearer ${n % 3 === 1 ? token : bearer}`,
  cookie: `session=${cookie}; __Host-session=${cookie}; _session=${cookie}`,
  'user-agent': given,
  referer: `https://tsumugi.test/${given}?code=${code}`,
  origin: 'https://tsumugi.test',
  'x-forwarded-for': given,
  ...(n % 3 === 2 ? {} : odd),
});
const odd = {
  'x-csrf-token': code,
  'if-none-exist': `name=${given}`,
  'if-match': `W/"${code}"`,
  prefer: `return=${given}`,
  accept: `text/${given}`,
  'accept-language': given,
  'x-security-context': `Patient/${id}`,
  dpop: token,
};

/** One request of each kind to a route: its path parameters are a known Patient, or a canary. */
async function sendAll({ method, path }: Route, bearer: string): Promise<number[]> {
  const statuses: number[] = [];
  // The bird itself stays, for what comes behind.
  const concrete = [method === 'DELETE' ? id : bird, id].map((one) =>
    path.replace(/ID(?=\/|$)/, one).replace(/:\w+|\*/g, one),
  );
  const sent: ([string, string | Buffer] | undefined)[] =
    method === 'GET' || method === 'DELETE' ? [undefined] : bodies;
  for (const [n, url] of [
    concrete[0],
    concrete[1],
    `${concrete[0]}?${query}`,
    `${concrete[1]}?${query}`,
    `${concrete[1]}%${given}`,
  ].entries()) {
    for (const [m, body] of sent.entries()) {
      if (method !== 'GET' && body && m % 5 !== n) continue;
      for (const way of method === 'GET' || method === 'DELETE' ? [0, 1, 2] : [2, m]) {
        const headers = { ...headersOf(way, bearer), ...(body ? { 'content-type': body[0] } : {}) };
        const payload = body ? { payload: body[1] } : {};
        const answer = await t.app.inject({ method: method as 'GET', url: url ?? path, headers, ...payload });
        statuses.push(answer.statusCode);
      }
    }
  }
  return statuses;
}

const everything = Object.values(canaries).flatMap(formsOf);
const foundIn = (text: string): string[] =>
  everything.filter((form) => text.toLowerCase().includes(form.toLowerCase()));

test('the log and the figures hold nothing of what any route was sent', async () => {
  const routes = [...mounted(), ...(await fhirRoutes()), ...(await oauthRoutes())];
  // The table is whole: these are of every part of the server.
  const paths = routes.map(({ path }) => path);
  for (const one of [
    '/metrics',
    '/readyz',
    '/login/api/sign-up',
    '/oauth/reg',
    '/oauth/token',
    '/cds-services/:id',
    '/fhir/$deliver',
    '/fhir/Patient/ID/$everything',
  ])
    expect(paths).toContain(one);
  const before = log.length;
  const faults: string[] = [];
  const counts: Record<number, number> = {};
  for (const route of routes) {
    const statuses = await sendAll(route, t.system.token ?? '');
    if (statuses.some((status) => status >= 500 && status !== 501 && status !== 503))
      faults.push(`${route.method} ${route.path}`);
    for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
    const lines = log.splice(before).join('');
    expect(foundIn(lines), `${route.method} ${route.path}`).toEqual([]);
  }
  // Most is refused, but not everything: what is taken is looked at as well.
  expect(counts[200]).toBeGreaterThan(100);
  expect(counts[201]).toBeGreaterThan(0);
  expect(faults).toEqual([]);
  expect(foundIn((await t.app.inject('/metrics')).payload)).toEqual([]);
});

test('somebody else gets nothing of it, whatever is asked', async () => {
  const answers: string[] = [];
  for (const { method, path } of [...mounted(), ...(await fhirRoutes())]) {
    const url = path.replace(/ID(?=\/|$)/, bird).replace(/:\w+|\*/g, bird);
    const headers = {
      authorization: `Bearer ${stranger.token}`,
      ...(method === 'GET' ? {} : { 'content-type': 'application/fhir+json' }),
    };
    const payload =
      method === 'GET' || method === 'DELETE' ? {} : { payload: '{"resourceType":"Patient","active":"x"}' };
    const answer = await t.app.inject({ method: method as 'GET', url, headers, ...payload });
    const text = `${JSON.stringify(answer.headers)} ${answer.payload}`;
    answers.push(...foundIn(text).map((form) => `${method} ${path}: ${form}`));
  }
  expect(answers).toEqual([]);
});

test('SQL that fails over a value is logged without it, and told to nobody', async () => {
  await t.pool.query(`
    create function tell() returns trigger language plpgsql as $$
    begin
      raise exception 'cannot store %', to_jsonb(new)::text using detail = to_jsonb(new)::text, hint = to_jsonb(new)::text;
    end $$`);
  const tables = ['resource', 'held', 'account', 'oauth_client', 'link_code'];
  for (const table of tables)
    await t.pool.query(`create trigger tell before insert or update on ${table} for each row execute function tell()`);
  const before = log.length;
  const answers: string[] = [];
  const call = async (url: string, type: string, payload: unknown) => {
    const headers = { authorization: `Bearer ${t.system.token}`, origin: 'https://tsumugi.test', 'content-type': type };
    const answer = await t.app.inject({ method: 'POST', url, headers, payload: JSON.stringify(payload) });
    answers.push(answer.payload);
    return answer.statusCode;
  };
  expect(await call('/fhir/Patient', 'application/fhir+json', resource)).toBe(500);
  expect(
    await call('/fhir', 'application/fhir+json', {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ resource, request: { method: 'POST', url: 'Patient' } }],
    }),
  ).toBe(200);
  expect(
    await call('/fhir', 'application/fhir+json', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ resource, request: { method: 'POST', url: 'Patient' } }],
    }),
  ).toBe(500);
  expect(
    await call('/fhir/$deliver', 'application/fhir+json', {
      ...parameters,
      parameter: parameters.parameter.slice(3, 5),
    }),
  ).toBe(500);
  expect(
    await call('/login/api/sign-up', 'application/json', { login: `${given}@example.jp`, password, name: family }),
  ).toBe(500);
  expect(
    await call('/oauth/reg', 'application/json', { client_name: given, redirect_uris: [`https://a.example/${code}`] }),
  ).toBeGreaterThanOrEqual(400);
  for (const table of tables) await t.pool.query(`drop trigger tell on ${table}`);
  const lines = log.slice(before).join('');
  expect(lines).toContain('"level":50');
  expect(foundIn(lines)).toEqual([]);
  expect(foundIn(answers.join('\n'))).toEqual([]);
});

test('an error of ours is logged by where it arose: its message may quote what it stumbled over', () => {
  const { stack, type } = withoutValues(
    new SyntaxError(`"${family} ${given}" is not JSON\n${birthDate}\n    of a second line`),
  );
  expect(type).toBe('SyntaxError');
  expect(stack).toContain('canaries.int.test.ts');
  expect(foundIn(stack ?? '')).toEqual([]);
});
