/**
 * For the test runner's `--import`, after scripts/compiled-sources.mjs: it has Node keep source maps, and those of TensorFlow.js take
 * 0.2 s to read in each of a hundred processes. Maps of our own files stay.
 */
import Module from 'node:module';
import { leaveOutParts } from '../../src/engine/runtime/tfjs-parts.ts';

// As the program does; test/engine/runtime/tfjs-parts.test.ts and test/library/package.test.ts have them.
leaveOutParts();

const load = Module._load;
Module._load = function (request, ...rest) {
  if (request !== '#tfjs-node') return load.call(this, request, ...rest);
  process.setSourceMapsEnabled(false);
  try {
    return load.call(this, request, ...rest);
  } finally {
    process.setSourceMapsEnabled(true);
  }
};
