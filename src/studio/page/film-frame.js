/** One picture of a film, on which styles are tried: the browser decodes it, if it can. */
import { upload } from './server.js';

/** Where in the film: its first picture is often black. */
const SHARE = 0.2;

/** @param {string} id of the film @returns {Promise<import('./server.js').Item>} @throws the browser cannot show this film */
export async function takeFrame(id) {
  const film = document.createElement('video');
  film.muted = true;
  film.preload = 'auto';
  const ready = new Promise((resolve, reject) => {
    film.onloadeddata = resolve;
    film.onerror = () =>
      reject(new Error('This browser cannot show the film. It can be painted all the same.'));
  });
  film.src = `api/items/${id}/file`;
  await ready;
  if (Number.isFinite(film.duration)) {
    const sought = new Promise((resolve) => {
      film.onseeked = resolve;
    });
    film.currentTime = SHARE * film.duration;
    await sought;
  }
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [film.videoWidth, film.videoHeight];
  canvas.getContext('2d')?.drawImage(film, 0, 0);
  film.removeAttribute('src');
  const blob = await new Promise((/** @type {(blob: Blob | null) => void} */ resolve) =>
    canvas.toBlob(resolve, 'image/jpeg', 0.92),
  );
  if (blob === null) throw new Error('The film has no pictures.');
  return upload('frame', `${id}.jpg`, blob);
}
