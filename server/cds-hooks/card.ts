// A card of CDS Hooks 2.0, https://cds-hooks.hl7.org/2.0/#card-attributes

import { randomUUID } from 'node:crypto';
import type { Card } from './types.ts';

const mostCharacters = 140;

/** A card of ours; a summary that is too long is cut. */
export function card(indicator: Card['indicator'], summary: string, detail: string): Card {
  return {
    uuid: randomUUID(),
    summary: summary.length > mostCharacters ? `${summary.slice(0, mostCharacters - 1)}…` : summary,
    indicator,
    ...(detail === '' ? {} : { detail }),
    source: { label: 'Tsumugi' },
  };
}
