// What a caller may see, as a condition on a row: of `resource`, or of another table with the same columns. The permissions are
// asked in the statement itself, so that a right which has just ended gives nothing any more
// (server/decisions/0011-who-may-see-what.md). Pure.

import { directoryTypes, type Part, type Reach } from '../access/access.ts';
import { type Caller, granteesOf, isClinician, isFamily } from '../access/caller.ts';
import { accessLog, unreadablePurposes } from '../access/policy.ts';
import { mark } from './hash.ts';
import { keyOf, nobody, typeNumber } from './keys.ts';
import { marksOfScope } from './scope-filter.ts';
import { membership, sharedFact } from './sheet.ts';
import { fixed, join, type Sql, sql } from './sql.ts';

/** What a caller may see of a type, as a condition on the row called `row`. */
export function narrow(reach: Reach, type: string, row = 'r'): Sql {
  return narrowTypes([{ type, reach }], row);
}

/** What a caller may see of several types; of the others nothing is said. */
export function narrowTypes(reaches: readonly { type: string; reach: Reach }[], row = 'r'): Sql {
  const groups = new Map<string, { reach: Reach; types: string[] }>();
  for (const { type, reach } of reaches) {
    const name = JSON.stringify([reach, directoryTypes.has(type), isByQuery(reach) ? type : '']);
    const group = groups.get(name);
    if (group) group.types.push(type);
    else groups.set(name, { reach, types: [type] });
  }
  const all = [...groups.values()];
  const [only] = all;
  if (only && all.length === 1) return oneReach(only.reach, only.types, row);
  const each = all.map(({ reach, types }) => {
    return sql`(${fixed(`${row}.type`)} = any(${types.map(typeNumber)}::int2[]) and ${oneReach(reach, types, row)})`;
  });
  return all.length === 0 ? fixed('false') : sql`(${join(each, ' or ')})`;
}

const isByQuery = (reach: Reach): boolean => reach.kind === 'narrowed' && reach.parts.some(({ query }) => query);

/** The types are all directories, or none of them is. */
function oneReach(reach: Reach, types: readonly string[], row: string): Sql {
  if (reach.kind === 'all') return fixed('true');
  if (reach.kind === 'none') return fixed('false');
  const isDirectory = directoryTypes.has(types[0] ?? '');
  if (reach.kind === 'patient') return inCompartment(reach.patient, isDirectory, row);
  const conditions = [
    ...(reach.by ? [permitted(reach.by, isDirectory, row)] : []),
    ...(reach.parts.length > 0 ? [partly(reach.parts, types[0] ?? '', isDirectory, row)] : []),
  ];
  return conditions.length > 0 ? sql`(${join(conditions, ' and ')})` : fixed('true');
}

function inCompartment(patient: string, isDirectory: boolean, row: string): Sql {
  const [owner, marks] = [fixed(`${row}.owner`), fixed(`${row}.marks`)];
  const own = sql`(${owner} = ${keyOf('Patient', patient)}::uuid or ${marks} @> array[${mark(membership(patient))}::bigint])`;
  return isDirectory ? sql`(${own} or ${owner} = ${nobody}::uuid)` : own;
}

/** Scopes of one token add up. */
function partly(parts: readonly Part[], type: string, isDirectory: boolean, row: string): Sql {
  const each = parts.map(({ patient, query }) => {
    const place = patient === undefined ? [] : [inCompartment(patient, isDirectory, row)];
    const marks = (query ? marksOfScope(type, query) : []).map(
      (some) => sql`${fixed(`${row}.marks`)} && ${some}::bigint[]`,
    );
    return join([...place, ...marks], ' and ');
  });
  return sql`(${join(each, ' or ')})`;
}

/** By the policy: directories and what one wrote always, any other entry when a permission says so and no denial. */
export function permitted(by: Caller, isDirectory: boolean, row: string): Sql {
  const ways = isDirectory ? [sql`${fixed(`${row}.owner`)} = ${nobody}::uuid`] : [];
  if (by.organization !== undefined)
    ways.push(sql`${fixed(`${row}.organization`)} = ${keyOfReference(by.organization)}::uuid`);
  if (!unreadablePurposes.has(by.purpose)) ways.push(byPermissions(by, row));
  return ways.length > 0 ? sql`(${join(ways, ' or ')})` : fixed('false');
}

