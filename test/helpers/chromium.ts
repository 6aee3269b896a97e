/** A real Chromium through Playwright: pages as their users have them, by roles and names. */
import { existsSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findBrowser } from './browser.ts';

const program = findBrowser();
/** Why tests of pages are left out; false where they run. */
export const noChromium =
  program === undefined ? 'no Chromium on this machine (FAST_STYLE_CHROMIUM names one)' : false;

/** Its camera shows a test picture, without being asked for. */
const CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

/** @param more arguments of Chromium. Caller closes. */
export function launchChromium(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: pathOf(program!), args: [...CAMERA, ...more] });
}

/** Playwright wants a path where the system finds a program by its name. */
function pathOf(name: string): string {
  if (isAbsolute(name)) return name;
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, name)).find(existsSync) ?? resolve(name);
}

/** What a page has complained of, and the addresses that it and its workers have asked for, from now on. */
export function watched(page: Page): { readonly complaints: string[]; readonly requests: string[] } {
  const [complaints, requests]: [string[], string[]] = [[], []];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('request', (request) => requests.push(request.url()));
  return { complaints, requests };
}
