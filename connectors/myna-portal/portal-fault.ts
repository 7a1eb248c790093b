// Why a retrieval from MyNa Portal came to nothing, in a sentence for the person who started it.

export type PortalFaultKind = 'settings' | 'declined' | 'expired' | 'verify' | 'refused' | 'unreachable';

/** The message holds nothing of the person and no secret. */
export class PortalFault extends Error {
  readonly kind: PortalFaultKind;
  /** The command line shows the message alone. */
  readonly isForPeople = true;
  constructor(kind: PortalFaultKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'PortalFault';
    this.kind = kind;
  }
}
