import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { cacheFolder } from '../src/cache-folder.ts';

test('the cache lies where the system keeps caches, unless the user names a place', () => {
  const home = join('home', 'ada');
  assert.equal(cacheFolder({}, 'linux', home), join(home, '.cache', 'fast-style'));
  assert.equal(cacheFolder({}, 'darwin', home), join(home, 'Library', 'Caches', 'fast-style'));
  assert.equal(cacheFolder({ LOCALAPPDATA: 'local' }, 'win32', home), join('local', 'fast-style'));
  assert.equal(cacheFolder({}, 'win32', home), join(home, 'AppData', 'Local', 'fast-style'));
  assert.equal(cacheFolder({ XDG_CACHE_HOME: 'xdg' }, 'linux', home), join('xdg', 'fast-style'));
  assert.equal(cacheFolder({ FAST_STYLE_CACHE: 'mine', XDG_CACHE_HOME: 'xdg' }, 'darwin', home), 'mine');
});
