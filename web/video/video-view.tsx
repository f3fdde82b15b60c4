import './video.css';
import { useQuery } from '@urql/preact';
import { useCallback, useState } from 'preact/hooks';
import { VideoPageDocument, type VideoPageQuery } from '../api/documents.ts';
import { useLiveIngestions } from '../api/use-live-ingestions.ts';
import { NotFound } from '../not-found.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { ViewTitle } from '../parts/view-title.tsx';
import { Ask } from './ask.tsx';
import { Classify } from './classify.tsx';
import { Details } from './details.tsx';
import { Frames } from './frames.tsx';
import { Player } from './player.tsx';
import { Similar } from './similar.tsx';
import { clipAt, Timeline } from './timeline.tsx';
import { usePlace } from './use-place.ts';

type Video = NonNullable<VideoPageQuery['video']>;

/** One video: to play, to ask about, to classify. */
export function VideoView({ id }: { id: string }) {
  const [{ data, error }, again] = useQuery({
    query: VideoPageDocument,
    variables: { id },
  });
  const refresh = useCallback(() => again({ requestPolicy: 'network-only' }), [again]);
  if (!data) return error ? <Trouble error={error} /> : null;
  if (!data.video) return <NotFound what="video" />;
  return <Known video={data.video} frames={data.model.frames} refresh={refresh} />;
}

/** Of a video that is not ready yet; looks at it again when it is. */
function BeingEmbedded({ id, refresh }: { id: string; refresh: () => void }) {
  useLiveIngestions(({ video, state }) => {
    if (video?.id === id && state === 'SUCCEEDED') refresh();
  });
  return (
    <p class="notice" role="status">
      Its clips are being embedded. After that it can be searched and classified.
    </p>
  );
}

interface Props {
  video: Video;
  /** The model's frames of each clip. */
  frames: number;
  /** Asks for the video again. */
  refresh: () => void;
}

function Known({ video, frames, refresh }: Props) {
  const [place, setPlace] = usePlace();
  const [time, setTime] = useState(place.time ?? 0);
  // Where to play from: another object each time, for the same place may be asked for twice.
  const [target, setTarget] = useState(place.time === null ? null : { time: place.time });
  const seek = useCallback(
    (to: number) => {
      setTarget({ time: to });
      setTime(to);
      setPlace({ time: to });
    },
    [setPlace],
  );
  const ask = useCallback((text: string) => setPlace({ text }), [setPlace]);

  const { clips, duration } = video;
  const clip = clips[clipAt(clips, time)];
  return (
    <>
      <ViewTitle title={video.title}>{video.title}</ViewTitle>
      <div class="video-columns">
        <div class="stack video-watch">
          <Player video={video} target={target} onTime={setTime} refresh={refresh} />
          {clips.length > 1 && (
            <Timeline label="Clips" clips={clips} duration={duration} time={time} onSeek={seek} />
          )}
          {clip && <Frames video={video} clip={clip} frames={frames} onSeek={seek} />}
        </div>
        <div class="stack video-ask">
          {video.searchable ? (
            <>
              <Ask video={video} time={time} onSeek={seek} initial={place.text} onAsk={ask} />
              <Classify video={video} time={time} onSeek={seek} />
            </>
          ) : (
            <BeingEmbedded id={video.id} refresh={refresh} />
          )}
        </div>
        <div class="video-details">
          <Details video={video} refresh={refresh} />
        </div>
      </div>
      {video.searchable && <Similar id={video.id} />}
    </>
  );
}
