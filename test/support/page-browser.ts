// A browser without scripts for tests of our own pages: it follows redirects within the server, keeps cookies, and sends forms
// back with what stands in them.

import { Browser, type Page } from './app-login.ts';

const origin = 'https://tsumugi.test';

export class PageBrowser extends Browser {
  place = '';
  page: Page = { status: 0, location: '', text: '', headers: {} };
  /** Sent with each request. */
  headers: Record<string, string> = {};

  /** Opens an address and goes on until there is a page, or an address elsewhere, which is answered. */
  async open(url: string): Promise<string> {
    return this.follow(await this.request('GET', url));
  }

  /** Sends the form of the page whose action ends so; `more` replaces or adds values, undefined leaves them out. */
  async submit(action: string, more: Record<string, string | string[] | undefined> = {}): Promise<string> {
    const found = this.forms().find((form) => form.action.endsWith(action));
    if (!found) throw new Error(`no form ${action} on ${this.place}: ${this.page.text}`);
    const given: Record<string, string | string[] | undefined> = { ...found.values, ...more };
    const form = new URLSearchParams();
    for (const [name, values] of Object.entries(given))
      for (const value of [values ?? []].flat()) form.append(name, value);
    return this.follow(await this.request('POST', found.action, form.toString()));
  }

  /** Values of hidden, ticked and filled inputs. Our own markup is regular enough to be read so. */
  forms(): { action: string; values: Record<string, string[]> }[] {
    return [...this.page.text.matchAll(/<form method="post" action="([^"]*)"[^>]*>(.*?)<\/form>/gs)].map((match) => {
      const values: Record<string, string[]> = {};
      for (const [input] of (match[2] ?? '').matchAll(/<input[^>]*>/g)) {
        const of = (name: string) => plain(new RegExp(` ${name}="([^"]*)"`).exec(input)?.[1]);
        const isOn = !/type="(checkbox|radio)"/.test(input) || / checked/.test(input);
        const name = of('name');
        const value = of('value');
        if (name !== undefined && value !== undefined && isOn) values[name] = [...(values[name] ?? []), value];
      }
      return { action: match[1] ?? '', values };
    });
  }

  async request(
    method: 'GET' | 'POST',
    url: string,
    payload?: string,
    headers: Record<string, string> = {},
  ): Promise<Page> {
    const { pathname, search } = new URL(url, origin);
    const usual = { cookie: this.cookieFor(pathname), accept: 'text/html', ...this.headers };
    const sent = { origin, 'content-type': 'application/x-www-form-urlencoded' };
    const response = await this.t.app.inject({
      method,
      url: `${pathname}${search}`,
      headers: { ...usual, ...(payload === undefined ? {} : sent), ...headers },
      ...(payload === undefined ? {} : { payload }),
    });
    this.keep([response.headers['set-cookie'] ?? []].flat());
    this.place = pathname;
    const { statusCode: status, payload: text } = response;
    return { status, location: String(response.headers.location ?? ''), text, headers: response.headers };
  }

  private async follow(first: Page): Promise<string> {
    let page = first;
    for (let step = 0; step < 12; step++) {
      this.page = page;
      if (page.status !== 303) return '';
      const to = new URL(page.location, `${origin}${this.place}`);
      if (to.origin !== origin) return to.href;
      page = await this.request('GET', to.href);
    }
    throw new Error(`the way does not end at ${this.place}`);
  }
}

const plain = (text: string | undefined): string | undefined =>
  text
    ?.replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
