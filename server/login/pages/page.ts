// The frame of our own pages: one column, one stylesheet, no script but that of passkeys. WCAG 2.2 AA: a language, a title that
// says when something is wrong, labels, a visible focus, targets of 44 pixels.

import type { Language } from '../../fhir/outcome.ts';
import { type Html, html } from './html.ts';

/** Picks the words of the reader's language. */
export type Say = (ja: string, en: string) => string;
export const sayIn =
  (language: Language): Say =>
  (ja, en) =>
    language === 'ja' ? ja : en;

export type Page = {
  status?: number;
  title: string;
  body: Html;
  /** What went wrong, in a sentence; it is read out first. */
  fault?: string | undefined;
  /** Seconds after which another try is taken. */
  retryAfterS?: number;
  /** A cookie for the browser that has to bring the card's answer. */
  card?: string | undefined;
};

/** `app` is the name of the app that is waiting; `path` the page's own address, for the switch of languages. */
export type Frame = { language: Language; path: string; app: string | undefined };

export function wholePage({ title, body, fault }: Page, { language, path, app }: Frame): string {
  const say = sayIn(language);
  const other = language === 'ja' ? 'en' : 'ja';
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${fault !== undefined && `${say('エラー', 'Error')}: `}${title} – Tsumugi</title>
<link rel="stylesheet" href="/login/pages.css">
<script src="/login/passkeys.js" type="module"></script>
</head>
<body>
<header>
<p class="brand"><span lang="ja">紡ぎ</span> Tsumugi</p>
<p><a href="${path}?lang=${other}" lang="${other}" hreflang="${other}">${other === 'ja' ? '日本語' : 'English'}</a></p>
</header>
<main>
${app !== undefined && html`<p class="app">${say(`「${app}」につなぐための画面です。`, `To connect the app “${app}”.`)}</p>`}
<h1>${title}</h1>
${fault !== undefined && html`<p class="fault" id="fault" role="alert">${fault}</p>`}
${body}
</main>
</body>
</html>
`.text;
}

/** A labelled input. `hint` is read out with it. */
export function field(
  label: string,
  attributes: Readonly<Record<string, string | number | boolean | undefined>>,
  hint?: string,
): Html {
  const name = String(attributes.name);
  const given = Object.entries(attributes).flatMap(([key, value]) => {
    if (value === undefined || value === false) return [];
    return value === true ? [html` ${key}`] : [html` ${key}="${value}"`];
  });
  return html`<p class="field"><label for="${name}">${label}</label>
<input id="${name}"${given}${hint !== undefined && html` aria-describedby="${name}-hint"`}>
${hint !== undefined && html`<span class="hint" id="${name}-hint">${hint}</span>`}</p>`;
}

/** A form that is sent back by POST. */
export const form = (action: string, csrf: string | undefined, inner: Html, more: Html = html``): Html =>
  html`<form method="post" action="${action}"${more}>
${csrf !== undefined && html`<input type="hidden" name="csrf" value="${csrf}">`}
${inner}
</form>`;

export const button = (label: string, kind: 'main' | 'plain' = 'main'): Html =>
  html`<p><button class="${kind}">${label}</button></p>`;
