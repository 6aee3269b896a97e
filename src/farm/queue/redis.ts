/** The connection to Redis or Valkey. ioredis is loaded when it is needed. */
import type { Redis } from 'ioredis';
import { ConfigError, expected, FastStyleError } from '../../system/errors.ts';

/** The farm cannot do what is asked: Redis is not there, the versions differ, or there is no such job. */
export class FarmError extends FastStyleError {}

export type { Redis };

/** Names of all keys begin with it, BullMQ's too. */
export const PREFIX = 'fast-style';

/** BullMQ advises it. */
const OLDEST = [6, 2] as const;

/** Milliseconds between two tries to reach Redis again, at most. */
const MOST_PAUSE = 2000;

export interface RedisCall {
  /** redis://host:port/db or, with TLS, rediss://…; may hold user and password. */
  readonly url: string;
  /** Wins over that of the URL: command lines can be read by everybody on a machine. */
  readonly password?: string | undefined;
}

/**
 * Connects. Once it is connected, commands wait while Redis is away and are sent when it is back.
 *
 * @param onTrouble takes a line when Redis is lost and when it is back. The caller calls `quit` or `disconnect`.
 * @throws {ConfigError} no such URL. {FarmError} Redis cannot be reached, refuses the password, or is too old.
 */
export async function connectRedis(
  { url, password }: RedisCall,
  onTrouble: (line: string) => void = () => undefined,
): Promise<Redis> {
  const shown = redisName(url);
  const { Redis } = await import('ioredis');
  let isReached = false;
  const redis = new Redis(url, {
    ...(password === undefined ? {} : { password }),
    lazyConnect: true,
    maxRetriesPerRequest: null,
    retryStrategy: (times) => (isReached ? Math.min(100 * times, MOST_PAUSE) : null),
  });
  let trouble: Error | undefined;
  redis.on('error', (error: Error) => {
    if (trouble === undefined && isReached)
      onTrouble(`Redis at ${shown} is away (${reason(error)}); waiting.`);
    trouble = error;
  });
  redis.on('ready', () => {
    if (trouble !== undefined && isReached) onTrouble(`Redis at ${shown} is back.`);
    trouble = undefined;
  });
  try {
    await redis.connect();
    // A password that is wrong or lacking shows with the first command.
    requireRedisVersion(await redis.info('server'), shown);
    isReached = true;
    return redis;
  } catch (error) {
    redis.disconnect();
    if (error instanceof FarmError) throw error;
    throw new FarmError(
      expected(`Redis at ${shown}`, reason(trouble ?? (error as Error)), remedyFor(error as Error)),
      { cause: error },
    );
  }
}

/** @param info what Redis says of itself; Valkey names the version of Redis that it is like. @throws {FarmError} it is too old. */
export function requireRedisVersion(info: string, shown: string): void {
  const [, version = '0', major = '0', minor = '0'] = /^redis_version:((\d+)\.(\d+)\S*)/m.exec(info) ?? [];
  if (Number(major) > OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) >= OLDEST[1])) return;
  throw new FarmError(
    expected(`Redis ${OLDEST.join('.')} or newer, or Valkey, at ${shown}`, `Redis ${version}`),
  );
}

/** What Redis itself refuses, as a line for the user: no memory is left, or it is a replica. Any other error as it is. */
export function asRedisError(error: unknown, url: string): unknown {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return error;
  return new FarmError(`Redis at ${redisName(url)} refuses a command: ${error.message.replace(/\.$/, '')}.`, {
    cause: error,
  });
}

/** A second connection of the same kind, for what blocks or listens. */
export function anotherConnection(redis: Redis): Redis {
  const another = redis.duplicate({ lazyConnect: false });
  // The first connection says it.
  another.on('error', () => undefined);
  return another;
}

/** The URL without its password. @throws {ConfigError} it is none. */
export function redisName(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^rediss?:$/.test(parsed.protocol) || parsed.hostname === '')
    throw new ConfigError(
      expected('a URL of Redis for --redis', withoutPassword(url), 'as redis://host:6379'),
    );
  parsed.password = '';
  // ioredis takes options there, the password too.
  parsed.search = '';
  return parsed.href;
}

function withoutPassword(url: string): string {
  return url.replace(/\?.*/s, '').replace(/:(?!\/\/).*@/s, ':…@');
}

function remedyFor({ message }: Error): string {
  return /^(NOAUTH|WRONGPASS)/.test(message)
    ? 'give its password in FAST_STYLE_REDIS_PASSWORD'
    : 'start it, or correct --redis';
}

function reason({ message, code, errors }: NodeJS.ErrnoException & { errors?: readonly Error[] }): string {
  // A name with several addresses fails with one error for each, and no message.
  return message || code || errors?.[0]?.message || 'no answer';
}

/** What would lose jobs, in a line each: Redis that keeps nothing on disk, or drops what it has no memory for. */
export async function hazardsOf(redis: Redis): Promise<readonly string[]> {
  const [persistence, memory] = await Promise.all([redis.info('persistence'), redis.info('memory')]);
  const hazards: string[] = [];
  if (/^aof_enabled:0/m.test(persistence))
    hazards.push('Redis loses jobs when it ends: start it with --appendonly yes.');
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1];
  if (policy !== undefined && policy !== 'noeviction')
    hazards.push(`Redis drops jobs where memory is short (${policy}): set --maxmemory-policy noeviction.`);
  return hazards;
}
