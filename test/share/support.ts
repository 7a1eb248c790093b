// A family with a link: what tests of server/share build their records with.

import type { Body, Caller, Response, TestApp } from '../support/app.ts';

export const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
export const code = (name: string, valueCode: string) => ({ name, valueCode });
export const text = (name: string, valueString: string) => ({ name, valueString });
export const valueNamed = ({ body }: Pick<Response, 'body'>, name: string): string => {
  const found = body.parameter?.find((one) => one.name === name);
  return String(found?.valueString ?? found?.valueUri ?? found?.valueUrl ?? found?.valueInstant ?? found?.valueCode);
};

export type Link = {
  id: string;
  url: string;
  key: string;
  link: string;
  path: string;
  payload: Record<string, unknown>;
};

/** The parts of what $share answered. */
export function linkOf(answer: Response): Link {
  if (answer.status !== 200) throw new Error(`$share answered ${answer.status}: ${answer.text}`);
  const link = valueNamed(answer, 'link');
  const payload = JSON.parse(Buffer.from(link.slice('shlink:/'.length), 'base64url').toString());
  const { url, key } = payload;
  return { id: valueNamed(answer, 'id'), url, key, link, path: new URL(url).pathname, payload };
}

export const doseOf = (patient: string, more: object = {}) => ({
  resourceType: 'Immunization',
  status: 'completed',
  vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '20', display: 'DTaP' }], text: '五種混合' },
  patient: { reference: `Patient/${patient}` },
  occurrenceDateTime: '2026-11-20',
  lotNumber: 'LOT-試験-1',
  ...more,
});

export const makeLink = async (caller: Caller, patient: string, ...more: object[]): Promise<Link> =>
  linkOf(await caller.post(`Patient/${patient}/$share`, parameters(code('what', 'everything'), ...more)));

export type Opened = {
  status: number;
  headers: Record<string, unknown>;
  body: Body & Record<string, unknown>;
  text: string;
};

/** POST of a manifest request. */
export async function open(t: TestApp, path: string, body: unknown = { recipient: '見本医院' }): Promise<Opened> {
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await t.app.inject({
    method: 'POST',
    url: path,
    headers: { 'content-type': 'application/json' },
    payload,
  });
  return answered(response);
}

export async function fetchFile(t: TestApp, url: string): Promise<Opened> {
  const { pathname, search } = new URL(url, 'https://tsumugi.test');
  return answered(await t.app.inject({ method: 'GET', url: `${pathname}${search}` }));
}

const answered = ({
  statusCode,
  headers,
  payload,
}: {
  statusCode: number;
  headers: object;
  payload: string;
}): Opened => ({
  status: statusCode,
  headers: { ...headers },
  text: payload,
  body: payload.startsWith('{') ? JSON.parse(payload) : ({} as Body),
});

/** The links to a record as $shares tells them: each part by its name. */
export async function listed(caller: Caller, patient: string): Promise<Record<string, unknown>[]> {
  const { body } = await caller.get(`Patient/${patient}/$shares`);
  return (body.parameter ?? []).map((share) => {
    const parts = share.part as { name: string; part?: { name: string }[]; [value: string]: unknown }[];
    const openings = parts.filter(({ name }) => name === 'opening').map(({ part = [] }) => plain(part));
    return { ...plain(parts.filter(({ name }) => name !== 'opening')), openings };
  });
}

const plain = (parts: readonly { name: string }[]): Record<string, unknown> =>
  Object.fromEntries(
    parts.map(({ name, ...value }) => {
      const [only] = Object.values(value);
      return [name, only];
    }),
  );
