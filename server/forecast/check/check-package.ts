// What the package in the hand says, against what the schedule knows of the product: expiry, route, volume by age, licensed
// age, market. A value that was not stated is named as not checked.

import { type Day, parseDay, parseDayRange } from '../days.ts';
import type { Anchors } from '../law/bound.ts';
import type { Schedule } from '../law/compiled.ts';
import type { Package } from '../law/package.ts';
import { anchorsOf } from '../law/person.ts';
import type { Text } from '../rule.ts';
import type { ForecastInput } from '../types.ts';
import { reasonAbout, reasonOf } from './reason-words.ts';
import type { CheckReason, IntendedDose } from './types.ts';

/** The reasons that lie in the package; all of them, also where the dose itself is wrong. */
export function packageReasons(input: ForecastInput, intended: IntendedDose, schedule: Schedule): CheckReason[] {
  const kind = schedule.classes.get(intended.vaccine);
  if (kind === undefined) return [reasonOf('unknownProduct')];
  const day = parseDay(input.assessmentDate);
  const birth = parseDay(input.birthDate);
  const own = kind === 'antibody' ? [reasonOf('antibodyProduct')] : [];
  if (day === undefined || birth === undefined) return own;
  const label = schedule.packages.get(intended.vaccine);
  return [
    ...own,
    ...lotReasons(intended, day),
    ...(label === undefined ? [] : labelReasons(intended, label, anchorsOf(input, birth, day), day)),
  ];
}

function lotReasons({ lotNumber, expirationDate }: IntendedDose, day: Day): CheckReason[] {
  const lot = lotNumber === undefined ? [reasonOf('lotNotStated')] : [];
  if (expirationDate === undefined) return [...lot, reasonOf('expiryNotStated')];
  // A month on a package means its last day.
  const range = parseDayRange(expirationDate);
  if (range === undefined) return [...lot, reasonOf('expiryUnreadable')];
  if (range.last >= day) return lot;
  return [...lot, reasonAbout('lotExpired', { ja: `${expirationDate}まで`, en: `until ${expirationDate}` })];
}

function labelReasons({ route, volumeMl }: IntendedDose, label: Package, anchors: Anchors, day: Day): CheckReason[] {
  const reasons: CheckReason[] = [];
  if (label.routes !== undefined && route === undefined) reasons.push(reasonOf('routeNotStated'));
  else if (label.routes !== undefined && route !== undefined && !label.routes.includes(route))
    reasons.push(reasonAbout('wrongRoute', shouldBe(label.routes)));
  const volumes = label.volumes.filter(({ isOn }) => isOn(day, anchors)).map(({ millilitres }) => millilitres);
  if (volumes.length > 0 && volumeMl === undefined) reasons.push(reasonOf('volumeNotStated'));
  else if (volumes.length > 0 && volumeMl !== undefined && !volumes.includes(volumeMl))
    reasons.push(reasonAbout('wrongVolume', shouldBe(volumes.map((volume) => `${volume} mL`))));
  if (!label.isLicensed(day, anchors)) reasons.push(reasonOf('outsideLicence'));
  if (!label.isOnMarket(day, anchors)) reasons.push(reasonOf('notOnMarket'));
  return reasons;
}

function shouldBe(right: readonly string[]): Text {
  return { ja: `正しくは ${right.join(' か ')}`, en: `should be ${right.join(' or ')}` };
}
