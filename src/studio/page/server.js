/** What the page asks the server for. All addresses are relative: the token is in the page's own. */

/** @typedef {import('../protocol.ts').StudioItem} Item */
/** @typedef {import('../protocol.ts').StudioJob} Job */
/** @typedef {import('../protocol.ts').StudioLook} Look */
/** @typedef {import('../protocol.ts').StylePart} Part */

/** @param {Response} response @returns {Promise<string>} */
async function reasonOf(response) {
  const text = await response.text();
  try {
    return JSON.parse(text).error ?? text;
  } catch {
    return text || `The studio answered ${response.status}.`;
  }
}

/**
 * @param {string} method @param {string} path @param {unknown} [body]
 * @returns {Promise<any>}
 */
export async function ask(method, path, body) {
  const isFile = body instanceof Blob;
  const sent = body === undefined ? undefined : isFile ? body : JSON.stringify(body);
  const response = await fetch(`api/${path}`, {
    method,
    ...(sent === undefined
      ? {}
      : {
          body: sent,
          headers: { 'Content-Type': isFile ? 'application/octet-stream' : 'application/json' },
        }),
  }).catch(() => {
    throw new Error('The studio does not answer. Is fast-style studio still running?');
  });
  if (!response.ok) throw new Error(await reasonOf(response));
  return response.status === 204 ? undefined : response.json();
}

/** @param {Item['kind']} kind @param {string} name @param {Blob} file @returns {Promise<Item>} */
export function upload(kind, name, file) {
  return ask('POST', `items?kind=${kind}&name=${encodeURIComponent(name)}`, file);
}

/** @param {string} item @param {320 | 960} side */
export function pictureUrl(item, side) {
  return `api/items/${item}/picture?side=${side}`;
}

/** @param {string} item @param {320 | 960} side @param {readonly Part[]} parts @param {Look} look */
export function paintedUrl(item, side, parts, look) {
  return `api/items/${item}/painted?side=${side}&paint=${encodeURIComponent(JSON.stringify({ parts, look }))}`;
}

/** @param {string} job @param {string} name @param {boolean} [asDownload] */
export function resultUrl(job, name, asDownload = false) {
  return `api/jobs/${job}/files/${encodeURIComponent(name)}${asDownload ? '?download' : ''}`;
}

/** @param {string} url @param {AbortSignal} signal @returns {Promise<Blob>} */
export async function fetchPicture(url, signal) {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(await reasonOf(response));
  return response.blob();
}
