// Why a StructureDefinition has no snapshot: it is at odds with its base or with itself, or needs definitions that are not here.

export type SnapshotFault =
  | 'missing-base'
  | 'cyclic'
  | 'unknown-path'
  | 'no-elements'
  | 'malformed'
  | 'unknown-type'
  | 'too-deep'
  | 'too-large';

/** The message is one sentence that names the definition; `canonical` is what is missing, where something is. */
export class SnapshotError extends Error {
  readonly fault: SnapshotFault;
  readonly canonical: string | undefined;
  constructor(fault: SnapshotFault, message: string, canonical?: string) {
    super(message);
    this.name = 'SnapshotError';
    this.fault = fault;
    this.canonical = canonical;
  }
}
