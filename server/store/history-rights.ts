// What rights go by, for versions of the past: columns like those of `resource`, for search/narrow.ts. In whose records a version
// was besides its owner's stands in `sharing`; the other marks of a version are not kept, and are those of what became of it.

import { fixed, numbered, type Sql, sql } from '../search/sql.ts';

// A permission knows the mark of what its patient shares. Of patients without any, nobody is permitted or denied anything.
const marksOfPatients = (version: string): string => `array(
    select q.mark from sharing s cross join lateral (select mark from permission p where p.patient = s.patient limit 1) q
    where s.key = h.key and s.version = ${version})`;

/** Versions that were replaced, and tombstones. `facts` say no more than whether the version was in several records. */
export const historyWithRights = `(
  select h.key, h.type, h.version, h.owner, h.bucket, h.updated, h.xid, h.method, h.content, h.labels, h.authored, h.organization,
    coalesce(h.at, h.updated) as at, coalesce(h.until, h.updated) as until,
    w.marks || array(select unnest(x.marks) except select unnest(n.marks)) as marks,
    case when cardinality(w.marks) > 0 then '{">in":[]}'::jsonb else '{}'::jsonb end as facts
  from history h cross join lateral (select ${marksOfPatients('h.version')} as marks) w
  left join lateral (select version, marks from resource x where x.key = h.key limit 1) x on true
  cross join lateral (select ${marksOfPatients('x.version')} as marks) n
)`;

const columns = 'type, key, owner, labels, organization, authored, at, until, marks, facts';

/** The last version of what is there no more. */
export const lastOfGone = (key: Sql): Sql =>
  sql`(select ${fixed(columns)} from ${fixed(historyWithRights)} h where h.key = ${key} order by h.version desc limit 1)`;

/** What a resource is now, or was last. `key` is SQL. */
export const lastOf = (key: string): string => `(
  select ${columns} from resource where key = ${key}
  union all select * from ${numbered(lastOfGone(fixed(key)), 0)} g where not exists (select from resource where key = ${key})
)`;
