import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { cacheFolder } from '../../src/system/cache-folder.ts';

test('the cache is where the system keeps caches, unless the user names a place', () => {
  const home = join('home', 'ada');
  const ada = () => home;
  assert.equal(cacheFolder({}, 'linux', ada), join(home, '.cache', 'fast-style'));
  assert.equal(cacheFolder({}, 'darwin', ada), join(home, 'Library', 'Caches', 'fast-style'));
  assert.equal(cacheFolder({ LOCALAPPDATA: 'local' }, 'win32', ada), join('local', 'fast-style'));
  assert.equal(cacheFolder({}, 'win32', ada), join(home, 'AppData', 'Local', 'fast-style'));
  assert.equal(cacheFolder({ XDG_CACHE_HOME: 'xdg' }, 'linux', ada), join('xdg', 'fast-style'));
  const elsewhere = { XDG_CACHE_HOME: 'xdg', LOCALAPPDATA: 'local' };
  assert.equal(cacheFolder(elsewhere, 'darwin', ada), join(home, 'Library', 'Caches', 'fast-style'));
  assert.equal(cacheFolder(elsewhere, 'win32', ada), join('local', 'fast-style'));
  assert.equal(cacheFolder({ FAST_STYLE_CACHE: 'mine', XDG_CACHE_HOME: 'xdg' }, 'darwin', ada), 'mine');
});

test('no home folder is needed where a place is named', () => {
  const homeless = () => assert.fail('asked');
  assert.equal(cacheFolder({ FAST_STYLE_CACHE: 'mine' }, 'linux', homeless), 'mine');
  assert.equal(cacheFolder({ XDG_CACHE_HOME: 'xdg' }, 'linux', homeless), join('xdg', 'fast-style'));
});
