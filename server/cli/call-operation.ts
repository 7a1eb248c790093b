// How commands run an operation of a running server, over its public API.

import { CommandError } from './command.ts';
import { connect } from './connect.ts';

type Parameter = { name: string; [value: string]: unknown };

/** POSTs Parameters, and gives those of the answer. Throws CommandError with what the server says against it. */
export async function callOperation(
  flags: { server?: string; token?: string },
  path: string,
  parameter: readonly Parameter[],
): Promise<Parameter[]> {
  const { fhirBase, token } = await connect(flags);
  const response = await fetch(`${fhirBase}/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
    body: JSON.stringify({ resourceType: 'Parameters', parameter }),
  }).catch(() => {
    throw new CommandError(`no server answers at ${fhirBase}`);
  });
  const body = (await response.json()) as { parameter?: Parameter[]; issue?: { diagnostics?: string }[] };
  if (!response.ok) throw new CommandError(body.issue?.[0]?.diagnostics ?? `the server answered ${response.status}`);
  return body.parameter ?? [];
}

/** A logical id among the options. Throws CommandError for anything else. */
export function idIn(values: Readonly<Record<string, string | undefined>>, name: string): string {
  const id = values[name] ?? '';
  if (!/^[A-Za-z0-9\-.]{1,64}$/.test(id)) throw new CommandError(`--${name} takes a logical id`);
  return id;
}
