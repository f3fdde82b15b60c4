import { useEffect, useRef, useState } from 'preact/hooks';
import { connectionLost, generation } from '../api/connection.ts';
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
  /** Seconds; where it goes on when its file can be reached again. */
  const goOnAt = useRef<number | null>(null);
  const { value: now } = generation;

  useEffect(() => {
    const element = player.current;
    if (!element || !target) return;
    element.currentTime = target.time;
    element.play().catch(() => {}); // a browser may want a click first
  }, [target]);

  const onError = async () => {
    const { status } = await fetch(source ?? '', { method: 'HEAD' }).catch(() => ({ status: 0 }));
    if (status === 200) setTrouble('UNPLAYABLE');
    else if (status === 404 || status === 410) setTrouble('GONE');
    else goOnAt.current = player.current?.currentTime ?? 0;
    // Its signature has expired, or the video itself is gone.
    if (status === 401 || status === 404 || status === 410) refresh();
    if (status === 0) connectionLost();
  };
  useEffect(() => {
    if (goOnAt.current !== null) setSource(mediaUrl);
  }, [mediaUrl]);
  // The server may be back.
  useEffect(() => {
    if (goOnAt.current !== null) player.current?.load();
  }, [now]);

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
