// One written series to one compiled series: windows, paths, doses and their rows, each field checked on the way.

import { dayOf } from '../days.ts';
import type { Anchors, Bound } from './bound.ts';
import type { Path, Series, SeriesDose, Window } from './compiled.ts';
import { municipalityCode } from './municipality.ts';
import type { Reader } from './reader.ts';
import type { CoverageSource, DoseSource, PathSource, SeriesSource, WindowSource } from './schedule.ts';

/** Compiles one series; `readerFor` gives a reader that complains about the named dose (or the series itself). */
export function compileSeries(
  source: SeriesSource,
  all: readonly { source: SeriesSource }[],
  readerFor: (dose?: string) => Reader,
): Series {
  const reader = readerFor();
  if (source.paths.length === 0) reader.complain('paths', 'a series needs at least one path');
  if (source.windows.length === 0) reader.complain('windows', 'a series needs at least one window');
  const windows = source.windows.map((row, i) => compileWindow(row, `windows[${i}]`, reader));
  const products = reader.products(source.products, 'products');
  return {
    key: source.key,
    name: source.name,
    programme: source.programme,
    category: source.programme === 'routine' ? (source.category ?? 'A') : undefined,
    targetDisease: source.targetDisease,
    products,
    weeksOf: source.weeksOf,
    recordsFrom: reader.optionalBound(source.recordsFrom, 'recordsFrom'),
    recordsTo: reader.optionalBound(source.recordsTo, 'recordsTo'),
    combinations: (source.combinations ?? []).map((row, i) => ({
      rule: reader.rule(row.rule, `combinations[${i}].rule`),
      parts: [...reader.products(row.parts, `combinations[${i}].parts`)],
      givenFrom: reader.day(row.givenFrom, `combinations[${i}].givenFrom`),
    })),
    productDates: (source.productDates ?? []).map((row, i) => {
      for (const code of row.products)
        if (!products.has(code)) reader.complain(`productDates[${i}].products`, `"${code}" is not of this series`);
      return {
        rule: reader.rule(row.rule, `productDates[${i}].rule`),
        products: new Set(row.products),
        from: reader.day(row.from, `productDates[${i}].from`),
        to: reader.day(row.to, `productDates[${i}].to`),
      };
    }),
    continues: source.continues,
    cautions: reader.cautions(source.cautions ?? [], 'cautions'),
    coverage: (source.coverage ?? []).map((row, i) => compileCoverage(row, `coverage[${i}]`, reader)),
    phase: source.phase && { ...source.phase, next: productsOfLaterPhases(source.phase, all) },
    toleratedExtra: source.toleratedExtra && {
      rule: reader.rule(source.toleratedExtra.rule, 'toleratedExtra.rule'),
      products: reader.products(source.toleratedExtra.products, 'toleratedExtra.products'),
      when: reader.condition(source.toleratedExtra.when, 'toleratedExtra.when'),
    },
    closures: (source.closures ?? []).map((row, i) => ({
      rule: reader.rule(row.rule, `closures[${i}].rule`),
      status: row.status,
      reason: row.reason,
      when: reader.condition(row.when, `closures[${i}].when`) ?? (() => false),
      silent: row.silent ?? false,
      review: row.review ?? false,
    })),
    requires: source.requires && {
      rule: reader.rule(source.requires.rule, 'requires.rule'),
      series: source.requires.series,
      interval: reader.duration(source.requires.interval, 'requires.interval'),
      when: reader.condition(source.requires.when, 'requires.when'),
    },
    prefer: (source.prefer ?? []).map((row, i) => {
      if (!products.has(row.product)) reader.complain(`prefer[${i}].product`, `"${row.product}" is not of this series`);
      return {
        rule: reader.rule(row.rule, `prefer[${i}].rule`),
        product: row.product,
        when: reader.condition(row.when, `prefer[${i}].when`),
      };
    }),
    followUps: (source.followUps ?? []).map((row, i) => ({
      rule: reader.rule(row.rule, `followUps[${i}].rule`),
      code: row.code,
      from: reader.bound(row.from, `followUps[${i}].from`),
      to: reader.bound(row.to, `followUps[${i}].to`),
    })),
    paths: source.paths.map((path) => compilePath(path, windows, products, readerFor)),
  };
}

function compilePath(
  source: PathSource,
  windows: readonly Window[],
  products: ReadonlySet<string>,
  readerFor: (dose?: string) => Reader,
): Path {
  const reader = readerFor(`path ${source.id}`);
  if (source.doses.length === 0) reader.complain('doses', 'a path needs at least one dose');
  for (const code of source.products ?? [])
    if (!products.has(code)) reader.complain('products', `"${code}" is not a product of this series`);
  return {
    id: source.id,
    band: source.band,
    rule: reader.rule(source.rule, 'rule'),
    startFrom: reader.optionalBound(source.start?.from, 'start.from'),
    startTo: reader.optionalBound(source.start?.to, 'start.to'),
    products: source.products && new Set(source.products),
    productLock: source.productLock === undefined ? undefined : reader.rule(source.productLock, 'productLock'),
    when: reader.condition(source.when, 'when'),
    doses: source.doses.map((dose, i) =>
      compileDose(dose, i + 1, windows, readerFor(`path ${source.id} dose ${i + 1}`)),
    ),
  };
}

