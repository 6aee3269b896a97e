import { fileURLToPath } from 'node:url';
import { ConfigError, expected } from '../../system/errors.ts';
import type { Store } from './store.ts';

const REMEDY = 'as file:///mnt/farm or s3://bucket/prefix';

/**
 * Opens a store by its address.
 *
 * @throws {ConfigError} no such address, or S3's credentials are not in the environment. {FileError} there is no such folder.
 */
export async function openStore(url: string): Promise<Store> {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address?.protocol === 's3:') {
    const { openS3Store } = await import('./s3-store.ts');
    return openS3Store(address, process.env);
  }
  if (address?.protocol !== 'file:' || address.host !== '')
    throw new ConfigError(expected('the address of a store', url, REMEDY));
  const { openFolderStore } = await import('./folder-store.ts');
  return openFolderStore(fileURLToPath(address));
}
