/** Options that all `farm` commands share, and what they open by them. */
import type { Farm } from '../../farm/queue/farm.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { say } from '../shared/say.ts';

export interface FarmArguments {
  readonly redis?: string | undefined;
  readonly json: boolean;
}

/** Variables of the environment in place of options: a command line can be read by everybody on a machine. */
const [URL_VARIABLE, PASSWORD_VARIABLE, ROOT_VARIABLE] = [
  'FAST_STYLE_REDIS_URL',
  'FAST_STYLE_REDIS_PASSWORD',
  'FAST_STYLE_FARM_ROOT',
];

export const redisOption = {
  redis: {
    type: 'string',
    describe: `Redis or Valkey, such as redis://host:6379; rediss:// for TLS. The password: ${PASSWORD_VARIABLE}`,
    defaultDescription: `$${URL_VARIABLE}`,
  },
} as const;

export const rootOption = {
  root: {
    type: 'string',
    describe: "Where jobs' files are: a folder that all machines share, or s3://bucket/prefix",
    defaultDescription: `$${ROOT_VARIABLE}`,
  },
} as const;

export const jsonOption = {
  json: { type: 'boolean', default: false, describe: 'Print JSON on standard output' },
} as const;

/** Throws as `Farm.open`; the caller closes it. @throws {ConfigError} no Redis is named. */
export async function openFarm(redis: string | undefined): Promise<Farm> {
  const url = redisUrl(redis);
  const { Farm } = await import('../../farm/queue/farm.ts');
  return Farm.open({ url, password: process.env[PASSWORD_VARIABLE] || undefined }, say);
}

function redisUrl(redis: string | undefined): string {
  const url = redis ?? process.env[URL_VARIABLE];
  if (url !== undefined) return url;
  throw new ConfigError(
    expected(`--redis or ${URL_VARIABLE}`, 'neither', 'for instance --redis redis://host:6379'),
  );
}

/** Runs something with a farm, and closes it. @throws {FarmError} Redis refuses a command. */
export async function withFarm<T>(redis: string | undefined, work: (farm: Farm) => Promise<T>): Promise<T> {
  const farm = await openFarm(redis);
  try {
    return await work(farm);
  } catch (error) {
    const { asRedisError } = await import('../../farm/queue/redis.ts');
    throw asRedisError(error, redisUrl(redis));
  } finally {
    await farm.close();
  }
}

/** The store's address. @throws {ConfigError} none is named. */
export async function requireRoot(root: string | undefined): Promise<string> {
  const named = root ?? process.env[ROOT_VARIABLE];
  if (named === undefined)
    throw new ConfigError(
      expected(
        `--root or ${ROOT_VARIABLE}`,
        'neither',
        'for instance --root /mnt/farm or --root s3://bucket/farm',
      ),
    );
  const { rootUrl } = await import('../../farm/submit/store-places.ts');
  return rootUrl(named);
}
