import type { Client } from '../library/client.ts';
import type { Answer } from './ask-labels.ts';
import { askRankings, type Query } from './ask-rankings.ts';
import { type Prediction, topK } from './metrics/accuracy.ts';
import { calibrationError } from './metrics/calibration.ts';
import { confusionMatrix, type LabelFigures, labelFigures } from './metrics/confusion.ts';
import { type Retrieval, retrievalFigures } from './metrics/retrieval.ts';
import type { Split } from './read-splits.ts';

/** All figures of one split; shares from 0 to 1. */
export interface SplitFigures {
  name: string;
  /** Files that were evaluated. */
  files: number;
  top1: number;
  top5: number;
  /** The mean of the labels' recalls: labels weigh equally. */
  meanRecall: number;
  calibrationError: number;
  retrieval: Retrieval;
  labels: LabelFigures[];
  /** Rows: what it is; columns: what it was taken for; both in the order of `labels`. */
  confusion: number[][];
}

/** What the split's files are, and what was answered of them. */
export interface Answered {
  split: Split;
  /** Ids of videos by path. */
  ids: Map<string, string>;
  answers: Map<string, Answer>;
  /** All that was to choose from. */
  labels: string[];
  /** What the model reads for a label, when it is searched. */
  textOf: (label: string) => string;
}

/** Searches the split's texts, and counts. Files without an answer are left out; there must be one with. */
export async function splitFigures(client: Client, answered: Answered): Promise<SplitFigures> {
  const { split, labels } = answered;
  const predictions = predictionsOf(answered);
  const { queries, videos } = queriesOf(answered);
  const rankings = await askRankings(client, queries, videos);
  const confusion = confusionMatrix(predictions, labels);
  const figures = labelFigures(labels, confusion);
  const recalls = figures.flatMap(({ recall }) => recall ?? []);
  return {
    name: split.name,
    files: predictions.length,
    top1: topK(predictions, 1),
    top5: topK(predictions, 5),
    meanRecall: recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length,
    calibrationError: calibrationError(predictions),
    retrieval: retrievalFigures(rankings),
    labels: figures,
    confusion,
  };
}

function predictionsOf({ split, ids, answers }: Answered): Prediction[] {
  return split.items.flatMap(({ source, label }) => {
    const answer = answers.get(ids.get(source.path) ?? '');
    return answer && 'ranked' in answer ? [{ truth: label, ...answer }] : [];
  });
}

/** The captions, or where there are none the labels; each with the videos that it is said of. */
function queriesOf({ split, ids, answers, textOf }: Answered): { queries: Query[]; videos: string[] } {
  const queries = new Map<string, Set<string>>();
  const videos = new Set<string>();
  for (const { source, label, captions } of split.items) {
    const id = ids.get(source.path);
    const answer = answers.get(id ?? '');
    if (id === undefined || !answer || 'error' in answer) continue;
    videos.add(id);
    for (const text of captions.length > 0 ? captions : [textOf(label)]) {
      queries.set(text, (queries.get(text) ?? new Set()).add(id));
    }
  }
  return { queries: [...queries].map(([text, relevant]) => ({ text, relevant })), videos: [...videos] };
}
