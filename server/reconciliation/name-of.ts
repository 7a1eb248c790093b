// One name for two records, in whichever order they are given.

/** The two references, the one that sorts first before the other. */
export const nameOf = (one: string, other: string): string => (one < other ? `${one} ${other}` : `${other} ${one}`);
