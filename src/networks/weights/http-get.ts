/** One GET request with redirects and proxies: Node's own fetch does not know proxies before Node 24. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';

/** A server that says nothing for so long is taken for gone. */
const SILENCE_MS = 30_000;
const MOST_REDIRECTS = 5;

export interface GetOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Where `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are looked up, in capitals or not. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** @returns the answer, whatever its status, with its body still to be read. */
export async function httpGet(
  address: string | URL,
  { headers = {}, environment = process.env }: GetOptions = {},
): Promise<IncomingMessage> {
  let url = new URL(address);
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    const response = await getOnce(url, headers, environment);
    const { statusCode = 0 } = response;
    const target = response.headers.location;
    if (statusCode < 300 || statusCode > 399 || target === undefined) return response;
    response.destroy();
    const next = new URL(target, url);
    if (url.protocol === 'https:' && next.protocol !== 'https:') {
      throw new Error(`${url.host} redirects to ${next.protocol}//, which is not safe`);
    }
    url = next;
  }
  throw new Error(`${url.host} redirects too often`);
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
): Promise<IncomingMessage> {
  const proxy = proxyFor(url, environment);
  if (proxy === undefined) {
    return send(url, { headers });
  }
  const credentials = decodeURIComponent(`${proxy.username}:${proxy.password}`);
  const forProxy: Record<string, string> =
    credentials === ':'
      ? {}
      : { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
  if (url.protocol === 'http:') {
    return send(proxy, { path: url.href, headers: { ...headers, ...forProxy, host: url.host } });
  }
  const socket = await tunnel(proxy, `${url.hostname}:${url.port || 443}`, forProxy);
  const createConnection = () => tlsConnect({ socket, servername: url.hostname });
  const response = await send(url, { headers, createConnection, agent: false });
  // A proxy may keep its half of the tunnel open, which would keep this process from ending.
  response.on('close', () => socket.destroy());
  return response;
}

function send(url: URL, options: RequestOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = requestFor(url)(url, { ...options, timeout: SILENCE_MS }, resolve);
    sent.on('timeout', () => sent.destroy(new Error(`no answer for ${SILENCE_MS / 1000} s`)));
    sent.on('error', reject);
    sent.end();
  });
}

/** Asks a proxy to pass bytes through to a host. */
function tunnel(proxy: URL, target: string, headers: Record<string, string>): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const asked = requestFor(proxy)(proxy, {
      method: 'CONNECT',
      path: target,
      headers: { ...headers, host: target },
      timeout: SILENCE_MS,
    });
    asked.on('connect', ({ statusCode }, socket) => {
      if (statusCode === 200) return resolve(socket as Socket);
      socket.destroy();
      reject(new Error(`the proxy ${proxy.host} answers ${statusCode}`));
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer from the proxy ${proxy.host}`)));
    asked.on('error', reject);
    asked.end();
  });
}

function requestFor({ protocol }: URL): typeof httpsRequest {
  return protocol === 'https:' ? httpsRequest : httpRequest;
}
