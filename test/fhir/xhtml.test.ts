// XHTML of narratives, FHIR R4: https://hl7.org/fhir/R4/narrative.html#xhtml, invariant txt-1
import { expect, test } from 'vitest';
import { isBlankXhtml, xhtmlLinks, xhtmlProblem } from '../../server/fhir/xhtml.ts';

const div = (inner: string) => `<div xmlns="http://www.w3.org/1999/xhtml">${inner}</div>`;

test.each([
  div('<p>試験 花子</p>'),
  div('<table class="grid" border="1"><tr><td colspan="2" style="color: red">1</td></tr></table>'),
  div('<a href="https://example.jp/?a=1&amp;b=2">a</a><br/><img src="#photo" alt="写真"/>'),
  div('a &nbsp; &#160; &#xA0; &lt; <!-- a note -->'),
  div('<p style="background: url(#a); width: 50%">a</p><img src="data:image/png;base64,AAAA" alt="a"/>'),
  div('<a name="a"/><h1 xml:lang="ja" lang="ja">母子健康手帳</h1>'),
  ' <div>a</div > ',
  '<div/>',
])('%s is allowed', (text) => {
  expect(xhtmlProblem(text)).toBeUndefined();
});

test.each([
  ['', 'one XHTML <div>'],
  ['a', 'one XHTML <div>'],
  ['<p>a</p>', 'one XHTML <div>'],
  ['<div>a</div><div>b</div>', 'one XHTML <div>'],
  ['<div>a</div>b', 'one XHTML <div>'],
  ['<div xmlns="http://www.w3.org/2000/svg">a</div>', 'namespace'],
  [div('<p>a'), 'closes no element'],
  ['<div><p>a</p>', 'not closed'],
  [div('a < b'), 'stands alone'],
  [div('a & b'), 'stands alone'],
  [div('<p class=a>a</p>'), 'stands alone'],
  [div('<![CDATA[a]]>'), 'stands alone'],
  [`<!DOCTYPE html>${div('a')}`, 'stands alone'],
  [div('<script>a</script>'), 'element script'],
  [div('<SCRIPT>a</SCRIPT>'), 'element SCRIPT'],
  [div('<x:script xmlns:x="http://www.w3.org/1999/xhtml">a</x:script>'), 'element x:script'],
  [div('<iframe src="https://a.example"/>'), 'element iframe'],
  [div('<style>p {}</style>'), 'element style'],
  [div('<svg><p>a</p></svg>'), 'element svg'],
  [div('<font color="red">a</font>'), 'element font'],
  [div('<p onclick="a()">a</p>'), 'attribute onclick'],
  [div('<p idref="a">a</p>'), 'attribute idref'],
  [div('<p href="a">a</p>'), 'attribute href'],
  [div('<a href="javascript:a()">a</a>'), 'active content'],
  [div('<a href=" JavaScript:a()">a</a>'), 'active content'],
  [div('<a href="java&#115;cript:a()">a</a>'), 'active content'],
  [div('<a href="java&#x0A;script&colon;a()">a</a>'), 'active content'],
  [div('<a href="data:text/html,a">a</a>'), 'active content'],
  [div('<a href="data:image/svg+xml,a">a</a>'), 'active content'],
  // Browsers read references that have any number of zeros, or no semicolon.
  [div('<a href="&#0000000106;avascript:a()">a</a>'), 'active content'],
  [div('<a href="&#x000000006A;avascript:a()">a</a>'), 'active content'],
  [div('<a href="&#106avascript:a()">a</a>'), 'active content'],
  [div('<a href="java\tscript:a()">a</a>'), 'active content'],
  [div('<blockquote cite="javascript:a()">a</blockquote>'), 'active content'],
  [div('<p style="width: expression(a())">a</p>'), 'active content'],
  [div('<p style="width: e/* */xpression(a())">a</p>'), 'active content'],
  [div('<p style="width: \\65 xpression(a())">a</p>'), 'active content'],
  [div('<p style="width: &#101;xpression&lpar;a())">a</p>'), 'active content'],
  [div('<p style="background: url(\'javascript:a()\')">a</p>'), 'active content'],
  [div('<p style="behavior: url(a.htc)">a</p>'), 'active content'],
  // For XML these are comments. HTML ends them at once, and the script runs.
  [div('<!--><script>a()</script>-->'), 'stands alone'],
  [div('<!---><script>a()</script>-->'), 'stands alone'],
  [div('<!-- a -- b -->'), 'a comment holds --'],
  [div('<!-- a'), 'stands alone'],
  [div('<b>'.repeat(300) + '</b>'.repeat(300)), 'levels deep'],
  [div('<a href="?a=1&b=2">a</a>'), 'stands alone in a.href'],
  [div('<p id="a" id="b">a</p>'), 'twice'],
])('%s is refused: %s', (text, problem) => {
  expect(xhtmlProblem(text)).toContain(problem);
});

test.each([
  ['text', (size: number) => 'a'.repeat(size)],
  ['one comment', (size: number) => `<!--${'-a'.repeat(size / 2)}-->`],
  ['comments that do not end', (size: number) => '<!--'.repeat(size / 4)],
  ['attributes', (size: number) => `<p${' id="a"'.repeat(size / 7)}>a</p>`],
  ['spaces in a tag', (size: number) => `<p${' '.repeat(size)}>a</p>`],
  ['a style', (size: number) => `<p style="${'/*a'.repeat(size / 3)}">a</p>`],
  ['a tag that does not end', (size: number) => '<p '.repeat(size / 3)],
  ['elements that do not end', (size: number) => '<b>'.repeat(size / 3)],
  ['empty elements', (size: number) => '<br/>'.repeat(size / 5)],
])('4 MB of %s are read in a moment', (_, make) => {
  const text = div(make(4_000_000));
  const start = performance.now();
  xhtmlProblem(text);
  isBlankXhtml(text);
  xhtmlLinks(text);
  expect(performance.now() - start).toBeLessThan(8000);
});

test('what a text links to and what can be linked to are found', () => {
  expect(xhtmlLinks(div('<a href="#a">1</a><a href="https://a.example/#b">2</a><p id="a">3</p><a name="c"/>'))).toEqual(
    {
      links: ['a'],
      targets: ['a', 'c'],
    },
  );
});

test.each([
  ['comments', `<div>${'<!--'.repeat(200_000)}`],
  ['dashes', `<div><!--${'-'.repeat(500_000)}`],
  ['attributes', `<div ${'a="1" '.repeat(200_000)}`],
  ['spaces', `<div ${' '.repeat(500_000)}`],
  ['quotes', `<div>${'<a b="'.repeat(200_000)}`],
])('a text of endless %s is refused at once', (_name, text) => {
  const started = performance.now();
  expect(xhtmlProblem(text)).toBeDefined();
  expect(performance.now() - started).toBeLessThan(500);
});
