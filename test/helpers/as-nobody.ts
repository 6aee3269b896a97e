/** Permissions mean nothing to root: tests of them run as somebody else. */

const NOBODY = 65534;

/** Runs `work` as a user whom permissions hold for. */
export async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work();
  process.seteuid!(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid!(0);
  }
}
