// Writes JSON from constant pieces, which are made once in the life of the process, and the few ids, dates and numbers of one
// answer between them. Answers of $forecast are 100 kB, nearly all of it rules and concepts of the schedule.
//
// What is written is kept as a text of one character per byte of UTF-8 ("latin1" of the bytes). V8 joins such texts without
// copying them and turns the whole into bytes in one step; Japanese as two-byte text would be converted for every answer.

/** JSON text as UTF-8, one character a byte. Only `piece` makes one. */
export type Piece = string & { readonly piece: unique symbol };

/** JSON text to be written as it is; text inside it must be escaped already (see `escaped`). */
export function piece(json: string): Piece {
  return Buffer.from(json).toString('latin1') as Piece;
}

/** A text as it stands between the quotes of a JSON string. */
export function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

export type JsonWriter = ReturnType<typeof createJsonWriter>;

/** A writer for one answer. */
export function createJsonWriter() {
  let written = '';
  return {
    put(known: Piece): void {
      written += known;
    },
    /** The inside of a JSON string: escaped where it must be. */
    text(value: string): void {
      written += isPlain.test(value) ? value : piece(escaped(value));
    },
    /** A whole number. */
    number(value: number): void {
      written += value;
    },
    bytes: (): Buffer => Buffer.from(written, 'latin1'),
  };
}

/** Printable ASCII without quotes and backslashes is the same in every form. */
const isPlain = /^[ !#-[\]-~]*$/;
