// `npm run bench`: ClipQL and the reference side by side on this machine; writes docs/benchmarks.md.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { agreement } from './agreement.mjs';
import { busyShare } from './busy.mjs';
import { measure } from './measure.mjs';
import { report } from './report.mjs';
import { startSide } from './side.mjs';

const BENCH = fileURLToPath(new URL('.', import.meta.url));
const WORK = join(BENCH, 'work');
const MODELS = { 'b32-8': 8, 'b16-32': 32 };
/** More than this share of the processors taken by others makes the figures worthless. */
const QUIET = 0.05;

const { values } = parseArgs({ options: { python: { type: 'string' }, anyway: { type: 'boolean' } } });

let busy = await busyShare();
if (busy > QUIET) {
  const found = `Others use ${Math.round(busy * 100)} % of this machine's processors`;
  if (!values.anyway) throw new Error(`${found}. Stop them, or measure with --anyway for what it is worth.`);
  console.warn(`WARNING: ${found}: these figures are worth little.`);
}

const python = values.python ?? makeEnvironment();
mkdirSync(WORK, { recursive: true });
execFileSync(python, [join(BENCH, 'make_checkpoints.py'), WORK], { stdio: 'inherit' });

const results = [];
for (const [name, frameCount] of Object.entries(MODELS)) {
  const frames = join(WORK, `frames-${frameCount}`);
  writeFileSync(frames, noise(frameCount * 224 * 224 * 3));
  const threads = `${availableParallelism()}`;
  const start = (side, command, script, ...rest) => startSide(side, command, [join(BENCH, script), ...rest]);
  // The weights are brought to int8 once and kept; loading them is measured below.
  const first = await start('ClipQL int8', process.execPath, 'engine.mjs', 'int8');
  await first.ask('load', join(WORK, name), frames);
  await first.end();
  const sides = [
    await start('reference fp32', python, 'reference.py', 'float32', threads),
    await start('ClipQL fp32', process.execPath, 'engine.mjs', 'fp32'),
    await start('reference bf16', python, 'reference.py', 'bfloat16', threads),
    await start('ClipQL int8', process.execPath, 'engine.mjs', 'int8'),
  ];
  const figures = await measure(sides, join(WORK, name), frames);
  const agreed = await agreement(sides);
  for (const side of sides) await side.end();
  const searched = execFileSync(process.execPath, [join(BENCH, 'search.mjs'), join(WORK, name), frames]);
  busy = Math.max(busy, await busyShare());
  results.push({ name, figures, agreement: agreed, search: JSON.parse(searched) });
}

const page = report(results, { busy, python });
console.log(page);
writeFileSync(fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url)), page);

/** A virtual environment with the reference, made once. */
function makeEnvironment() {
  const folder = join(BENCH, '.venv');
  const python = join(folder, 'bin', 'python');
  if (!existsSync(python)) {
    execFileSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' });
    const requirements = join(BENCH, 'requirements.txt');
    execFileSync(python, ['-m', 'pip', 'install', '-r', requirements], { stdio: 'inherit' });
  }
  return python;
}

/** Bytes that look random and are the same each time (xorshift). */
function noise(length) {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 255;
  });
}
