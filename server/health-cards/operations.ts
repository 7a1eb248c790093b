// The operations on SMART Health Cards, and what they share.

import type { Operation } from '../interaction/request.ts';
import type { Standings } from '../interaction/standing.ts';
import type { HealthCardStore } from '../store/health-cards.ts';
import { cardPicture } from './card-picture.ts';
import { issueCards } from './issue.ts';
import { createCardKeys } from './keys.ts';
import { listCards } from './list.ts';
import { revokeCards } from './revoke.ts';
import { verifyCards } from './verify.ts';

export function healthCardOperations({
  store,
  standingOf,
}: { store: HealthCardStore } & Standings): [issue: Operation, ...others: Operation[]] {
  const keys = createCardKeys(store);
  return [
    issueCards({ store, keys }),
    listCards({ store, standingOf }),
    revokeCards({ store, standingOf }),
    cardPicture,
    verifyCards({ store, keys }),
  ];
}
