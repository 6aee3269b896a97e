import { bindingPackage, type RuntimeManifest } from '../../src/engine/runtime/manifest.ts';
import { platformName } from '../../src/engine/runtime/pinned-wheels.ts';

/** What set-up would have written for a runtime of this machine whose only file is the binding. */
export function runtimeManifest(file: RuntimeManifest['files'][number]): RuntimeManifest {
  return {
    format: 1,
    tensorflow: '2.21.0',
    source: 'wheel',
    origin: 'a test',
    variant: 'cpu',
    platform: platformName(),
    bindingPackage: bindingPackage().version,
    binding: file.path,
    files: [file],
  };
}