function compileDose(source: DoseSource, number: number, windows: readonly Window[], reader: Reader): SeriesDose {
  const checkReference = (after: 'previous' | 'last' | number, field: string) => {
    if (typeof after === 'number' && (after < 1 || after >= number))
      reader.complain(field, `dose ${after} is not before dose ${number}`);
  };
  return {
    number,
    label: source.label,
    windows: source.windows?.map((row, i) => compileWindow(row, `windows[${i}]`, reader)) ?? windows,
    from: (source.from ?? []).map((row, i) => ({
      rule: reader.rule(row.rule, `from[${i}].rule`),
      bound: reader.bound(row.bound, `from[${i}].bound`),
    })),
    intervals: (source.intervals ?? []).map((row, i) => {
      const field = `intervals[${i}]`;
      checkReference(row.after, `${field}.after`);
      return {
        rule: reader.rule(row.rule, `${field}.rule`),
        after: row.after,
        min: reader.duration(row.min, `${field}.min`),
        max: reader.optionalDuration(row.max, `${field}.max`),
        exception: row.exception && {
          min: reader.duration(row.exception.min, `${field}.exception.min`),
          warning: row.exception.warning,
        },
        use: row.use,
        products: row.products && reader.products(row.products, `${field}.products`),
        when: reader.condition(row.when, `${field}.when`),
      };
    }),
    standard: (source.standard ?? []).map((row, i) => {
      const field = `standard[${i}]`;
      checkReference(row.after ?? 'previous', `${field}.after`);
      return {
        rule: reader.rule(row.rule, `${field}.rule`),
        from: reader.optionalBound(row.from, `${field}.from`),
        to: reader.optionalBound(row.to, `${field}.to`),
        after: row.after ?? 'previous',
        fromInterval: reader.optionalDuration(row.fromInterval, `${field}.fromInterval`),
        toInterval: reader.optionalDuration(row.toInterval, `${field}.toInterval`),
        when: reader.condition(row.when, `${field}.when`),
      };
    }),
    skip: (source.skip ?? []).map((row, i) => ({
      rule: reader.rule(row.rule, `skip[${i}].rule`),
      when: reader.condition(row.when, `skip[${i}].when`) ?? (() => false),
      dosesRequired: row.dosesRequired,
    })),
    lapses: source.lapses === undefined ? undefined : reader.rule(source.lapses, 'lapses'),
    advisedAgainst: source.advisedAgainst && {
      rule: reader.rule(source.advisedAgainst.rule, 'advisedAgainst.rule'),
      from: reader.bound(source.advisedAgainst.from, 'advisedAgainst.from'),
      reason: source.advisedAgainst.reason,
      warning: source.advisedAgainst.warning,
    },
  };
}

function compileWindow(source: WindowSource, field: string, reader: Reader): Window {
  const from = asList(source.from).map((text) => reader.bound(text, `${field}.from`));
  const to = asList(source.to ?? []).map((text) => reader.bound(text, `${field}.to`));
  if (isReversed(from, to)) reader.complain(field, 'begins after it ends');
  return {
    rule: reader.rule(source.rule, `${field}.rule`),
    from,
    to,
    givenFrom: reader.day(source.givenFrom, `${field}.givenFrom`),
    givenTo: reader.day(source.givenTo, `${field}.givenTo`),
    creditedBefore:
      source.creditedBefore === undefined ? undefined : reader.rule(source.creditedBefore, `${field}.creditedBefore`),
    creditedAsRoutine: source.creditedAsRoutine ?? false,
    when: reader.condition(source.when, `${field}.when`),
    extension: source.extension,
    labelSuffix: source.labelSuffix ?? '',
  };
}

function compileCoverage(source: CoverageSource, field: string, reader: Reader): Series['coverage'][number] {
  const municipality = municipalityCode(source.municipality ?? '');
  if (municipality === undefined) reader.complain(`${field}.municipality`, 'is not a JIS X 0402 code');
  return {
    rule: reader.rule(source.rule, `${field}.rule`),
    municipality: municipality ?? '',
    from: asList(source.from).map((text) => reader.bound(text, `${field}.from`)),
    to: asList(source.to ?? []).map((text) => reader.bound(text, `${field}.to`)),
    givenFrom: reader.day(source.givenFrom, `${field}.givenFrom`),
    givenTo: reader.day(source.givenTo, `${field}.givenTo`),
    doses: source.doses,
    when: reader.condition(source.when, `${field}.when`),
  };
}

/** A window by age alone must have a day for somebody; tried on one birth date, bounds on other anchors left out. */
function isReversed(from: readonly Bound[], to: readonly Bound[]): boolean {
  const probe: Anchors = { birth: dayOf(2024, 1, 15) };
  const first = Math.max(...from.map((bound) => bound(probe) ?? Number.NEGATIVE_INFINITY));
  const last = Math.min(...to.map((bound) => bound(probe) ?? Number.POSITIVE_INFINITY));
  return first > last;
}

function productsOfLaterPhases(
  phase: { of: string; number: number },
  all: readonly { source: SeriesSource }[],
): ReadonlySet<string> {
  const later = all.filter(({ source }) => source.phase?.of === phase.of && source.phase.number > phase.number);
  return new Set(later.flatMap(({ source }) => source.products));
}

function asList(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}
