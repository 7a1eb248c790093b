// One request to the server that is measured, outside the measurements: for seeding and for looking at an answer.
import type { BenchRequest } from './load.ts';

export type Api = { port: number; token: string };

/** The text of the answer. Throws, with what the server said, unless it is a 2xx. */
export async function call({ port, token }: Api, { method, path, body, ifMatch }: BenchRequest): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/fhir+json',
      ...(ifMatch ? { 'if-match': 'W/"1"' } : {}),
    },
    ...(body === undefined ? {} : { body: body.replaceAll('%VERSION%', '2') }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path.slice(0, 100)} answered ${answer.status}: ${text.slice(0, 500)}`);
  return text;
}
