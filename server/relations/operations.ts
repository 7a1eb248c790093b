// The acts that make, suspend and end what permissions come from, besides Consents and facility links
// (server/decisions/0011-who-may-see-what.md). Each checks who does it, and keeps what it does in one transaction.

import type { Operation } from '../interaction/request.ts';
import type { RelationStore } from '../store/relation-store.ts';
import { move } from './move.ts';

export const relationOperations = (store: RelationStore): Operation[] => [move(store)];
