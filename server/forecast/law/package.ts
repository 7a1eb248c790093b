// What a product's label and package say, as far as the check before the needle asks: route, volume by age, licensed age and
// the days it was on the market. Written with the bounds of bound.ts; compiled with the schedule.

import type { Day } from '../days.ts';
import type { Anchors, Bound } from './bound.ts';
import type { Reader } from './reader.ts';
import type { PackageSource, SpanSource } from './schedule.ts';

export type Package = {
  routes: readonly string[] | undefined;
  volumes: readonly { millilitres: number; isOn: (day: Day, anchors: Anchors) => boolean }[];
  isLicensed: (day: Day, anchors: Anchors) => boolean;
  isOnMarket: (day: Day, anchors: Anchors) => boolean;
};

/** Compiles the packages of a schedule; complains about products it does not have and bounds that cannot be read. */
export function compilePackages(
  source: Readonly<Record<string, PackageSource>>,
  reader: Reader,
): ReadonlyMap<string, Package> {
  return new Map(
    Object.entries(source).map(([code, one]) => {
      const field = `packages.${code}`;
      reader.products([code], field);
      return [
        code,
        {
          routes: one.routes,
          volumes: (one.volumes ?? []).map(({ millilitres, ...span }, i) => {
            if (!(millilitres > 0)) reader.complain(`${field}.volumes[${i}]`, 'millilitres must be more than 0');
            return { millilitres, isOn: compileSpan(span, `${field}.volumes[${i}]`, reader) };
          }),
          isLicensed: compileSpan(one.licensed ?? {}, `${field}.licensed`, reader),
          isOnMarket: compileSpan(one.market ?? {}, `${field}.market`, reader),
        },
      ];
    }),
  );
}

function compileSpan(source: SpanSource, field: string, reader: Reader): (day: Day, anchors: Anchors) => boolean {
  const first: Bound | undefined = reader.optionalBound(source.from, `${field}.from`);
  const last: Bound | undefined = reader.optionalBound(source.to, `${field}.to`);
  return (day, anchors) => {
    const from = first?.(anchors) ?? Number.NEGATIVE_INFINITY;
    const to = last?.(anchors) ?? Number.POSITIVE_INFINITY;
    return from <= day && day <= to;
  };
}
