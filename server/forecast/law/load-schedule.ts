// Turns a written schedule into a compiled one, and refuses a faulty one with every fault named by file, series, dose
// and field: a schedule error must show when it is loaded, never in an answer.

import type { Rule, RuleSource } from '../rule.ts';
import { ScheduleError, type ScheduleFault } from '../schedule-error.ts';
import { compileSeries } from './compile-series.ts';
import type { Conflict, Deferral, Schedule } from './compiled.ts';
import { compilePackages } from './package.ts';
import { createReader } from './reader.ts';
import type { ScheduleSource } from './schedule.ts';
import { knownFaults, scheduleVersions } from './schedule-on.ts';

/** Compiles a schedule. Throws `ScheduleError` naming every fault. */
export function loadSchedule(source: ScheduleSource): Schedule {
  const faults: ScheduleFault[] = [];
  const file = `${source.id}/schedule`;
  const rules = new Map<string, Rule>();
  addRules(rules, source.rules, (field, fault) => faults.push({ file, field, fault }));
  for (const { file: seriesFile, source: series } of source.series)
    addRules(rules, series.rules ?? {}, (field, fault) =>
      faults.push({ file: seriesFile, series: series.key, field, fault }),
    );

  const classes = new Map(Object.entries(source.products));
  const isObservation = observationCheck(source.observations);
  const reader = createReader(rules, new Set(classes.keys()), isObservation, (field, fault) =>
    faults.push({ file, field, fault }),
  );
  const kinds = new Set(classes.values());
  const conflicts = source.conflicts.map((row, i): Conflict => {
    const field = `conflicts[${i}]`;
    for (const kind of [...row.earlier, ...row.later])
      if (!kinds.has(kind)) reader.complain(field, `no product has the class "${kind}"`);
    return {
      rule: reader.rule(row.rule, `${field}.rule`),
      earlier: new Set(row.earlier),
      later: new Set(row.later),
      wait: reader.duration(row.wait, `${field}.wait`),
      givenFrom: reader.day(row.givenFrom, `${field}.givenFrom`),
      givenTo: reader.day(row.givenTo, `${field}.givenTo`),
    };
  });
  const deferrals = source.deferrals.map((row, i): Deferral => {
    const field = `deferrals[${i}]`;
    return {
      rule: reader.rule(row.rule, `${field}.rule`),
      observation: row.observation,
      minValue: row.minValue ?? 0,
      wait: reader.optionalDuration(row.wait, `${field}.wait`),
      lead: reader.optionalDuration(row.lead, `${field}.lead`) ?? { months: 0, days: 0 },
      products: reader.products(row.products === 'all' ? [...classes.keys()] : row.products, `${field}.products`),
    };
  });
  for (const [i, { observation }] of source.deferrals.entries())
    if (!isObservation(observation))
      reader.complain(`deferrals[${i}].observation`, `there is no observation "${observation}"`);
  const general = {
    invalidDose: reader.rule(source.general.invalidDose, 'general.invalidDose'),
    ageOutside: reader.rule(source.general.ageOutside, 'general.ageOutside'),
    extraDose: reader.rule(source.general.extraDose, 'general.extraDose'),
    duplicate: reader.rule(source.general.duplicate, 'general.duplicate'),
    sameDay: reader.rule(source.general.sameDay, 'general.sameDay'),
    vagueDate: reader.rule(source.general.vagueDate, 'general.vagueDate'),
    flawedDose: reader.rule(source.general.flawedDose, 'general.flawedDose'),
  };
  const packages = compilePackages(source.packages ?? {}, reader);
  const series = source.series.map(({ file: seriesFile, source: one }) =>
    compileSeries(one, source.series, (dose) =>
      createReader(rules, new Set(classes.keys()), isObservation, (field, fault) =>
        faults.push({ file: seriesFile, series: one.key, ...(dose === undefined ? {} : { dose }), field, fault }),
      ),
    ),
  );
  const exclusions = (source.exclusions ?? []).map((row, i) => {
    for (const code of row.observations)
      if (!isObservation(code)) reader.complain(`exclusions[${i}].observations`, `there is no observation "${code}"`);
    return {
      rule: reader.rule(row.rule, `exclusions[${i}].rule`),
      observations: row.observations,
      products: reader.products(row.products, `exclusions[${i}].products`),
    };
  });
  const recognises = new Map<string, string[]>();
  for (const [i, { rule, municipality, observation }] of (source.recognises ?? []).entries()) {
    reader.rule(rule, `recognises[${i}].rule`);
    if (!isObservation(observation))
      reader.complain(`recognises[${i}].observation`, `there is no observation "${observation}"`);
    recognises.set(municipality, [...(recognises.get(municipality) ?? []), observation]);
  }
  const cautions = reader.cautions(source.cautions ?? [], 'cautions');
  for (const part of ['conflicts', 'deferrals', 'cautions'] as const)
    for (const fault of knownFaults(source[part], part)) faults.push({ file, ...fault });
  for (const { file: seriesFile, source: one } of source.series)
    for (const fault of knownFaults(one)) faults.push({ file: seriesFile, series: one.key, ...fault });
  checkOrder(source, faults);
  if (faults.length > 0) throw new ScheduleError(faults);
  const { id, version } = source;
  const schedule = {
    id,
    version,
    classes,
    packages,
    conflicts,
    deferrals,
    exclusions,
    cautions,
    recognises,
    general,
    rules,
    series,
  };
  return { ...schedule, knownOn: scheduleVersions(source, loadSchedule) };
}

/** Whether a code is declared, by itself or as `prefix:*`. */
function observationCheck(declared: ScheduleSource['observations']): (code: string) => boolean {
  if (declared === undefined) return () => true;
  return (code) => declared[code] !== undefined || declared[`${code.split(':')[0]}:*`] !== undefined;
}

function addRules(
  rules: Map<string, Rule>,
  sources: Readonly<Record<string, RuleSource>>,
  complain: (field: string, fault: string) => void,
): void {
  for (const [id, source] of Object.entries(sources)) {
    if (rules.has(id)) complain(`rules.${id}`, 'the rule is written twice');
    for (const part of ['text', 'source'] as const) {
      if (!source[part]?.ja || !source[part]?.en) complain(`rules.${id}.${part}`, 'needs Japanese and English words');
    }
    if (!/^L[1-8]$/.test(source.layer)) complain(`rules.${id}.layer`, `unknown layer "${source.layer}"`);
    if (!/^[OSU]$/.test(source.confidence)) complain(`rules.${id}.confidence`, `unknown letter "${source.confidence}"`);
    rules.set(id, { id, ...source });
  }
}

/** A phase stands after the earlier phase, a series after the one it requires, and each key once. */
function checkOrder(source: ScheduleSource, faults: ScheduleFault[]): void {
  const seen = new Set<string>();
  const phases = new Map<string, number>();
  for (const { file, source: one } of source.series) {
    const complain = (field: string, fault: string) => faults.push({ file, series: one.key, field, fault });
    if (seen.has(one.key)) complain('key', 'another series has this key');
    if (one.continues !== undefined && !seen.has(one.continues))
      complain('continues', `"${one.continues}" is not a series before this one`);
    if (one.requires !== undefined && !seen.has(one.requires.series))
      complain('requires.series', `"${one.requires.series}" is not a series before this one`);
    if (one.phase !== undefined) {
      if (one.phase.number !== (phases.get(one.phase.of) ?? 0) + 1)
        complain('phase.number', `is not the phase after ${phases.get(one.phase.of) ?? 'none'} of "${one.phase.of}"`);
      phases.set(one.phase.of, one.phase.number);
    }
    seen.add(one.key);
  }
}
