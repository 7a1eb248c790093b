// A write load whose every acknowledged write is remembered, so that a test can ask for each of them afterwards.

import { randomUUID } from 'node:crypto';

/** The last version that was acknowledged, and whether another was on its way when the server went. */
export type Written = {
  id: string;
  version: number;
  isDeleted: boolean;
  text: string;
  identifier: string;
  isPending: boolean;
};
export type Transaction = { name: string; isAcknowledged: boolean };
export type Load = {
  written: Written[];
  transactions: Transaction[];
  /** Acknowledged so far. */
  count(): number;
  /** Resolves when every client has met a server that does not answer. Throws what a living server answered wrongly. */
  ended: Promise<unknown>;
};

export const identifierSystem = 'urn:test:written';
export const transactionSystem = 'urn:test:transaction';
export const transactionEntries = 6;

/** Starts clients that create, update, delete and post transactions until the server is gone. */
export function startLoad(fhirBase: string, token: string, clients: number): Load {
  const written: Written[] = [];
  const transactions: Transaction[] = [];
  let acknowledged = 0;

  const send = async (
    method: string,
    path: string,
    body?: object,
  ): Promise<{ status: number; text: string } | undefined> => {
    try {
      const response = await fetch(`${fhirBase}/${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const text = await response.text();
      if (response.status >= 400) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
      acknowledged += 1;
      return { status: response.status, text };
    } catch (error) {
      if (error instanceof TypeError) return undefined;
      throw error;
    }
  };

  const create = async (): Promise<Written | undefined> => {
    const identifier = randomUUID();
    const answer = await send('POST', 'Patient', person(identifier, 1));
    if (!answer) return undefined;
    const { id } = JSON.parse(answer.text) as { id: string };
    const one = { id, version: 1, isDeleted: false, text: answer.text, identifier, isPending: false };
    written.push(one);
    return one;
  };

  const change = async (one: Written, isDelete: boolean) => {
    one.isPending = true;
    const body = { ...person(one.identifier, one.version + 1), id: one.id };
    const answer = await send(isDelete ? 'DELETE' : 'PUT', `Patient/${one.id}`, isDelete ? undefined : body);
    if (!answer) return false;
    Object.assign(one, { version: one.version + 1, isDeleted: isDelete, text: answer.text, isPending: false });
    return true;
  };

  const transact = async () => {
    const transaction = { name: randomUUID(), isAcknowledged: false };
    transactions.push(transaction);
    const answer = await send('POST', '', bundle(transaction.name));
    transaction.isAcknowledged = answer !== undefined;
    return transaction.isAcknowledged;
  };

  const client = async () => {
    for (let n = 0; ; n++) {
      const one = await create();
      if (!one || !(await change(one, false)) || !(await change(one, n % 5 === 4)) || !(await transact())) return;
    }
  };
  return {
    written,
    transactions,
    count: () => acknowledged,
    ended: Promise.all(Array.from({ length: clients }, client)),
  };
}

const person = (identifier: string, version: number) => ({
  resourceType: 'Patient',
  identifier: [{ system: identifierSystem, value: identifier }],
  name: [{ family: '試験', given: [`第${version}版`] }],
  birthDate: '2026-04-01',
});

function bundle(name: string) {
  const mother = `urn:uuid:${randomUUID()}`;
  const entry = Array.from({ length: transactionEntries }, (_, n) =>
    n === 0
      ? {
          fullUrl: mother,
          resource: { resourceType: 'Patient', name: [{ text: '見本' }] },
          request: { method: 'POST', url: 'Patient' },
        }
      : {
          resource: {
            resourceType: 'Observation',
            identifier: [{ system: transactionSystem, value: name }],
            status: 'final',
            code: { coding: [{ code: 'weight' }] },
            subject: { reference: mother },
          },
          request: { method: 'POST', url: 'Observation' },
        },
  );
  return { resourceType: 'Bundle', type: 'transaction', entry };
}
