// One request to the server that is measured, outside the measurements: for seeding and for looking at an answer.
import type { Patient } from '@medplum/fhirtypes';
import type { BenchRequest } from './load.ts';

export type Api = { port: number; token: string };

/** The text of the answer. Throws, with what the server said, unless it is a 2xx. */
export async function call({ port, token }: Api, request: BenchRequest): Promise<string> {
  const { method, path, body, ifMatch, ifNoneExist } = request;
  const look = `look-${performance.now()}`;
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/fhir+json',
      ...(ifMatch === undefined ? {} : { 'if-match': `W/"${ifMatch}"` }),
      ...(ifNoneExist === undefined ? {} : { 'if-none-exist': ifNoneExist.replaceAll('%SERIAL%', look) }),
    },
    ...(body === undefined
      ? {}
      : { body: body.replaceAll('%VERSION%', String((ifMatch ?? 0) + 1)).replaceAll('%SERIAL%', look) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path.slice(0, 100)} answered ${answer.status}: ${text.slice(0, 500)}`);
  return text;
}

/** The same updates, beginning at the versions that are there now. */
export async function upToDate(api: Api, requests: BenchRequest[]): Promise<BenchRequest[]> {
  const current: BenchRequest[] = [];
  for (const request of requests) {
    if (request.ifMatch === undefined) return requests;
    const { meta } = JSON.parse(await call(api, { method: 'GET', path: request.path })) as Patient;
    current.push({ ...request, ifMatch: Number(meta?.versionId) });
  }
  return current;
}
