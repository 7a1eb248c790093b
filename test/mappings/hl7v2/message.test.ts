// HL7 v2.5 chapter 2.5 and 2.7.
import { describe, expect, it } from 'vitest';
import { parseHl7, repetitions, value } from '../../../mappings/hl7v2/message.ts';
import { UnreadableInput } from '../../../mappings/record.ts';

const head = 'MSH|^~\\&|A|B';

describe('parseHl7', () => {
  it.each(['\r', '\r\n', '\n'])('takes %j as segment end', (end) => {
    const segments = parseHl7([head, 'PID|1||X', 'PV1|1|O', ''].join(end));
    expect(segments.map(({ name }) => name)).toEqual(['MSH', 'PID', 'PV1']);
    expect(value(segments[1], 3)).toBe('X');
  });

  it('keeps a line feed inside a field when segments end with CR', () => {
    expect(value(parseHl7(`${head}\rNTE|1||a\nb\r`)[1], 3)).toBe('a\nb');
  });

  it('counts MSH fields as HL7 does', () => {
    const [msh] = parseHl7(head);
    expect([value(msh, 1), value(msh, 2), value(msh, 3), value(msh, 4)]).toEqual(['|', '^~\\&', 'A', 'B']);
  });

  it('separates repetitions, components and subcomponents', () => {
    const pid = parseHl7(`${head}\rPID|1||1^^^S&1.2.3&ISO^PI~2^^^^MR`)[1];
    expect(repetitions(pid, 3)).toBe(2);
    expect([value(pid, 3, 4, 2), value(pid, 3, 5), value(pid, 3, 1, 1, 2), value(pid, 3, 5, 1, 2)]).toEqual([
      '1.2.3',
      'PI',
      '2',
      'MR',
    ]);
    expect([value(pid, 9), value(pid, 3, 1, 1, 3), repetitions(pid, 2), repetitions(undefined, 2)]).toEqual([
      '',
      '',
      0,
      0,
    ]);
  });

  it.each([
    ['a\\F\\b', 'a|b'],
    ['a\\S\\b\\T\\c\\R\\d\\E\\e', 'a^b&c~d\\e'],
    ['a\\.br\\b', 'a\nb'],
    ['\\H\\bold\\N\\', 'bold'],
    ['\\X41\\\\X42\\', 'AB'],
    ['\\Zxy\\', '\\Zxy\\'],
    ['5\\ without end', '5\\ without end'],
    ['""', ''],
  ])('resolves %s', (text, expected) => expect(value(parseHl7(`${head}\rNTE|1||${text}`)[1], 3)).toBe(expected));

  it.each([
    ['utf-8', '\\XE6BCA2E5AD97\\', '漢字'],
    ['utf-8', '\\XE6BC\\', '\\XE6BC\\'],
    ['utf-8', 'a\\X0D0A\\b', 'a\nb'],
    ['utf-8', 'a\\X00\\b', 'ab'],
    ['iso-2022-jp', '\\X1B244234413B7A1B2842\\', '漢字'],
    ['shift_jis', '\\X8ABF8E9A\\', '漢字'],
    ['windows-1252', 'caf\\XE9\\', 'café'],
    ['utf-8', 'x\\M2442\\4A;z\\C2842\\y', 'x漢字y'],
    ['utf-8', '\\M2442\\4A;z', '漢字'],
    ['utf-8', 'a\\.sp3\\b\\.sk2\\c\\.in+4\\d\\.ce\\e', 'a\n\n\nb  cd\ne'],
    ['utf-8', '\\constructor\\', '\\constructor\\'],
  ] as const)('reads escapes of %s: %s', (charset, text, expected) =>
    expect(value(parseHl7(`${head}\rNTE|1||${text}`, charset)[1], 3)).toBe(expected),
  );

  it('uses the delimiters the message declares', () => {
    const pid = parseHl7('MSH#*%!+#A\rPID#1##X*Y+Z%W')[1];
    expect([value(pid, 3), value(pid, 3, 2), value(pid, 3, 2, 2), value(pid, 3, 1, 1, 2)]).toEqual([
      'X',
      'Y',
      'Z',
      'W',
    ]);
  });

  it.each([
    ['no delimiters', 'MSH'],
    ['delimiters that do not end', 'MSH|^~'],
    ['delimiters that are letters', 'MSHabcdea'],
    ['delimiters that are the same', 'MSH|^^^^|A'],
    ['delimiters beyond ASCII', 'MSH𠮷^~\\&𠮷'],
    ['a second MSH', `${head}\rPID|1\rMSH`],
    ['a second PID', `${head}\rPID|1\rPID|2`],
    ['a line that is no segment', `${head}\rhello`],
    ['a segment name without separator', `${head}\rPIDX1`],
  ])('refuses %s', (_, text) => expect(() => parseHl7(text)).toThrow(UnreadableInput));
});
