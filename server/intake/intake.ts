// What intake works with.

import type { Exempt } from '../fhir/my-number-text.ts';
import type { Standings } from '../interaction/standing.ts';
import type { DeliveryStore, Fate } from '../store/deliveries.ts';
import type { Links } from '../store/links.ts';
import type { SourceItems } from '../store/source-items.ts';

export type Intake = {
  deliveries: DeliveryStore;
  links: Links;
  items: SourceItems;
  /** Patient numbers that may look like a My Number. */
  exempt: Exempt;
  /** Hears of each fate that was given, for the metrics. */
  counted?: (fate: Fate) => void;
} & Standings;
