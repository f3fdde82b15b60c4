import { useEffect, useRef, useState } from 'preact/hooks';
import type { VideoPageQuery } from '../api/documents.ts';

interface Props {
  video: NonNullable<VideoPageQuery['video']>;
  /** Where to play from; null: it waits at its beginning. */
  target: { time: number } | null;
  /** Gets the place that is shown, in seconds. */
  onTime: (time: number) => void;
  /** Asks for the video again, and so for a fresh address of its file. */
  refresh: () => void;
}

/** Plays a video, from a moment where one was asked for. */
export function Player({ video, target, onTime, refresh }: Props) {
  const { mediaUrl, posterUrl, width, height, title } = video;
  const player = useRef<HTMLVideoElement>(null);
  const [trouble, setTrouble] = useState<'UNPLAYABLE' | 'GONE' | null>(null);
  // Its first address is kept while it plays: another one for the same file would begin again.
  const [source, setSource] = useState(mediaUrl);
  const goOnAt = useRef<number | null>(null);

  useEffect(() => {
    const element = player.current;
    if (!element || !target) return;
    element.currentTime = target.time;
    element.play().catch(() => {}); // a browser may want a click first
  }, [target]);

  const onError = async () => {
    const { status } = await fetch(source ?? '', { method: 'HEAD' }).catch(() => ({ status: 0 }));
    if (status === 200) setTrouble('UNPLAYABLE');
    else if (status === 404) setTrouble('GONE');
    else if (status === 401) {
      goOnAt.current = player.current?.currentTime ?? 0; // its signature has expired
      refresh();
    }
  };
  useEffect(() => {
    if (goOnAt.current !== null) setSource(mediaUrl);
  }, [mediaUrl]);

  if (!source || trouble === 'GONE')
    return <p class="notice">Its file is gone: it cannot be played. Searches go on finding it.</p>;
  return (
    <div class="stack">
      <video
        class="player"
        ref={player}
        src={source}
        {...(posterUrl && { poster: posterUrl })}
        width={width}
        height={height}
        style={{ aspectRatio: `${width} / ${height}` }}
        aria-label={title}
        controls
        playsInline
        preload="metadata"
        onTimeUpdate={({ currentTarget }) => onTime(currentTarget.currentTime)}
        onSeeking={({ currentTarget }) => onTime(currentTarget.currentTime)}
        onLoadedMetadata={({ currentTarget }) => {
          const place = goOnAt.current ?? target?.time;
          if (place) currentTarget.currentTime = place;
        }}
        onError={onError}
      />
      {trouble === 'UNPLAYABLE' && (
        <p class="notice">
          This browser cannot play this kind of file. What the model saw of it is below;{' '}
          <a href={source} download>
            download it
          </a>{' '}
          to see all.
        </p>
      )}
    </div>
  );
}
