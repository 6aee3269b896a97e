/**
 * For `--import`: Node loads of each of our TypeScript files what `compileTests` (steps.mjs) has made of it. Against tsx that saves half
 * a second in each process, and functions within loops over pixels are not given their names anew each time.
 */
import { register as hook } from 'node:module';

hook('./compiled-sources-hooks.mjs', import.meta.url);
process.setSourceMapsEnabled(true); // what fails names file and line of the source

/** What threads call of tsx: they load this file in its place, and with that all is done. */
export function register() {}
