import { listSupportedBackends } from 'onnxruntime-node-gpu';
import { expect, test } from 'vitest';
import { checkProvider } from '#src/xclip/check-provider.js';
import { loadCheckpoint } from '#src/xclip/checkpoint.js';
import { openXClip } from '#src/xclip/open-xclip.js';
import { DEFAULTS, fixture } from './fixtures.js';

// With the libraries installed, CUDA must run instead; then this file has nothing to show.
const installed = listSupportedBackends().some(({ name, bundled }) => name === 'cuda' && bundled);

test('the CPU computes what it is asked to', async () => {
  await checkProvider('cpu');
});

test.skipIf(installed)(
  'CUDA without its libraries is refused when the engine is opened, saying what to do',
  async () => {
    const checkpoint = await loadCheckpoint(fixture('many-layers'), 'many-layers', false);
    const opening = openXClip(checkpoint, { ...DEFAULTS, provider: 'cuda' });
    await expect(opening).rejects.toThrow(
      /cannot be run by cuda .*shared library.*README.*EXECUTION_PROVIDER=cpu/,
    );
  },
);
