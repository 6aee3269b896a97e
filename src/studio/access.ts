/** Who may talk to the studio: the page that was opened by its address, and nobody else. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';

/** Names of this machine for itself. Any other in `Host` is a name of somebody else's that leads here (DNS rebinding). */
const HOSTS = ['127.0.0.1', 'localhost'];

export interface AccessOptions {
  /** First part of every path. */
  readonly token: string;
  readonly port: number;
  /** What the page may do (Content-Security-Policy). */
  readonly policy: string;
}

/**
 * Refuses whatever does not come from this machine by its own name, from a page of another origin, or without the token. The token
 * is in the path, not in a cookie: cookies are sent to every port of a host.
 */
export function access({ token, port, policy }: AccessOptions): MiddlewareHandler {
  const wanted = digest(token);
  return async (c, next) => {
    const headers = (name: string) => c.req.header(name);
    const host = headers('host') ?? '';
    if (!HOSTS.some((name) => host === `${name}:${port}`))
      return c.text('Expected the address that fast-style studio has printed.', 403);
    const origin = headers('origin');
    // A frame that runs in a sandbox, as the report does, has no origin; it only loads itself.
    const isNavigation = headers('sec-fetch-mode') === 'navigate' && c.req.method === 'GET';
    const site = headers('sec-fetch-site') ?? 'none';
    const isElsewhere =
      (origin !== undefined && origin !== `http://${host}`) || !['same-origin', 'none'].includes(site);
    if (isElsewhere && !isNavigation) return c.text('Expected a request of the studio’s own page.', 403);
    const [, given = ''] = c.req.path.split('/');
    if (!timingSafeEqual(digest(given), wanted))
      return c.text('Expected the token of fast-style studio in the address; copy the whole address.', 403);
    await next();
    const set = (name: string, value: string) => {
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    };
    set('Content-Security-Policy', policy);
    set('X-Content-Type-Options', 'nosniff');
    set('Referrer-Policy', 'no-referrer');
    set('Cross-Origin-Resource-Policy', 'same-origin');
    set('Cross-Origin-Opener-Policy', 'same-origin');
    set('Cache-Control', 'no-cache');
    return undefined;
  };
}

const digest = (text: string) => createHash('sha256').update(text).digest();
