// A statement that finds every kind of half-written state in a database: each row it returns is one that should not be.

/** Selects fault, key and version. */
export const halfWritten = `
with version as (
  select key, version, type from resource union all select key, version, type from history
)
select 'version without audit' as fault, key, version from version v
where not exists (select from audit a where a.key = v.key and a.version = v.version and a.interaction in ('create', 'update', 'delete'))
union all
select 'version without outbox', key, version from version v
where not exists (select from outbox o where o.key = v.key and o.version = v.version)
union all
select 'outbox without version', key, version from outbox o
where not exists (select from version v where v.key = o.key and v.version = o.version)
union all
select 'write audit without version', key, version from audit a
where a.interaction in ('create', 'update', 'delete') and not exists (select from version v where v.key = a.key and v.version = a.version)
union all
select 'finding without version', key, version from finding f
where not exists (select from version v where v.key = f.key and v.version = f.version)
union all
select 'event twice', key, version from outbox group by key, version having count(*) > 1
union all
select 'gap in history', key, max(version) from version group by key having count(*) <> max(version) or min(version) <> 1
union all
select 'term without row', t.key, null from term t left join resource r on r.key = t.key
where r.key is null or not r.marks @> array[t.term] or r.at <> t.at or r.owner <> t.owner
union all
select 'words without row', w.key, null from words w where not exists (select from resource r where r.key = w.key)
union all
select 'identifier without term', r.key, r.version from resource r
where r.content::jsonb ? 'identifier' and not exists (select from term t where t.key = r.key)
union all
select 'name without words', r.key, r.version from resource r
where r.content::jsonb ? 'name' and not exists (select from words w where w.key = r.key)`;
