import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tensor } from 'onnxruntime-node-gpu';
import { graphBuilder } from './graph/builder.ts';
import { createSession } from './session.ts';
import type { Provider } from './xclip.ts';

const PROVIDERS = { cpu: 'CPUExecutionProvider', cuda: 'CUDAExecutionProvider' };
const HELP = 'See "GPU" in the README for what must be installed, or set EXECUTION_PROVIDER=cpu.';

/**
 * Makes sure that a provider computes: by a matrix product, after which the runtime says what computed it. Asked for
 * CUDA, the runtime fails when its library is missing, but computes on the CPU what it thinks the GPU cannot.
 * @throws Error saying what the runtime said and what to do.
 */
export async function checkProvider(provider: Provider): Promise<void> {
  const computed = await whatComputes(provider).catch((cause: Error) => {
    throw new Error(`The model cannot be run by ${provider} (${cause.message}). ${HELP}`, { cause });
  });
  if (computed !== PROVIDERS[provider]) {
    throw new Error(`The model would not be run by ${provider} but by ${computed}. ${HELP}`);
  }
}

async function whatComputes(provider: Provider): Promise<string | undefined> {
  const g = graphBuilder('probe', { path: '', tensors: new Map() });
  const x = g.input('x', 'float32', ['N', 'N']);
  g.output('product', g.op('MatMul', [x, x]), 'float32', ['N', 'N']);
  const folder = await mkdtemp(join(tmpdir(), 'clipql-probe-'));
  try {
    const session = await createSession(
      { model: g.build(), weightsPath: '/' },
      { executionProviders: [provider], enableProfiling: true, profileFilePrefix: join(folder, 'profile') },
    );
    await session.run({ x: new Tensor('float32', new Float32Array(64 * 64), [64, 64]) });
    session.endProfiling();
    await session.release();
    const [file = ''] = await readdir(folder);
    const events: { args?: { op_name?: string; provider?: string } }[] = JSON.parse(
      await readFile(join(folder, file), 'utf8'),
    );
    return events.find(({ args }) => args?.op_name === 'MatMul' && args.provider)?.args?.provider;
  } finally {
    await rm(folder, { recursive: true });
  }
}
