// The XML reader of the mappings: what it gives, and what it refuses.
import { describe, expect, test } from 'vitest';
import { UnreadableInput } from '../../mappings/record.ts';
import { attribute, element, elements, readXml, textOf, xsiType } from '../../mappings/xml.ts';

const utf8 = (text: string): Buffer => Buffer.from(text, 'utf-8');

describe('readXml', () => {
  test('gives elements by namespace and name, whatever their prefix', () => {
    const root = readXml(utf8('<a:r xmlns:a="urn:x" xmlns:b="urn:y"><a:c v=" 1 "/><b:c v="2"/><a:c v="3"/></a:r>'));
    expect(root).toMatchObject({ name: 'r', namespace: 'urn:x' });
    expect(elements(root, 'c').map((one) => attribute(one, 'v'))).toEqual(['1', '3']);
    expect(elements(root, 'c', 'urn:y').map((one) => attribute(one, 'v'))).toEqual(['2']);
    expect(element(root, 'c', 'd')).toBeUndefined();
  });

  test('gives text in the order of the document, CDATA and the five entities of XML included', () => {
    const root = readXml(utf8('<r>one <b>two</b>\n three<![CDATA[ <4>]]> &lt;5&gt; &#x8a66;</r>'));
    expect(textOf(root)).toBe('one two three <4> <5> 試');
  });

  test('gives the type of xsi:type without its prefix', () => {
    const root = readXml(
      utf8('<v xmlns="urn:hl7-org:v3" xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:type="cda:PQ"/>'),
    );
    expect(xsiType(root)).toBe('PQ');
  });

  test.each([
    [
      'Shift_JIS',
      new Uint8Array([...utf8('<?xml version="1.0" encoding="Shift_JIS"?><r>'), 0x8e, 0x8e, ...utf8('</r>')]),
    ],
    ['UTF-16', Buffer.from('\ufeff<?xml version="1.0" encoding="UTF-16"?><r>試</r>', 'utf16le')],
    ['UTF-8 with a byte order mark', utf8('\ufeff<r>試</r>')],
  ])('reads %s', (_, bytes) => {
    expect(textOf(readXml(bytes))).toBe('試');
  });

  test.each([
    ['an external entity', '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>', /DOCTYPE/],
    ['entities that grow', '<!DOCTYPE r [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><r>&b;</r>', /DOCTYPE/],
    ['an entity nobody declared', '<r>&x;</r>', /line 1 column/],
    ['an end that is missing', '<r><a></r>', /not well-formed/],
    ['a prefix nobody declared', '<r><q:a/></r>', /not well-formed/],
    ['an attribute given twice', '<r a="1" a="2"/>', /not well-formed/],
    ['nothing', '', /not well-formed|no XML element/],
    ['text alone', 'hello', /not well-formed|no XML element/],
    ['a character set that is not read', '<?xml version="1.0" encoding="EBCDIC-US"?><r/>', /character set/],
    ['101 elements in each other', '<r>'.repeat(101) + '</r>'.repeat(101), /nested deeper than 100/],
  ])('refuses %s', (_, text, message) => {
    expect(() => readXml(utf8(text))).toThrow(UnreadableInput);
    expect(() => readXml(utf8(text))).toThrow(message);
  });

  test('refuses what is too long or has too many elements', () => {
    const limits = { bytes: 40, depth: 10, elements: 3 };
    expect(() => readXml(utf8(`<r>${' '.repeat(40)}</r>`), limits)).toThrow(/larger than 40 bytes/);
    expect(() => readXml(utf8('<r><a/><a/><a/></r>'), limits)).toThrow(/more than 3 elements/);
  });

  test('refuses bytes that are not of the character set', () => {
    expect(() => readXml(new Uint8Array([0x3c, 0x72, 0x3e, 0xff, 0x3c, 0x2f, 0x72, 0x3e]))).toThrow(/UTF-8/);
    expect(() => readXml(new Uint8Array([0xff, 0xfe, 0x00]))).toThrow(/UTF-16/);
  });

  // Each is a text on which a reader that looks back over what it has read would take minutes.
  test.each([
    ['one long text', `<r>${'a '.repeat(2_000_000)}</r>`],
    ['many small texts', `<r>${'&lt;'.repeat(500_000)}</r>`],
    ['many elements', `<r>${'<a b="1"/>'.repeat(300_000)}</r>`],
    ['many attributes', `<r ${Array.from({ length: 50_000 }, (_, n) => `a${n}=""`).join(' ')}/>`],
    ['a comment without an end', `<r><!--${'-'.repeat(2_000_000)}`],
    ['a declaration without an end', `<?xml ${'encoding = '.repeat(100_000)}`],
  ])('reads or refuses %s in time', (_, text) => {
    const started = performance.now();
    try {
      readXml(utf8(text));
    } catch (error) {
      expect(error).toBeInstanceOf(UnreadableInput);
    }
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
