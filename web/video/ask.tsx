import { useQuery } from '@urql/preact';
import { useState } from 'preact/hooks';
import { ExplainDocument, type VideoCardFragment } from '../api/documents.ts';
import { useModel } from '../api/use-model.ts';
import { percent, span } from '../parts/format.ts';
import { Trouble } from '../parts/trouble.tsx';
import { Uncalibrated } from '../parts/uncalibrated.tsx';
import { useSettled } from '../parts/use-settled.ts';
import { Timeline } from './timeline.tsx';

/** Milliseconds without a key after which it is asked. */
const PAUSE = 200;

interface Props {
  video: VideoCardFragment;
  time: number;
  onSeek: (time: number) => void;
  /** What is asked at first. */
  initial: string;
  onAsk: (text: string) => void;
}

/** Asks anything of a video: how relevant each of its clips is, as a curve over time. */
export function Ask({ video, time, onSeek, initial, onAsk }: Props) {
  const calibrated = useModel()?.calibrated !== false;
  const [text, setText] = useState(initial);
  const asked = useSettled(text.trim(), PAUSE);
  const [{ data, error, fetching }] = useQuery({
    query: ExplainDocument,
    variables: { id: video.id, text: asked },
    pause: asked === '',
  });
  const clips = asked === '' ? [] : (data?.explain.clips ?? []);
  return (
    <section class="panel stack" aria-labelledby="ask-title" aria-busy={fetching}>
      <h2 id="ask-title">Ask anything of this video</h2>
      <label>
        <span class="hidden">What to look for in this video</span>
        <input
          class="wide"
          type="search"
          value={text}
          placeholder="When does … happen?"
          onInput={({ currentTarget }) => {
            setText(currentTarget.value);
            onAsk(currentTarget.value);
          }}
        />
      </label>
      {error && !fetching && asked !== '' && <Trouble error={error} />}
      {clips.length > 0 && (
        <>
          <Timeline
            label={`How relevant each clip is to ${asked}`}
            clips={clips}
            duration={video.duration}
            time={time}
            onSeek={onSeek}
            values={heights(clips, calibrated)}
            describe={(index) => `${percent(clips[index]?.relevance ?? 0)} relevant`}
          />
          <Best clips={clips} onSeek={onSeek} />
          <Uncalibrated />
        </>
      )}
    </section>
  );
}

interface Relevant {
  start: number;
  end: number;
  relevance: number;
}

/** How high each clip stands: as relevant as it is; where that is not calibrated, as against the best one. */
function heights(clips: Relevant[], calibrated: boolean): number[] {
  const full = calibrated ? 1 : Math.max(...clips.map(({ relevance }) => relevance), Number.MIN_VALUE);
  return clips.map(({ relevance }) => relevance / full);
}

/** Where it fits best, and whether that is enough to say that it is there. */
function Best({ clips, onSeek }: { clips: Relevant[]; onSeek: (time: number) => void }) {
  const model = useModel();
  const best = clips.reduce((a, b) => (b.relevance > a.relevance ? b : a));
  const found = best.relevance >= (model?.minRelevance ?? 0);
  return (
    <div class="row">
      <p role="status">
        {found ? 'Best' : 'It does not seem to be there. Nearest'}: {span(best)}, {percent(best.relevance)}{' '}
        relevant
      </p>
      <button type="button" onClick={() => onSeek(best.start)}>
        Play it
      </button>
    </div>
  );
}
