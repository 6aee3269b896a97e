/** Where an S3 store is and who asks: its address and the variables that all programs for S3 read. */
import { ConfigError, expected } from '../../system/errors.ts';
import { requireKey } from './key.ts';

export interface S3Place {
  /** s3://bucket/prefix */
  readonly url: string;
  /** Address of the bucket, without a slash at its end. */
  readonly bucket: string;
  /** Before every key: empty, or ending with a slash. */
  readonly prefix: string;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * @param address s3://bucket/prefix.
 * @param environment AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; AWS_REGION or AWS_DEFAULT_REGION; for other servers than
 *   Amazon's AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL.
 * @throws {ConfigError} something is missing, or is no address.
 */
export function s3Place(address: URL, environment: Environment): S3Place {
  const bucket = address.host;
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) || address.username !== '')
    throw new ConfigError(
      expected('a bucket in the address of a store', address.href, 'as s3://bucket/prefix'),
    );
  const named = decodeURIComponent(address.pathname).replace(/^\/|\/$/g, '');
  const prefix = named === '' ? '' : `${requireKey(named, 'the prefix of a store')}/`;
  const required = (name: string) => environment[name] || missing(name);
  const region = environment.AWS_REGION || environment.AWS_DEFAULT_REGION || 'us-east-1';
  const sessionToken = environment.AWS_SESSION_TOKEN;
  return {
    ...{ url: `s3://${bucket}/${prefix}`, prefix, region },
    bucket: bucketAddress(bucket, region, environment),
    credentials: {
      accessKeyId: required('AWS_ACCESS_KEY_ID'),
      secretAccessKey: required('AWS_SECRET_ACCESS_KEY'),
      ...(sessionToken ? { sessionToken } : {}),
    },
  };
}

function missing(name: string): never {
  throw new ConfigError(expected(`${name} in the environment for a store in S3`, 'nothing'));
}

/** Other servers know buckets by path, Amazon by name; certificates of its names hold no dots. */
function bucketAddress(bucket: string, region: string, environment: Environment): string {
  const endpoint = environment.AWS_ENDPOINT_URL_S3 || environment.AWS_ENDPOINT_URL;
  if (endpoint !== undefined && endpoint !== '') {
    const isAddress = URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol);
    if (!isAddress) throw new ConfigError(expected('an address as AWS_ENDPOINT_URL', endpoint));
    return `${endpoint.replace(/\/+$/, '')}/${bucket}`;
  }
  const host = `s3.${region}.amazonaws.com`;
  return bucket.includes('.') ? `https://${host}/${bucket}` : `https://${bucket}.${host}`;
}
