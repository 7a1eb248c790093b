// Text for comparison, however it was written. FHIR R4 search, section string, https://hl7.org/fhir/R4/search.html#string; for
// Japanese, Unicode Standard Annex 15 (width) and the two kinds of kana as one.

/**
 * NFKC, lower case, katakana as hiragana, no accents on Latin letters, no spaces, no middle dots. A dash behind kana is the
 * prolonged sound mark, one between digits a hyphen. SQL's normalised() in migration 0005 is the same function.
 */
export function normalise(text: string): string {
  if (isAscii.test(text)) return text.toLowerCase().replace(/[\t-\r ]+/g, '');
  return text
    .replace(/[\u309b\u309c]/g, (sound) => (sound === '\u309b' ? '\u3099' : '\u309a'))
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f\u3012\u30fb\u00b7\u2027\t-\r \u1680\u2028\u2029\u200b-\u200d\u2060\ufeff]/g, '')
    .replace(/[\u30a1-\u30f6ς]/g, (letter) => (letter === 'ς' ? 'σ' : String.fromCharCode(letter.charCodeAt(0) - 0x60)))
    .normalize('NFC')
    .replace(/(?<=[0-9])[\u2010-\u2015\u2212\u30fc\u301c-](?=[0-9])/g, '-')
    .replace(/(?<=[\u3041-\u3096\u30fc])[\u2010-\u2015\u2212~\u301c-]/g, 'ー');
}

const isAscii = /^[\0-\x7f]*$/;
