// Fills the tables of one code system. Facts come in whatever order a release has them and are sorted by the database; then its
// concepts are written in the order of codes, with the sets that filters and searches read. Memory grows with the number of codes
// and of their ancestors only.

import type { ClientBase } from 'pg';
import { normalise } from '../fhir/normalise.ts';
import type { LargeDesignation, LargeProperty } from '../terminology/large-code-systems.ts';
import { integers, texts } from './binary-arrays.ts';
import { ancestorsOf } from './hierarchy.ts';
import { LoadFault } from './load-fault.ts';
import type { Progress } from './load-head.ts';
import { addGrams, beginningsOf, belowName, existsName, longestValue, propertyName } from './set-names.ts';
import { createSetWriter } from './set-writer.ts';

/** What one line of a file says of a code. One fact says that there is the code; others add to it. */
export type CodeFact = {
  code: string;
  isThere?: true;
  /** It is left out where no other fact says that there is the code; without it the load is refused then. */
  isExtra?: true;
  /** Of several the one with the lowest rank counts; without a rank it is 0. */
  display?: string;
  rank?: number;
  isInactive?: boolean;
  isAbstract?: boolean;
  definition?: string;
  designations?: readonly LargeDesignation[];
  properties?: readonly LargeProperty[];
  parents?: readonly string[];
  file: string;
  line: number;
};

/** What `concept.more` holds. */
export type More = { definition?: string; designations?: LargeDesignation[]; properties?: LargeProperty[] };

const longestCode = 255;
const mostConcepts = 5_000_000;
const batch = 2_000;

/** Returns how many concepts there are, which properties, and how many extra facts were left out. Throws LoadFault. */
export async function writeCodeSystem(
  client: ClientBase,
  number: number,
  facts: AsyncIterable<readonly CodeFact[]>,
  progress: Progress,
): Promise<{ count: number; properties: string[]; leftOut: number }> {
  await client.query('drop table if exists arriving');
  await client.query('create temporary table arriving (code text collate "C", n int, fact text)');
  await client.query("set work_mem = '64MB'");
  await arrive(client, facts);
  await client.query('create index arriving_order on arriving (code, n)');
  const { codes, parents, leftOut } = await hierarchyOf(client);
  const properties = await writeConcepts(client, number, codes, ancestorsOf(codes, parents), parents, progress);
  await client.query('drop table arriving');
  return { count: codes.length, properties, leftOut };
}

async function arrive(client: ClientBase, facts: AsyncIterable<readonly CodeFact[]>): Promise<void> {
  let n = 0;
  let waiting: CodeFact[] = [];
  const flush = async () => {
    const sent = [
      texts(waiting.map(({ code }) => code)),
      integers(waiting.map(() => n++)),
      texts(waiting.map(({ code: _, ...fact }) => JSON.stringify(fact))),
    ];
    await client.query({
      name: 'load-arriving',
      text: `insert into arriving (code, n, fact) select * from unnest($1::text[], $2::int[], $3::text[])`,
      values: sent,
    });
    waiting = [];
  };
  for await (const some of facts) {
    for (const fact of some) {
      checkCode(fact);
      waiting.push(fact);
      if (waiting.length >= batch) await flush();
    }
  }
  if (waiting.length > 0) await flush();
}

function checkCode({ code, file, line }: CodeFact): void {
  if (code === '' || code !== code.trim())
    throw new LoadFault('a code is empty or begins or ends with a space', { file, line });
  if (code.length > longestCode) throw new LoadFault(`a code is longer than ${longestCode} characters`, { file, line });
}

/** The codes by position, and the positions of each one's parents where it has some. */
async function hierarchyOf(
  client: ClientBase,
): Promise<{ codes: string[]; parents: (number[] | undefined)[]; leftOut: number }> {
  let leftOut = 0;
  const codes: string[] = [];
  const named: { child: number; fact: CodeFact }[] = [];
  for await (const facts of arrivedByCode(client)) {
    const [first] = facts;
    const [concept, twice] = facts.filter(({ isThere }) => isThere);
    if (!first) continue;
    if (isLeftOut(facts)) {
      leftOut += facts.length;
      continue;
    }
    if (!concept) throw new LoadFault(`${first.code} is spoken of, but no line says what it is`, first);
    if (twice) throw new LoadFault(`the code ${twice.code} is there twice; first on line ${concept.line}`, twice);
    for (const fact of facts) if (fact.parents) named.push({ child: codes.length, fact });
    codes.push(first.code);
    if (codes.length > mostConcepts) throw new LoadFault(`there are more than ${mostConcepts} codes`);
  }
  if (codes.length === 0) throw new LoadFault('there is no code in it');
  const positions = new Map(codes.map((code, position) => [code, position]));
  const parents: (number[] | undefined)[] = new Array(codes.length);
  for (const { child, fact } of named) {
    for (const parent of fact.parents ?? []) {
      const position = positions.get(parent);
      if (position === undefined)
        throw new LoadFault(`the parent ${parent} of ${fact.code} is not a code of the code system`, fact);
      const known = parents[child];
      if (!known) parents[child] = [position];
      else if (!known.includes(position)) known.push(position);
    }
  }
  return { codes, parents, leftOut };
}

