// What the family does with links to a record.

import type { Operation } from '../interaction/request.ts';
import { share } from './share.ts';
import type { ShareOptions } from './share-options.ts';
import { revokeShare, shares } from './shares.ts';

export const shareOperations = (options: ShareOptions): Operation[] => [
  share(options),
  shares(options),
  revokeShare(options),
];
