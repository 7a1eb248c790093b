// Who acted, as the audit keeps it in one text: `client[ user[ organization[ purpose]]]`, words with one space between them, `-`
// for one that is absent. Rows from before there were users hold the client alone, which may have spaces. Pure.

export type Actor = {
  client: string;
  /** `Person/<id>` or `Practitioner/<id>`. */
  user?: string | undefined;
  /** `Organization/<id>`. */
  organization?: string | undefined;
  /** A code of v3-ActReason, such as TREAT. */
  purpose?: string | undefined;
};

/** The text of an actor. What a client's name has of spaces and signs of ours is escaped, so that it cannot pose as a user. */
export function actorText({ client, user, organization, purpose }: Actor): string {
  const words = [escaped(client), user, organization, purpose];
  while (words.at(-1) === undefined) words.pop();
  return words.map((word) => word ?? absent).join(' ');
}

/** The actor of a text. One that is of no form of ours is a client's name. */
export function actorOf(text: string): Actor {
  const [client = '', user, organization, purpose] = pattern.exec(text)?.slice(1) ?? [];
  if (client === '') return { client: text };
  return {
    client: plain(client),
    ...(isThere(user) && { user }),
    ...(isThere(organization) && { organization }),
    ...(isThere(purpose) && { purpose }),
  };
}

/** The text of the same actor, acting for another purpose. */
export const actorFor = (text: string, purpose: string): string => actorText({ ...actorOf(text), purpose });

const absent = '-';
const id = '[A-Za-z0-9\\-.]{1,64}';
const pattern = new RegExp(
  `^(\\S+)(?: (-|(?:Person|Practitioner)/${id})(?: (-|Organization/${id})(?: (-|[A-Z0-9]+))?)?)?$`,
);

const isThere = (word: string | undefined): word is string => word !== undefined && word !== absent;

const escaped = (client: string): string => client.replace(/[\s%]/gu, encodeURIComponent);

function plain(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}
