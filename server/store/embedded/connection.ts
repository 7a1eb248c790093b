// How to reach the embedded database.

export type Connection = {
  /** The folder of the Unix socket (an address on Windows); pg takes both as `host`. */
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
};
