// Who says what a record holds. Of one source two records are two events, so that a source is rather told apart too often than too
// seldom: who wrote it, whom it says it has it from, and by which kind of key its sender finds it again.

import type { Identifier, Meta } from '@medplum/fhirtypes';

type Told = { meta?: Meta; identifier?: readonly Identifier[] };

/** `origin`: whom the record says it has it from. What a family types has none of the three. */
export function sourceOf({ meta, identifier }: Told, origin = ''): string {
  return [meta?.source ?? '', origin, namespaceOf(identifier?.[0])].join(' ');
}

/** What a sender finds it again by; the first identifier, as conditional writes use it. */
export function ownIdentifier({ identifier }: Told): string | undefined {
  const [first] = identifier ?? [];
  return first?.value === undefined ? undefined : `${first.system ?? ''}|${first.value}`;
}

/** An organization stands for what it writes; then what was delivered under a sender's key; a family copies from what it was given. */
export const distanceOf = ({ meta, identifier = [] }: Told): number =>
  meta?.source !== undefined ? 0 : identifier.length > 0 ? 2 : 4;

/** Business identifiers of one system are told apart by the kind in front of their digest. */
function namespaceOf(identifier: Identifier | undefined): string {
  const kind = /^([a-z-]+)\.[0-9a-f]{16,}$/.exec(identifier?.value ?? '')?.[1] ?? '';
  return identifier === undefined ? '' : `${identifier.system ?? ''}|${kind}`;
}
