// Signing out at /oauth/session/end (OpenID Connect RP-Initiated Logout 1.0): the question, and that it is done. In both languages,
// without scripts; the form is the library's, with its proof against forged requests.

import type { KoaContextWithOIDC } from 'oidc-provider';

/** `form` is the library's, of the id `op.logoutForm`. */
export async function logoutQuestion(ctx: KoaContextWithOIDC, form: string): Promise<void> {
  ctx.body = page(
    ctx,
    'ログアウトしますか',
    `${form}<p lang="en">Sign out?</p>
<p><button autofocus type="submit" form="op.logoutForm" value="yes" name="logout">ログアウトする <span lang="en">Sign out</span></button>
<button type="submit" form="op.logoutForm">ログインしたままにする <span lang="en">Stay signed in</span></button></p>`,
  );
}

export async function loggedOut(ctx: KoaContextWithOIDC): Promise<void> {
  ctx.body = page(ctx, 'ログアウトしました', '<p lang="en">You have signed out.</p>');
}

/** A page that may load nothing, post only here, and stand in no frame. */
export function page(ctx: KoaContextWithOIDC, title: string, body: string): string {
  ctx.type = 'html';
  ctx.set(
    'content-security-policy',
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  );
  ctx.set('referrer-policy', 'no-referrer');
  return `<!doctype html>
<html lang="ja">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>body{font:1rem/1.7 sans-serif;margin:10vh auto;max-width:34rem;padding:0 1rem}button{font:inherit;padding:.5rem 1rem}code{overflow-wrap:anywhere}</style>
<h1>${title}</h1>
${body}
</html>`;
}
