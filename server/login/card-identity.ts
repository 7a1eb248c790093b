// Who the person of an account is: name, birth date and sex in the certificate for signatures (署名用電子証明書), compared with
// their Person. What the Person does not say yet is entered from the certificate; what it says otherwise is refused.

import { systemAccess } from '../access/access.ts';
import { type JsonObject, parseJson } from '../fhir/json.ts';
import { differences, foldName, type PersonFacts, personFacts } from '../fhir/person-facts.ts';
import { addNotice, auditAct, lockAccount } from '../store/accounts.ts';
import { keepProof } from '../store/identity-proof.ts';
import { createReader } from '../store/read.ts';
import { type Challenged, ownerOf, presented, unfit } from './card-login.ts';
import type { LoginContext, Refusal, Visit } from './context.ts';
import type { CardFacts } from './jpki/facts.ts';
import { refusalOfSensitive, type Session } from './sessions.ts';

/** A challenge for the certificate for signatures. */
export async function identityChallenge(context: LoginContext, session: Session): Promise<Challenged | Refusal> {
  const refusal = refusalOfSensitive(session, context.nowMs()) ?? refusalOfStaff(session);
  if (refusal) return refusal;
  if (!context.card) return { kind: 'refused', why: 'missing' };
  return { kind: 'challenge', ...(await context.card.challenge(ownerOf(session), 'signature')) };
}

/** Looks at the answer of the card, and keeps that the account's person is who their Person says. */
export async function proveIdentity(
  context: LoginContext,
  visit: Visit,
  session: Session,
  answer: unknown,
): Promise<{ kind: 'done' } | Refusal> {
  const refusal = refusalOfSensitive(session, context.nowMs()) ?? refusalOfStaff(session);
  if (refusal) return refusal;
  const card = await presented(context, visit, ownerOf(session), answer);
  if ('why' in card) return card;
  if (!card.facts) return unfit;
  const id = session.subject.slice('Person/'.length);
  const current = await createReader(context).current('Person', id, { kind: 'all' });
  if (current?.content === undefined) return { kind: 'refused', why: 'missing' };
  const person = parseJson(current.content) as JsonObject;
  const shown = factsShown(card.facts);
  const [fault] =
    shown.birthDate === undefined ? ['birthDate'] : differences(shown, personFacts(person), { isOpen: true });
  if (fault !== undefined) return { kind: 'refused', why: 'identity', fault };
  const resource = { ...person, gender: shown.gender, birthDate: shown.birthDate } as JsonObject;
  await context.write(
    systemAccess('login'),
    [{ method: 'update', type: 'Person', id, ifMatch: current.version, resource }],
    {
      request: visit.request,
      alongside: async (client, written) => {
        await lockAccount(client, session.account);
        await keepProof(client, session.account, written[0]?.version ?? current.version, context.nowMs());
        await auditAct(
          client,
          'identity-proven',
          { subject: session.subject, request: visit.request },
          context.nowMs(),
        );
        await addNotice(client, session.account, 'identity-proven', context.nowMs());
      },
    },
  );
  return { kind: 'done' };
}

/** A birth date that the register does not know to the day proves nobody. */
function factsShown({ name, birthDate, sex }: CardFacts): PersonFacts {
  return { names: [foldName(name)], birthDate: birthDate?.length === 10 ? birthDate : undefined, gender: sex };
}

const refusalOfStaff = ({ subject }: Session): Refusal | undefined =>
  subject.startsWith('Person/') ? undefined : { kind: 'refused', why: 'missing' };
