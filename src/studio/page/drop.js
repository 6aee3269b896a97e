/** Files that come in, by dropping or by a button. */
import { upload } from './server.js';
import { attempt, choose, countUploads } from './store.js';

export const PICTURES = 'image/*,.heic,.heif,.tif,.tiff,.avif';
export const FILMS = 'video/*,.mkv,.mov,.avi';

/** @param {File} file */
function isFilm({ type, name }) {
  return type.startsWith('video/') || /\.(mp4|m4v|mov|mkv|webm|avi|mpe?g|mts)$/i.test(name);
}

/** Uploads one after the other, and shows the last. @param {readonly File[]} files @param {'paint' | 'train'} use */
export async function takeIn(files, use) {
  countUploads(files.length);
  for (const file of files) {
    await attempt(async () => {
      const kind = use === 'train' ? 'painting' : isFilm(file) ? 'film' : 'photo';
      const { id } = await upload(kind, file.name, file);
      choose(use === 'train' ? { painting: id } : { chosen: id });
    });
    countUploads(-1);
  }
}
