// The acts that make, suspend and end what permissions come from, besides Consents and facility links
// (server/decisions/0011-who-may-see-what.md). Each checks who does it, and keeps what it does in one transaction.

import type { Operation } from '../interaction/request.ts';
import type { RelationStore } from '../store/relation-store.ts';
import { acceptInvitation } from './accept-invitation.ts';
import { claim, claimCode, shareWithGuardians } from './claim.ts';
import { endRelation } from './end-relation.ts';
import { invite } from './invite.ts';
import { move } from './move.ts';
import { protect } from './protect.ts';
import { refuseErasure, requestErasure } from './request-erasure.ts';
import { liftSuspension, suspendRelation } from './suspend-relation.ts';
import { verifyRelation } from './verify-relation.ts';

const all = [
  ...[invite, acceptInvitation, verifyRelation, endRelation],
  ...[suspendRelation, liftSuspension],
  ...[claimCode, claim, shareWithGuardians],
  ...[move, protect],
  ...[requestErasure, refuseErasure],
];

export const relationOperations = (store: RelationStore): Operation[] => all.map((operation) => operation(store));
