/** One GET request with redirects and proxies: Node's own fetch does not know proxies before Node 24. */
import { Agent, type Dispatcher, ProxyAgent, request } from 'undici';

export type HttpResponse = Dispatcher.ResponseData;

/** A server that says nothing for so long is taken for gone. */
export const SILENCE_MS = 30_000;
const MOST_REDIRECTS = 5;

export interface GetOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Where `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are looked up, in capitals or not. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Ends the request, and the answer's body. */
  readonly signal?: AbortSignal | undefined;
}

/** @returns the answer, whatever its status, with its body still to be read. */
export async function httpGet(
  address: string | URL,
  { headers = {}, environment = process.env, signal }: GetOptions = {},
): Promise<HttpResponse> {
  let url = new URL(address);
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    const response = await getOnce(url, headers, environment, signal);
    const { statusCode } = response;
    const target = response.headers.location;
    if (statusCode < 300 || statusCode > 399 || target === undefined) return response;
    abandon(response);
    const next = new URL(String(target), url);
    if (url.protocol === 'https:' && next.protocol !== 'https:') {
      throw new Error(`${url.host} redirects to ${next.protocol}//, which is not safe`);
    }
    url = next;
  }
  throw new Error(`${url.host} redirects too often`);
}

/** Ends a connection whose body is not wanted. */
export function abandon({ body }: HttpResponse): void {
  // Its error is that of having been ended.
  body.on('error', () => {}).destroy();
}

/** The proxy that the environment names for an address, or undefined for none. */
export function proxyFor(
  url: URL,
  environment: Readonly<Record<string, string | undefined>>,
): URL | undefined {
  const setting = (name: string) => environment[name] || environment[name.toUpperCase()];
  const exempt = (setting('no_proxy') ?? '').split(/[\s,]+/).filter(Boolean);
  const bare = (host: string) => host.replace(/^\*?\./, '').toLowerCase();
  if (exempt.some((host) => host === '*' || `.${url.hostname}`.endsWith(`.${bare(host)}`))) return undefined;
  const proxy = setting(url.protocol === 'https:' ? 'https_proxy' : 'http_proxy');
  if (proxy === undefined) return undefined;
  return new URL(/^[a-z]+:\/\//i.test(proxy) ? proxy : `http://${proxy}`);
}

async function getOnce(
  url: URL,
  headers: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal | undefined,
): Promise<HttpResponse> {
  const limits = { headersTimeout: SILENCE_MS, bodyTimeout: SILENCE_MS, connect: { timeout: SILENCE_MS } };
  const proxy = proxyFor(url, environment);
  // A proxy is asked for plain addresses themselves: many of them pass bytes through to port 443 only.
  const dispatcher =
    proxy === undefined
      ? new Agent(limits)
      : new ProxyAgent({ ...limits, ...credentialsOf(proxy), uri: proxy.href, proxyTunnel: false });
  try {
    const response = await request(url, { dispatcher, headers, ...(signal === undefined ? {} : { signal }) });
    // A proxy may keep its half of the tunnel open, which would keep this process from ending.
    response.body.once('close', () => void dispatcher.destroy());
    return response;
  } catch (error) {
    await dispatcher.destroy();
    const [, status] = /^Proxy response \((\d+)\)/.exec((error as Error).message) ?? [];
    throw status === undefined || proxy === undefined
      ? error
      : new Error(`the proxy ${proxy.host} answers ${status}`, { cause: error });
  }
}

/** Names without a password, too, which undici does not send by itself. */
function credentialsOf({ username, password }: URL): { readonly token?: string } {
  if (username === '' && password === '') return {};
  const credentials = decodeURIComponent(`${username}:${password}`);
  return { token: `Basic ${Buffer.from(credentials).toString('base64')}` };
}
