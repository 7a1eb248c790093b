// What the operations and the public side of links work with.

import type { Access } from '../access/access.ts';
import type { ShareStore } from '../store/shares.ts';
import type { Standing } from '../store/standing.ts';
import type { MakeShared } from './content.ts';

/** A slow hash of passcodes; both answer undefined when too many others are being looked at. */
export type Passcodes = {
  make(passcode: string): Promise<string | undefined>;
  check(passcode: string, stored: string): Promise<boolean | undefined>;
};

export type ShareOptions = {
  store: ShareStore;
  standingOf: (access: Access, patient: string) => Promise<Standing>;
  passcodes: Passcodes;
  /** Public address without a slash at the end. */
  baseUrl: () => string;
  /** What other features make of a record. */
  makers: { summary: MakeShared; healthCards: MakeShared };
};
