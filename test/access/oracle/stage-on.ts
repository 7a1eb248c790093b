// A stage on a real server: its tokens are minted and its relations set as the operations do that will make them.
import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type pg from 'pg';
import { restricted, SDV } from '../../../server/access/labels.ts';
import type { Basis, Permission } from '../../../server/access/permission.ts';
import { bases, publicHealthTypes } from '../../../server/access/policy.ts';
import { replacePermissions } from '../../../server/store/permissions.ts';
import { setRelation } from '../../../server/store/relations.ts';
import { mintToken } from '../../../server/store/tokens.ts';
import type { Stage } from './stage.ts';
import type { Relation, Span, Suspension, Tie } from './world.ts';

export type StageParts = { app: FastifyInstance; pool: pg.Pool; clock: { nowMs: number } };

export function stageOn({ app, pool, clock }: StageParts): Stage {
  return {
    mint: ({ scopes, ...rest }) => mintToken(pool, { client: 'cells', scope: scopes, lifetimeMs: 86_400_000, ...rest }),
    setNow: (nowMs) => {
      clock.nowMs = nowMs;
    },
    async ask(token, { method, path, body, headers }) {
      const answer = await app.inject({
        method: method as 'GET',
        url: path === '' ? '/fhir' : `/fhir/${path}`,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body && { 'content-type': 'application/fhir+json' }),
          ...headers,
        },
        ...(body && { payload: JSON.stringify(body) }),
      });
      return { status: answer.statusCode, headers: answer.headers, text: answer.payload };
    },
    async setRelations({ relations, ties, suspensions, breakGlass }) {
      await inTransaction(pool, async (client) => {
        await setFamilies(client, relations, suspensions);
        await setPermissions(client, ['residence', 'link'], ties.map(ofTie));
        await setPermissions(
          client,
          // Beside what the Consents of the world have come to already.
          [],
          breakGlass.map(({ practitioner, patient, atMs }) => [
            {
              ...{ ...bases['break-glass'], basis: 'break-glass', patient, grantee: `Practitioner/${practitioner}` },
              ...instants({ fromMs: atMs, untilMs: atMs + 30 * 60_000 }),
            },
          ]),
        );
      });
    },
  };
}

async function inTransaction(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await work(client);
    await client.query('commit');
  } finally {
    client.release();
  }
}

/** Inviters first, because an invitation names the inviter's relation. */
async function setFamilies(client: pg.PoolClient, relations: Relation[], suspensions: Suspension[]): Promise<void> {
  const ids = new Map<string, string>();
  for (const relation of relations.toSorted((one, other) => rank(one) - rank(other))) {
    const { kind, person, patient, inviter = '', categories, agreed = false } = relation;
    const id = randomUUID();
    if (kind !== 'invited') ids.set(`${person} ${patient}`, id);
    const isSuspended = suspensions.some((one) => one.person === person && one.patient === patient);
    const inviterId = ids.get(`${inviter} ${patient}`);
    await setRelation(client, {
      ...{ id, person: `Person/${person}`, patient, basis: kind, isSharedWithGuardians: agreed },
      status: isSuspended ? 'suspended' : relation.status,
      ...instants(relation),
      ...(categories && { categories }),
      ...(inviterId !== undefined && { inviter: inviterId }),
    });
  }
}

const rank = ({ kind }: Relation): number => (kind === 'invited' ? 1 : 0);

const instants = ({ fromMs, untilMs }: Span) => ({
  starts: fromMs === undefined ? '-infinity' : new Date(fromMs).toISOString(),
  ends: untilMs === undefined ? 'infinity' : new Date(untilMs).toISOString(),
});

/** Instead of what there is on the bases `of`. */
async function setPermissions(client: pg.PoolClient, of: Basis[], permissions: Permission[][]): Promise<void> {
  const all = permissions.flat();
  for (const patient of new Set(all.map((one) => one.patient))) {
    const derived = all
      .filter((one) => one.patient === patient)
      .map((permission) => ({ source: randomUUID(), permission }));
    await replacePermissions(client, patient, of, derived);
  }
}

function ofTie(tie: Tie): Permission[] {
  const common = { patient: tie.patient, grantee: `Organization/${tie.organization}`, ...instants(tie) };
  if (tie.kind === 'link') return [{ ...bases.link, ...common, basis: 'link' }];
  return [
    { ...bases.residence, ...common, basis: 'residence', types: publicHealthTypes },
    { ...common, basis: 'residence', types: publicHealthTypes, normal: false, labels: restricted | SDV, needs: SDV },
  ];
}
