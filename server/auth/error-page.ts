// What a browser shows when an authorization request is wrong in a way that cannot be told to the app (RFC 6749, 4.1.2.1).

import type { ErrorOut, KoaContextWithOIDC } from 'oidc-provider';
import { page } from './logout-pages.ts';

/** The page of oidc-provider's `renderError`: the code and the reason, in both languages. */
export async function errorPage(ctx: KoaContextWithOIDC, out: ErrorOut): Promise<void> {
  ctx.body = page(
    ctx,
    'アプリの要求を受け付けられません',
    `<p>アプリに戻って、もう一度お試しください。くり返すときは、アプリの提供者に次の内容をお知らせください。</p>
<p lang="en">The request of the app cannot be taken. Please go back to the app and try again; if it happens again, tell its maker this:</p>
<p lang="en"><code>${escaped(out.error)}</code> ${escaped(out.error_description ?? '')}</p>`,
  );
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? '');
