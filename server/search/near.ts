// Location.near: `latitude|longitude|distance|units`, the great circle on a sphere of the earth's mean radius.
// https://hl7.org/fhir/R4/location.html#positional

import { isObject } from '../fhir/json.ts';
import type { TypedValue } from '../fhir/paths.ts';
import { type Asked, badValue, type Filter, noModifier, split, unescaped } from './asked.ts';
import { storedNumber } from './number.ts';
import type { Parameter } from './parameter.ts';
import type { Sheet } from './sheet.ts';

/** Where no distance is given. */
const defaultDistanceKm = 50;
const kmOfUnit: Readonly<Record<string, number>> = {
  km: 1,
  m: 0.001,
  mi: 1.609344,
  '[mi_i]': 1.609344,
  '[mi_us]': 6336 / 3937,
};

/** Notes facts [latitude, longitude]. */
export function indexPositions(sheet: Sheet, { code }: Parameter, values: readonly TypedValue[]): void {
  const positions: [number, number][] = [];
  for (const { value } of values) {
    if (!isObject(value)) continue;
    const [latitude, longitude] = [storedNumber(value.latitude), storedNumber(value.longitude)];
    if (latitude !== undefined && longitude !== undefined) positions.push([latitude, longitude]);
  }
  if (positions.length > 0) sheet.facts[code] = positions;
}

export function nearFilter(asked: Asked): Filter {
  noModifier(asked);
  const places = asked.values.map((text) => {
    const [latitude, longitude, distance = '', unit = 'km', more] = split(text, '|').map(unescaped);
    const km = kmOfUnit[unit === '' ? 'km' : unit];
    const place = {
      latitude: numberIn(latitude),
      longitude: numberIn(longitude),
      distanceKm: distance === '' ? defaultDistanceKm : numberIn(distance) * (km ?? Number.NaN),
    };
    const isPlace = Math.abs(place.latitude) <= 90 && Math.abs(place.longitude) <= 180 && place.distanceKm >= 0;
    if (!isPlace || more !== undefined || km === undefined) {
      const units = Object.keys(kmOfUnit).join(', ');
      throw badValue(asked.name, text, `of the form latitude|longitude|distance|unit, where a unit is one of ${units}`);
    }
    return place;
  });
  return { kind: 'near', code: asked.parameter.code, places };
}

const numberIn = (text: string | undefined): number =>
  text !== undefined && /^[+-]?\d{1,9}(?:\.\d{1,20})?$/.test(text) ? Number(text) : Number.NaN;
