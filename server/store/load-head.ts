// What a load is of, and how far it is.

/** What is loaded under one name: a package of definitions, or a code system, whose name is its url. */
export type LoadHead = { name: string; version: string; title?: string; language?: string };

/** `done` and `total` are of one unit; a total of 0 is not known yet. */
export type Progress = (phase: 'reading' | 'writing', done: number, total: number) => void;
