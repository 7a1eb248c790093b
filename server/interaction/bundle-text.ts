// Bundles put together from stored texts, which are joined as they are and never parsed.

export type BundleEntry = {
  fullUrl?: string | undefined;
  /** Stored JSON text. */
  resource?: string | undefined;
  /** What else the entry has: search, request, response; or those members as they are written. */
  rest?: object | string;
};
export type BundleLink = { relation: string; url: string };

/** The JSON text of a Bundle. */
export function bundleOf(
  type: string,
  { links = [], entries, total }: { links?: BundleLink[]; entries: readonly BundleEntry[]; total?: number | undefined },
): string {
  const head = {
    resourceType: 'Bundle',
    type,
    ...(total === undefined ? {} : { total }),
    ...(links.length ? { link: links } : {}),
  };
  const text = JSON.stringify(head);
  if (entries.length === 0) return text;
  // Appended, not joined: a page of thirty costs half as much so.
  let all = '';
  for (const entry of entries) all += all === '' ? entryText(entry) : `,${entryText(entry)}`;
  return `${text.slice(0, -1)},"entry":[${all}]}`;
}

/** The URL of another page. What the caller said about the form of the answer stands in it, as it did in the first one's. */
export function pageUrl(url: string, sealed: string, asked: readonly [string, string][]): string {
  const form = asked.filter(([name]) => name === '_format' || name === '_pretty');
  return `${url}?${new URLSearchParams([...form, ['_page', sealed]])}`;
}

/** The JSON text of one entry. */
export function entryText({ fullUrl, resource, rest }: BundleEntry): string {
  let text = '{';
  if (fullUrl !== undefined) text += `"fullUrl":${JSON.stringify(fullUrl)}`;
  if (resource !== undefined) text += `${text === '{' ? '' : ','}"resource":${resource}`;
  if (rest === undefined) return `${text}}`;
  const others = typeof rest === 'string' ? rest : JSON.stringify(rest).slice(1, -1);
  return `${text}${text === '{' ? '' : ','}${others}}`;
}
