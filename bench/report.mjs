import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem, type } from 'node:os';

const TITLES = { 'b32-8': 'B/32, 8 frames', 'b16-32': 'B/16, 32 frames' };

/** The page of docs/benchmarks.md. */
export function report(results, { busy, python }) {
  return `# Benchmarks

Written by \`npm run bench\` ([bench/](../bench)) on ${new Date().toISOString().slice(0, 10)}: ClipQL and the reference
(transformers on torch) in turn on the same machine, with the same random weights of real size, the same input and as
many threads. Medians; a ratio says how many times as fast as the reference in fp32, or bf16, or how many times less memory.

${machine(python)}${busy > 0.05 ? `\n**Others used ${Math.round(busy * 100)} % of the processors: worth little.**\n` : ''}
${results.map(section).join('\n')}`;
}

function machine(python) {
  const versions =
    'import sys, torch, transformers; print(sys.version.split()[0], torch.__version__, transformers.__version__)';
  const [py, torch, transformers] = execFileSync(python, ['-c', versions], { encoding: 'utf8' })
    .trim()
    .split(' ');
  const runtime = JSON.parse(
    readFileSync(new URL('../node_modules/onnxruntime-node-gpu/package.json', import.meta.url), 'utf8'),
  );
  return `- ${cpus()[0].model.trim()}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GB, ${type()} ${instructions()}
- Node ${process.versions.node}, onnxruntime ${runtime.version}; Python ${py}, torch ${torch}, transformers ${transformers}
`;
}

/** The processor's instructions that matter here, on Linux. */
function instructions() {
  const flags = /flags\s*:(.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1].split(' ') ?? [];
  const known = ['avx2', 'avx512f', 'avx512_vnni', 'avx_vnni', 'avx512_bf16', 'amx_tile'];
  return `(${known.filter((flag) => flags.includes(flag)).join(', ')})`;
}

function section({ name, figures, agreement, search }) {
  const [fp32, clipql, bf16, int8] = [0, 1, 2, 3];
  const rows = figures.map(({ name, unit, values }) => [
    name,
    ...[fp32, bf16, clipql].map((side) => amount(values[side], unit)),
    ratio(values[fp32], values[clipql]),
    amount(values[int8], unit),
    ratio(values[fp32], values[int8]),
    ratio(values[bf16], values[int8]),
  ]);
  const head = [
    '',
    'reference fp32',
    'reference bf16',
    'ClipQL fp32',
    '× fp32',
    'ClipQL int8',
    '× fp32',
    '× bf16',
  ];
  const errors = agreement.map((side) => [
    side.name,
    side.cosine.toFixed(7),
    ...[side.embedding, side.texts, side.logits].map((error) => error.toExponential(1)),
    side.best ? 'yes' : 'no',
  ]);
  return `## ${TITLES[name]}

${table([head, ...rows])}
How far the results are from the reference's in fp32 (400 labels; the largest difference over the largest number):

${table([['', 'cosine of the video embedding', 'video embedding', 'text embeddings', 'logits', 'same best label'], ...errors])}
Search in a library of ${search.videos} videos with 4 clips each, every text a new one, ${search.searches} searches:

${table([['', 'p50', 'p95', 'clips encoded a minute'], ...search.rows])}`;
}

function amount(value, unit) {
  const digits = value < 10 ? 1 : 0;
  return value < 10_000 ? `${value.toFixed(digits)} ${unit}` : `${(value / 1000).toFixed(1)} s`;
}

const ratio = (reference, ours) => `**${(reference / ours).toFixed(1)}**`;

function table([head, ...rows]) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return `${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}\n`;
}
