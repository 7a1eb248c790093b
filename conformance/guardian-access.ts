// Acts of guardians, relatives and young people against hand-made cases of the policy (server/decisions/0011-who-may-see-what.md).
// Data: ../shared/data/sharing/own/guardian-access.jsonl
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { decide, type Facts } from '../server/access/guardian-acts.ts';
import type { SuiteResult } from './suite.ts';

const file = fileURLToPath(new URL('../../shared/data/sharing/own/guardian-access.jsonl', import.meta.url));

type Case = Facts & { id: string; decision: string; why: string };

export async function run(): Promise<SuiteResult> {
  const result = { name: 'guardian-access', passed: 0, failed: 0, skipped: 0, notes: [] as string[] };
  if (!existsSync(file)) return { ...result, missing: '../shared/data/sharing/own/guardian-access.jsonl' };
  const faults: Record<string, string> = {};
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const { id, decision, why, ...facts }: Case = JSON.parse(line);
    const decided = decide(facts);
    if (decided === decision) result.passed++;
    else faults[id] = `${decided}, not ${decision}: ${why}`;
  }
  const failures = Object.keys(faults);
  return { ...result, failed: failures.length, failures, faults };
}
