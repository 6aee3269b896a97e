import { createRequire } from 'node:module';
import { RuntimeSetupError } from '../../errors.ts';

const bindingPath = process.env.FAST_STYLE_BINDING;
if (!bindingPath) throw new RuntimeSetupError('TensorFlow is not set up; run: fast-style setup');
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';

const require = createRequire(createRequire(import.meta.url).resolve('@tensorflow/tfjs-node-gpu'));
const locator = require.resolve('@mapbox/node-pre-gyp');
require.cache[locator] = {
  id: locator,
  filename: locator,
  loaded: true,
  exports: { find: () => bindingPath },
} as unknown as NodeJS.Module;
const util = require('node:util');
util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
util.isArray ??= Array.isArray;
