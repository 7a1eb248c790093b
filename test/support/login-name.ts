import { randomUUID } from 'node:crypto';

/** A login that nobody has had. Without digits: twelve of a UUID in a row are a My Number once in a while, and refused. */
export const newLogin = (): string =>
  `${randomUUID().replace(/\d/g, (digit) => 'ghijklmnop'.charAt(Number(digit)))}@example.jp`;
