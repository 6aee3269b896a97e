/**
 * A real Chromium, driven by its DevTools protocol over a pipe (--remote-debugging-pipe: JSON messages that end in a
 * zero byte on file descriptors 3 and 4): no package, no port. https://chromedevtools.github.io/devtools-protocol
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

type Json = Record<string, unknown>;

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The Chromium of this machine, or that of FAST_STYLE_CHROMIUM; undefined if it has none. */
export function findBrowser(): string | undefined {
  return [process.env.FAST_STYLE_CHROMIUM ?? '', ...NAMES].find((name) => {
    try {
      return name !== '' && execFileSync(name, ['--version'], { stdio: 'pipe', timeout: 20_000 }).length > 0;
    } catch {
      return false;
    }
  });
}

/** One tab. */
export class Browser {
  readonly #child: ChildProcess;
  readonly #profile: string;
  readonly #waiting = new Map<number, (answer: Json) => void>();
  readonly #listeners = new Set<(method: string, params: Json) => void>();
  #session: string | undefined;
  #last = 0;
  #rest = '';
  /** Errors and warnings that the page has given, and exceptions that nothing caught. */
  readonly complaints: string[] = [];
  /** Addresses that the page has asked for, its own included; those of data in the page are not among them. */
  readonly requests: string[] = [];

  private constructor(child: ChildProcess, profile: string) {
    this.#child = child;
    this.#profile = profile;
    const from = child.stdio[4] as Readable;
    from.setEncoding('utf8').on('data', (part: string) => this.#read(part));
  }

  static async start(program: string): Promise<Browser> {
    const profile = await mkdtemp(join(tmpdir(), 'fast-style-browser-'));
    const options = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
    const quiet = ['--no-first-run', '--disable-background-networking', '--disable-component-update'];
    const child = spawn(
      program,
      [...options, ...quiet, '--remote-debugging-pipe', `--user-data-dir=${profile}`, 'about:blank'],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
    );
    const browser = new Browser(child, profile);
    const { targetInfos } = (await browser.send('Target.getTargets')) as { targetInfos: Json[] };
    const page = targetInfos.find(({ type }) => type === 'page');
    const attach = { targetId: page?.targetId, flatten: true };
    browser.#session = (await browser.send('Target.attachToTarget', attach)).sessionId as string;
    browser.#listeners.add((method, params) => browser.#note(method, params));
    for (const domain of ['Page', 'Runtime', 'Network', 'Log']) await browser.send(`${domain}.enable`);
    return browser;
  }

  #note(method: string, params: Json): void {
    const text = JSON.stringify(params);
    if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded') this.complaints.push(text);
    if (method === 'Runtime.consoleAPICalled' && ['error', 'warning'].includes(String(params.type)))
      this.complaints.push(text);
    const { url = '' } = (params.request ?? {}) as { url?: string };
    if (method === 'Network.requestWillBeSent' && !url.startsWith('data:')) this.requests.push(url);
  }

  #read(part: string): void {
    const messages = (this.#rest + part).split('\0');
    this.#rest = messages.pop() ?? '';
    for (const message of messages) {
      const { id, method, params, ...answer } = JSON.parse(message) as Json;
      if (typeof id === 'number') this.#waiting.get(id)?.(answer);
      else for (const listen of this.#listeners) listen(String(method), (params ?? {}) as Json);
    }
  }

  /** Sends a command of the protocol and waits for its answer. */
  async send(method: string, params: Json = {}): Promise<Json> {
    const id = ++this.#last;
    const session = this.#session === undefined ? {} : { sessionId: this.#session };
    const answered = new Promise<Json>((resolve) => this.#waiting.set(id, resolve));
    (this.#child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    const { error, result } = await answered;
    this.#waiting.delete(id);
    if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result as Json;
  }

  /** Does what loads a page and waits until it is loaded. */
  async loaded(work: () => Promise<unknown>): Promise<void> {
    const event = new Promise<void>((resolve) => {
      const listen = (method: string) => {
        if (method !== 'Page.loadEventFired') return;
        this.#listeners.delete(listen);
        resolve();
      };
      this.#listeners.add(listen);
    });
    await work();
    await event;
  }

  async open(url: string): Promise<void> {
    await this.loaded(() => this.send('Page.navigate', { url }));
  }

  /** The value of an expression in the page, which must be JSON. */
  async evaluate<T>(expression: string): Promise<T> {
    const answer = await this.send('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    if (answer.exceptionDetails !== undefined)
      throw new Error(`${expression}: ${JSON.stringify(answer.exceptionDetails)}`);
    return (answer.result as { value: T }).value;
  }

  /** Width of the window in px, and the colours that the reader prefers. */
  async view(width: number, height: number, scheme: 'light' | 'dark'): Promise<void> {
    const metrics = { width, height, deviceScaleFactor: 1, mobile: false };
    await this.send('Emulation.setDeviceMetricsOverride', metrics);
    const features = [{ name: 'prefers-color-scheme', value: scheme }];
    await this.send('Emulation.setEmulatedMedia', { features });
  }

  async move(x: number, y: number): Promise<void> {
    await this.send('Input.dispatchMouseEvent', { type: 'mouseMoved', x, y });
  }

  /** Presses and releases a key that has the focus's attention. */
  async press(key: string): Promise<void> {
    const windowsVirtualKeyCode = { ArrowLeft: 37, ArrowRight: 39, Home: 36, End: 35, Escape: 27 }[key] ?? 0;
    for (const type of ['keyDown', 'keyUp'])
      await this.send('Input.dispatchKeyEvent', { type, key, code: key, windowsVirtualKeyCode });
  }

  /** A PNG of the whole page. */
  async screenshot(): Promise<Buffer> {
    const { data } = await this.send('Page.captureScreenshot', { captureBeyondViewport: true });
    return Buffer.from(data as string, 'base64');
  }

  async close(): Promise<void> {
    const ended = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await ended;
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
