-- Search in the words of a stored resource (_text, _content, :text of tokens, :below of uris), row by row: the text as jsonb,
-- and normalised() as search/string.ts normalises. The tests compare the two on random text.

create function content_json(content text) returns jsonb language plpgsql immutable strict parallel safe as $$
begin
  return content::jsonb;
exception when others then               -- a number beyond numeric: it is FHIR, and stays unsearched in this way
  return null;
end $$;

-- A narrative without its markup, any other string as it is.
create function words_of(t text) returns text language sql immutable strict parallel safe as $$
  select case when t ~ '^\s*<div[\s>]' then
    replace(replace(replace(replace(replace(regexp_replace(t, '<[^>]*>', ' ', 'g'),
      '&lt;', '<'), '&gt;', '>'), '&quot;', '"'), '&#39;', ''''), '&amp;', '&')
  else t end
$$;

do $do$
declare
  letters text;                          -- a collation that knows the lower case of every letter, not only of ASCII's
begin
  select coalesce((
    select quote_ident(nspname) || '.' || quote_ident(collname) from pg_collation c join pg_namespace n on n.oid = c.collnamespace
    where collname in ('pg_c_utf8', 'und-x-icu', 'C.utf8', 'C.UTF-8', 'en_US.utf8')
      and collencoding in (-1, (select encoding from pg_database where datname = current_database()))
    order by array_position(array['pg_c_utf8', 'und-x-icu', 'C.utf8', 'C.UTF-8', 'en_US.utf8'], collname::text) limit 1
  ), '"default"') into letters;
  execute replace($fn$
    create function normalised(t text) returns text language sql immutable strict parallel safe as $$
      select regexp_replace(regexp_replace(
        normalize(translate(regexp_replace(
          normalize(lower(normalize(translate(t, E'\u309b\u309c', E'\u3099\u309a'), NFKC) collate letters), NFD),
          E'[\u0300-\u036f\u3012\u30fb\u00b7\u2027\t-\r \u1680\u2028\u2029\u200b-\u200d\u2060\ufeff]', '', 'g'),
          'ァアィイゥウェエォオカガキギクグケゲコゴサザシジスズセゼソゾタダチヂッツヅテデトドナニヌネノハバパヒビピフブプヘベペホボポマミムメモャヤュユョヨラリルレロヮワヰヱヲンヴヵヶς',
          'ぁあぃいぅうぇえぉおかがきぎくぐけげこごさざしじすずせぜそぞただちぢっつづてでとどなにぬねのはばぱひびぴふぶぷへべぺほぼぽまみむめもゃやゅゆょよらりるれろゎわゐゑをんゔゕゖσ'), NFC),
        E'(?<=[0-9])[\u2010-\u2015\u2212\u30fc\u301c-](?=[0-9])', '-', 'g'),
        E'(?<=[\u3041-\u3096\u30fc])[\u2010-\u2015\u2212~\u301c-]', 'ー', 'g')
    $$
  $fn$, 'collate letters', 'collate ' || letters);
end $do$;
