import { oneLine } from '../library/one-line.ts';
import type { Evaluation } from './evaluation.ts';
import { meanAndSpread } from './metrics/mean-and-spread.ts';
import type { SplitFigures } from './split-figures.ts';

/** Lines for labels and for failures, unless all are asked for. */
const MOST_LABELS = 15;
const MOST_FAILURES = 5;
/** Labels up to which the confusion matrix is shown: it fits a terminal of 80 characters. */
const MOST_COLUMNS = 10;
/** Characters of a label. */
const LABEL = 28;

const FIGURES: [string, (split: SplitFigures) => number | null, 'share' | 'number'][] = [
  ['top-1', ({ top1 }) => top1, 'share'],
  ['top-5', ({ top5 }) => top5, 'share'],
  ['mean recall of labels', ({ meanRecall }) => meanRecall, 'share'],
  ['calibration error (ECE)', ({ calibrationError }) => calibrationError, 'share'],
  ['search R@1', ({ retrieval }) => retrieval.recallAt1, 'share'],
  ['search R@5', ({ retrieval }) => retrieval.recallAt5, 'share'],
  ['search R@10', ({ retrieval }) => retrieval.recallAt10, 'share'],
  ['search mAP', ({ retrieval }) => retrieval.meanAveragePrecision, 'share'],
  ['search median rank', ({ retrieval }) => retrieval.medianRank, 'number'],
];

/** An evaluation for people: the figures, the weakest labels, what failed; a screenful unless `verbose`. */
export function evaluationText(evaluation: Evaluation, { verbose }: { verbose: boolean }): string {
  const { model, templates, splits } = evaluation;
  const what = templates.length > 0 ? templates.map((one) => `"${one}"`).join(', ') : 'the label itself';
  const lines = [`Model ${oneLine(model.name)}, which reads ${what}`, ''];
  lines.push(...figureLines(splits));
  for (const split of splits.length === 1 || verbose ? splits : []) {
    if (splits.length > 1) lines.push('', split.name);
    lines.push('', ...labelLines(split, verbose), ...matrixLines(split));
  }
  lines.push(...failureLines(evaluation, verbose));
  return lines.join('\n');
}

function figureLines(splits: SplitFigures[]): string[] {
  const names = splits.map(({ name }) => name);
  const several = splits.length > 1;
  const row = (first: string, cells: string[]) =>
    `${first.padEnd(LABEL)}${cells.map((cell) => ` ${cell.padStart(12)}`).join('')}`;
  const counts = [
    row(
      'files',
      splits.map(({ files }) => `${files}`),
    ),
    row(
      'texts',
      splits.map(({ retrieval }) => `${retrieval.texts}`),
    ),
  ];
  const head = several ? [row('', [...names, 'mean ± s.d.'])] : [];
  const body = FIGURES.map(([name, of, unit]) => {
    const values = splits.map(of);
    const cells = values.map((value) => shown(value, unit));
    return row(name, several ? [...cells, spread(values, unit)] : cells);
  });
  return [...head, ...counts, ...body];
}

const shown = (value: number | null, unit: 'share' | 'number'): string => {
  if (value === null) return '–';
  return unit === 'share' ? `${(100 * value).toFixed(1)} %` : `${value}`;
};

function spread(values: (number | null)[], unit: 'share' | 'number'): string {
  const known = values.flatMap((value) => value ?? []);
  if (known.length < values.length) return '–';
  const scale = unit === 'share' ? 100 : 1;
  const { mean, deviation } = meanAndSpread(known);
  return `${(scale * mean).toFixed(1)} ± ${(scale * deviation).toFixed(1)}`;
}

function labelLines({ labels }: SplitFigures, verbose: boolean): string[] {
  const present = labels.filter(({ n }) => n > 0).sort((a, b) => (a.recall ?? 0) - (b.recall ?? 0));
  const told = verbose ? present : present.slice(0, MOST_LABELS);
  const rows = told.map(({ label, n, recall, precision, confusedWith }) => {
    const other = confusedWith ? `${oneLine(confusedWith.label)} (${confusedWith.count})` : '';
    return `${cut(label)} ${`${n}`.padStart(5)} ${share(recall)} ${share(precision)}  ${other}`.trimEnd();
  });
  const more = present.length - told.length;
  return [
    `${'label, the weakest first'.padEnd(LABEL)}     n  recall   prec.  most often taken for`,
    ...rows,
    ...(more > 0 ? [`… and ${more} more: --verbose`] : []),
  ];
}

const cut = (text: string) => oneLine(text).slice(0, LABEL).padEnd(LABEL);
const share = (value: number | null) => shown(value, 'share').padStart(7);

function matrixLines({ labels, confusion }: SplitFigures): string[] {
  if (labels.length > MOST_COLUMNS) return [];
  const head = labels.map((_, i) => `${i + 1}`.padStart(5)).join('');
  const rows = confusion.map(
    (row, i) =>
      `${`${i + 1}`.padStart(2)} ${cut(labels[i]?.label ?? '')}${row.map((n) => `${n}`.padStart(5)).join('')}`,
  );
  return ['', `${'confusion (rows: what it is)'.padEnd(LABEL + 3)}${head}`, ...rows];
}

function failureLines({ failures, unlabelled }: Evaluation, verbose: boolean): string[] {
  const outside = unlabelled.map((file) => ({
    file,
    code: 'NO_LABEL',
    message: 'It lies in no folder of a label.',
  }));
  const all = [...failures, ...outside];
  if (all.length === 0) return [];
  const told = verbose ? all : all.slice(0, MOST_FAILURES);
  const rows = told.map(({ file, code, message }) => `  ${oneLine(file)}\n    ${code}: ${oneLine(message)}`);
  const more = all.length - told.length;
  return [
    '',
    `${all.length} files left out:`,
    ...rows,
    ...(more > 0 ? [`  … and ${more} more: --verbose`] : []),
  ];
}
