/** What the reader has chosen, kept in the address after `#`: the page that replaces this one goes on with it. */

const chosen = new URLSearchParams(location.hash.slice(1));

/** @param {string} name */
export const remembered = (name) => chosen.get(name);

/** @param {string} name @param {string | undefined} value undefined forgets it */
export function remember(name, value) {
  if (value === undefined) chosen.delete(name);
  else chosen.set(name, value);
  history.replaceState(null, '', `#${chosen}`);
}
