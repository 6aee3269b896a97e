/** The documents as a whole: nothing in them leads nowhere, and nothing that is shipped lacks its papers. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readCheckpoint } from '../src/networks/checkpoint.ts';
import { LISTED_FOLDERS, listedFiles, shippedStyles } from './helpers/shipped-files.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const documents = ['.', 'docs', 'docs/decisions', 'datasets', 'samples'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);

/** The name by which a heading is linked to. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

test('every link in the documents leads somewhere', () => {
  const lost: string[] = [];
  for (const document of documents) {
    const prose = read(document).replace(/^```[\s\S]*?^```/gm, '');
    for (const [, link] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link!)) continue;
      const [path = '', anchor] = link!.split('#');
      const target = path === '' ? document : join(dirname(document), path);
      const headings = () => [...read(target).matchAll(/^#+ (.*)$/gm)].map(([, text]) => anchorOf(text!));
      if (!existsSync(join(root, target)) || (anchor !== undefined && !headings().includes(anchor)))
        lost.push(`${document}: ${link}`);
    }
  }
  assert.deepEqual(lost, []);
});

test('README leads to every page of docs/', () => {
  const readme = read('README.md');
  const pages = documents.filter((path) => dirname(path) === 'docs');
  assert.deepEqual(
    pages.filter((page) => !readme.includes(`](${page})`)),
    [],
  );
});

test('NOTICE names every shipped style with its painting, and who made the loss network', async () => {
  const notice = read('NOTICE').replace(/\s+/g, ' ');
  assert.ok(shippedStyles.length > 0);
  for (const file of shippedStyles) {
    const { style, lossNetwork } = await readCheckpoint(join(root, 'checkpoints', file));
    const { title, author, licence } = style;
    assert.match(licence ?? '', /^(public domain|Apache-2\.0)$/, `${file}: the painting's licence`);
    const name = file.replace(/\.safetensors$/, '');
    assert.ok(notice.includes(` ${name} ${title}, ${author}`), `${name}: ${title}, ${author}`);
    const [repository] = lossNetwork.source?.split(' ') ?? [];
    assert.ok(repository && notice.includes(repository), `${name}: ${repository}`);
  }
});

test('LICENSE is the whole Apache License, and package.json says so', () => {
  const licence = read('LICENSE');
  for (const part of ['Version 2.0, January 2004', '9. Accepting Warranty', 'END OF TERMS AND CONDITIONS'])
    assert.ok(licence.includes(part), part);
  assert.equal((JSON.parse(read('package.json')) as { license: string }).license, 'Apache-2.0');
});

test("package.json lists every style, network and sample that ships, and none of a user's", (t) => {
  const { status, stdout } = spawnSync('git', ['ls-files', '-z', ...LISTED_FOLDERS], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) return t.skip('no git repository here');
  const tracked = stdout.split('\0').filter((path) => path !== '');
  assert.deepEqual([...listedFiles].sort(), tracked.sort());
});
