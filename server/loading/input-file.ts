// A file that is loaded, wherever it is packed.

/** `path` is relative to the folder or the ZIP, with `/`. */
export type InputFile = { path: string; bytes: number; read(): AsyncIterable<Buffer> };
