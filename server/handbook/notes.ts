// Notes of the family and messages of those who care for the child, and the list of documents and pictures that the record holds.

import type { Booklet } from './booklet.ts';
import type { Papers } from './papers.ts';
import { sayIn, tableOf, writer } from './part.ts';
import { conceptWords, shortDay } from './words.ts';

export async function notesPart(booklet: Booklet, papers: Papers): Promise<void> {
  const { language } = booklet;
  const say = sayIn(language);
  booklet.heading(say('メモ', 'Notes'));
  await tableOf(
    booklet,
    [
      { title: say('日', 'Date'), width: 0.15 },
      { title: say('内容', 'Text'), width: 0.65 },
      { title: say('記録した人', 'Written by'), width: 0.2 },
    ],
    papers
      .of('Communication')
      .toSorted((a, b) => (a.sent ?? '~').localeCompare(b.sent ?? '~'))
      .map((one) => [
        shortDay(one.sent, language),
        (one.payload ?? []).map(({ contentString }) => contentString ?? '').join('\n'),
        papers.nameOf(one.sender) ?? writer(booklet, papers, one),
      ]),
  );
  booklet.heading(say('書類と写真', 'Documents and pictures'));
  booklet.paragraph(
    say(
      '中身はこの冊子に入っていません。記録の控え（アーカイブ）の中にあります。',
      'What they hold is not in this booklet; it is in the archive of the record.',
    ),
    { color: '#5a666d' },
  );
  await tableOf(
    booklet,
    [
      { title: say('日', 'Date'), width: 0.15 },
      { title: say('名前', 'Name'), width: 0.65 },
      { title: say('記録した人', 'Written by'), width: 0.2 },
    ],
    papers
      .of('DocumentReference')
      .toSorted((a, b) => (a.date ?? '~').localeCompare(b.date ?? '~'))
      .map((one) => [
        shortDay(one.date, language),
        [conceptWords(one.type, language), one.description, ...one.content.map(({ attachment }) => attachment.title)]
          .filter(Boolean)
          .join('\n'),
        writer(booklet, papers, one),
      ]),
  );
}
