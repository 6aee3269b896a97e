/** Errors on their way between threads: what is cloned keeps neither its class nor its name. */
import * as errors from './errors.ts';

export interface ClonedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: unknown;
}

/** @param error of any kind. */
export function toCloned(error: unknown): ClonedError {
  const { name, message, stack, cause } = error instanceof Error ? error : new Error(String(error));
  return { name, message, stack, cause: cause instanceof Error ? toCloned(cause) : undefined };
}

/** The error again, of its class where it is one of ours. */
export function fromCloned({ name, message, stack, cause }: ClonedError): Error {
  const known = Object.values(errors).find((one) => one.name === name);
  const isOurs = known !== undefined && known.prototype instanceof Error;
  const Class = (isOurs ? known : Error) as new (text: string, more?: ErrorOptions) => Error;
  const error = new Class(
    message,
    cause === undefined ? undefined : { cause: fromCloned(cause as ClonedError) },
  );
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