/** The words are the same for all callers of a kind, and long: they are put together once. */
function byPermissions(by: Caller, row: string): Sql {
  const kind = isFamily(by) ? 'family' : isClinician(by) ? 'clinician' : 'staff';
  const name = `${kind} ${row}`;
  let words = kept.get(name);
  if (!words) {
    words = sql`(${permits(kind, row)} and ${notDenied(row)})`;
    if (kind === 'clinician') words = sql`(${words} or ${throughGlass(row)})`;
    kept.set(name, words);
  }
  const keys = granteesOf(by).map(keyOfReference);
  const at = new Date(by.nowMs).toISOString();
  const values = words.values.map((slot) => (slot === grantees ? keys : slot === purpose ? by.purpose : at));
  return { strings: words.strings, values };
}

/** What break-glass permits is denied by what leaves it no way; the denials of the closing policies do leave one. */
const throughGlass = (row: string): Sql =>
  sql`(${permits('clinician', row, fixed(` and p.basis = 'break-glass'`))} and ${notDenied(row, fixed(` and p.basis <> 'break-glass'`))})`;

const kept = new Map<string, Sql>();
const always = fixed('');
/** Where the values of a caller stand. */
const [grantees, purpose, moment] = [Symbol('grantees'), Symbol('purpose'), Symbol('moment')];

const ofCaller = sql`p.grantee = any(${grantees}::uuid[])`;
// An entry of several patients is in one record and has a mark for each of the others; only a family's rights go by those.
const isShared = (row: string): Sql => fixed(`${row}.facts ? '${sharedFact}'`);

/**
 * A family has few permissions, and nearly all say everything that is not labelled: whose records those are is asked once for
 * a statement, and only what is left is asked for each row.
 */
function permits(kind: 'family' | 'clinician' | 'staff', row: string, which = always): Sql {
  const among = (place: Sql) => sql`exists (
  select from permission p
  where ${ofCaller} and ${place} and not p.denies${which} and ${seesLog(row)} and ${means('p', row)}
    and (p.level = 0 or p.level = 1 and exists (${besideRoot(row)})))`;
  const ofOwner = among(sql`p.patient = ${fixed(`${row}.owner`)}`);
  const ofOthers = among(sql`p.is_shared and p.mark = any(${fixed(`${row}.marks`)})`);
  const each = sql`${ofOwner} or ${isShared(row)} and ${ofOthers}`;
  if (kind !== 'family') return sql`(${each})`;
  return sql`(${fixed(`${row}.labels = 0 and ${row}.owner`)} = any(array(
  select p.patient from permission p
  where ${ofCaller} and p.basis in ('self', 'guardian') and p.starts <= ${moment}::timestamptz and p.ends > ${moment}::timestamptz))
  or ${each})`;
}

/** Who looked at a record is for the patient and the guardians. */
const seesLog = (row: string): Sql =>
  fixed(`(p.basis in ('self', 'guardian') or ${row}.type <> ${typeNumber(accessLog)})`);

/**
 * An exception that permits takes its own Consent's denial back; one that denies stands wherever its Consent matches. Most callers
 * are denied nothing at all, which is asked once.
 */
function notDenied(row: string, which = always): Sql {
  const among = (place: Sql) => sql`exists (
  select from permission p
  where ${ofCaller} and ${place} and p.denies${which} and ${means('p', row)}
    and case p.level when 1 then exists (${besideRoot(row)})
      else not exists (${beside(row, fixed('q.level = 1 and not q.denies'))}) end)`;
  const ofOwner = among(sql`p.patient = ${fixed(`${row}.owner`)}`);
  const ofOthers = among(sql`p.mark = any(${fixed(`${row}.marks`)})`);
  return sql`(not (select exists (select from permission p where ${ofCaller} and p.denies${which}))
  or not (${ofOwner} or ${isShared(row)} and ${ofOthers}))`;
}

/** What the Consent of `p` says to the caller besides: it may name several, each with exceptions of their own. */
const beside = (row: string, which: Sql): Sql => sql`
      select from permission q
      where q.source = p.source and ${which} and q.grantee = any(${grantees}::uuid[]) and ${means('q', row)}`;
const besideRoot = (row: string): Sql => beside(row, fixed('q.level <> 1'));

function means(permission: string, row: string): Sql {
  const columns = ['type', 'key', 'labels', 'at', 'until', 'authored', 'organization', 'marks'];
  const entry = fixed(columns.map((name) => `${row}.${name}`).join(', '));
  return sql`means(${fixed(permission)}, ${purpose}::text, ${moment}::timestamptz, ${entry})`;
}

/** `Person/1` -> its key. */
export function keyOfReference(reference: string): string {
  const [type = '', id = ''] = reference.split('/');
  return keyOf(type, id);
}
