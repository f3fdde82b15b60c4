import { useQuery } from '@urql/preact';
import { useState } from 'preact/hooks';
import { ClassifyDocument, type ClassifyQuery, type VideoCardFragment } from '../api/documents.ts';
import { useModel } from '../api/use-model.ts';
import { Chips } from '../parts/chips.tsx';
import { percent } from '../parts/format.ts';
import { Trouble } from '../parts/trouble.tsx';
import { KeepLabels } from './keep-labels.tsx';
import { LabelScores } from './label-scores.tsx';
import { LabelSetChoice } from './label-set-choice.tsx';
import { Timeline } from './timeline.tsx';

type Answer = ClassifyQuery['classifyVideo'];

/** Labels with a colour of their own in the timeline; the rest share one. */
const COLOURS = 8;

interface Props {
  video: VideoCardFragment;
  time: number;
  onSeek: (time: number) => void;
}

/** Classifies a video against labels that are typed, or against a label set. */
export function Classify({ video, time, onSeek }: Props) {
  const [labels, setLabels] = useState<string[]>([]);
  const [labelSet, setLabelSet] = useState('');
  const [{ data, error, fetching }] = useQuery({
    query: ClassifyDocument,
    variables: labelSet ? { id: video.id, labelSet } : { id: video.id, labels },
    pause: !labelSet && labels.length === 0,
  });
  const example =
    useModel()?.bundled === false
      ? 'programming course, eating spaghetti, playing football'
      : 'a red circle, a blue square, nothing';
  const choose = (id: string) => {
    setLabels([]);
    setLabelSet(id);
  };
  const answer = labelSet || labels.length > 0 ? data?.classifyVideo : undefined;
  return (
    <section class="panel stack" aria-labelledby="classify-title" aria-busy={fetching}>
      <h2 id="classify-title">Classify it</h2>
      <Chips
        label="Labels: press Enter after each, or paste several"
        listLabel="Labels so far"
        placeholder={example}
        values={labels}
        onChange={(next) => {
          setLabelSet('');
          setLabels(next);
        }}
      />
      <LabelSetChoice chosen={labelSet} onChoose={choose} />
      {error && !fetching && <Trouble error={error} />}
      {answer && !error && (
        <>
          <LabelScores answer={answer} />
          {answer.clips.length > 1 && (
            <LabelTimeline answer={answer} video={video} time={time} onSeek={onSeek} />
          )}
          {labels.length > 0 && <KeepLabels labels={labels} onKept={choose} />}
        </>
      )}
    </section>
  );
}

/** Which label fits best when. */
function LabelTimeline({ answer: { clips }, video, time, onSeek }: { answer: Answer } & Props) {
  const best = clips.map(({ labels }) => labels[0]?.label ?? '');
  const seen = [...new Set(best)];
  const colour = (label: string) => `label-${Math.min(seen.indexOf(label), COLOURS)}`;
  return (
    <div class="stack">
      <h3>Over time</h3>
      <Timeline
        label="The most probable label of each clip"
        clips={clips}
        duration={video.duration}
        time={time}
        onSeek={onSeek}
        values={clips.map(({ labels }) => labels[0]?.probability ?? 0)}
        colours={best.map(colour)}
        describe={(index) => `${best[index]}, ${percent(clips[index]?.labels[0]?.probability ?? 0)}`}
      />
      <ul class="row small">
        {seen.slice(0, COLOURS).map((label) => (
          <li key={label} class="row legend">
            <span class={`swatch ${colour(label)}`} aria-hidden="true" />
            {label}
          </li>
        ))}
        {seen.length > COLOURS && (
          <li class="row legend">
            <span class={`swatch label-${COLOURS}`} aria-hidden="true" />
            others
          </li>
        )}
      </ul>
    </div>
  );
}