const isLeftOut = (facts: readonly CodeFact[]): boolean => facts.every(({ isThere, isExtra }) => isExtra && !isThere);

/** The facts of one code after the other, in the order of codes, and of arrival for each. */
async function* arrivedByCode(client: ClientBase): AsyncGenerator<CodeFact[]> {
  let gathered: CodeFact[] = [];
  let after: [string, number] = ['', -1];
  for (;;) {
    const { rows } = await client.query<{ code: string; n: number; fact: string }>({
      name: 'load-arrived',
      text: `select code, n, fact from arriving where (code, n) > ($1::text, $2::int) order by code, n limit ${batch}`,
      values: after,
    });
    for (const { code, n, fact } of rows) {
      if (gathered[0] && gathered[0].code !== code) {
        yield gathered;
        gathered = [];
      }
      gathered.push({ ...(JSON.parse(fact) as Omit<CodeFact, 'code'>), code });
      after = [code, n];
    }
    if (rows.length < batch) break;
  }
  if (gathered.length > 0) yield gathered;
}

const conceptText = `
insert into concept (loaded, position, code, display, inactive, abstract, parents, ancestors, more, words)
select $1::int, c.position, c.code, c.display, c.state & 1 = 1, c.state & 2 = 2, c.parents::int[], c.ancestors::int[], c.more, c.words
from unnest($2::int[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[])
  c(position, code, display, state, parents, ancestors, more, words)`;

async function writeConcepts(
  client: ClientBase,
  number: number,
  codes: readonly string[],
  ancestors: readonly (Int32Array | undefined)[],
  parents: readonly (number[] | undefined)[],
  progress: Progress,
): Promise<string[]> {
  const sets = createSetWriter(client, number);
  const properties = new Set<string>();
  let rows: ConceptRow[] = [];
  let position = 0;
  const flush = async () => {
    const values = [
      number,
      integers(rows.map((row) => row.position)),
      texts(rows.map((row) => row.code)),
      texts(rows.map((row) => row.display)),
      integers(rows.map((row) => row.state)),
      texts(rows.map((row) => `{${parents[row.position]?.join(',') ?? ''}}`)),
      texts(rows.map((row) => `{${ancestors[row.position]?.join(',') ?? ''}}`)),
      texts(rows.map((row) => row.more)),
      texts(rows.map((row) => row.words)),
    ];
    await client.query({ name: 'load-concepts', text: conceptText, values });
    rows = [];
    progress('writing', position, codes.length);
  };
  for await (const facts of arrivedByCode(client)) {
    if (isLeftOut(facts)) continue;
    const row = rowOf(position, facts);
    rows.push(row);
    await sets.at(position);
    for (const ancestor of ancestors[position] ?? []) sets.add(belowName(codes[ancestor] ?? ''));
    for (const parent of parents[position] ?? []) addProperty('parent', codes[parent] ?? '');
    for (const property of row.properties) addProperty(property.code, property.value);
    if ((row.state & 1) === 1) addProperty('inactive', 'true');
    if ((row.state & 2) === 2) addProperty('notSelectable', 'true');
    for (const line of row.words.split('\n')) addGrams(line, sets.addGram);
    for (const text of row.texts) for (const beginning of beginningsOf(text)) sets.add(beginning);
    position++;
    if (rows.length >= batch) await flush();
  }
  if (rows.length > 0) await flush();
  await sets.end();
  return [...properties].sort();

  function addProperty(property: string, value: string): void {
    properties.add(property);
    sets.add(existsName(property));
    if (value.length <= longestValue) sets.add(propertyName(property, value));
  }
}

type ConceptRow = {
  position: number;
  code: string;
  display: string;
  state: number;
  more: string;
  words: string;
  texts: ReadonlySet<string>;
  properties: readonly LargeProperty[];
};

function rowOf(position: number, facts: readonly CodeFact[]): ConceptRow {
  const code = facts[0]?.code ?? '';
  const [best] = facts.filter((fact) => fact.display).sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0));
  const { display = code } = best ?? {};
  const { isInactive, isAbstract } = facts.find(({ isThere }) => isThere) ?? {};
  const definition = facts.find((fact) => fact.definition !== undefined)?.definition;
  const designations = facts.flatMap((fact) => fact.designations ?? []);
  const properties = facts.flatMap((fact) => fact.properties ?? []);
  const more: More = {
    ...(definition !== undefined && { definition }),
    ...(designations.length > 0 && { designations }),
    ...(properties.length > 0 && { properties }),
  };
  const texts = new Set([code, display, ...designations.map(({ value }) => value)]);
  return {
    ...{ position, code, display, properties, texts },
    state: (isInactive ? 1 : 0) + (isAbstract ? 2 : 0),
    more: JSON.stringify(more),
    words: [...new Set([...texts].map(normalise))].join('\n'),
  };
}
