// The QR codes in a picture, as bytes. The decoder of the `qr` package finds and corrects the symbols; what their bits say is read
// by us, because its own reading knows neither Structured Append nor kanji, which Japanese pharmacies print.

import { _QRScanner, type DecodeResult } from 'qr/decode.js';
import { UnreadableInput } from '../../mappings/record.ts';
import type { Pixels } from './png.ts';
import { readPayload, type Symbol2d } from './qr-payload.ts';

/** Throws UnreadableInput when there is no code that can be read. */
export function readQrCodes(picture: Pixels): Symbol2d[] {
  const { width, height } = picture;
  const scanner = new SymbolScanner({ maxSize: { width, height }, effort: EFFORT, timeLimit: TIME_LIMIT_MS });
  try {
    scanner.addImage(picture, 'RGB');
    const found = scanner.decode(true).flatMap((result) => (typeof result === 'string' ? [result] : []));
    const symbols = [...new Set(found)].flatMap((key) => scanner.symbols.get(key) ?? []);
    if (symbols.length > 0) return symbols;
  } catch (error) {
    // The decoder throws for pictures that are too small for any code.
    if (!(error instanceof Error)) throw error;
  } finally {
    scanner.clean();
  }
  throw new UnreadableInput('No QR code could be read in the picture.');
}

const EFFORT = 8;
const TIME_LIMIT_MS = 2000;

/** Keeps what was read of each symbol; the decoder itself only hands strings on. */
class SymbolScanner extends _QRScanner {
  readonly symbols = new Map<string, Symbol2d>();

  protected override decodePayload(data: Uint8Array, length: number, version: number): DecodeResult {
    const symbol = readPayload(data.slice(0, length), version);
    if (!symbol || symbol.bytes.length === 0) return new Error('payload');
    const { index = 0, total = 1, parity = 0 } = symbol.sequence ?? {};
    const key = `${index}/${total}/${parity} ${Buffer.from(symbol.bytes).toString('base64')}`;
    this.symbols.set(key, symbol);
    return key;
  }
}
