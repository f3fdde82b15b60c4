import './poster.css';
import type { TargetedPointerEvent } from 'preact';
import { useState } from 'preact/hooks';
import type { VideoCardFragment } from '../api/documents.ts';
import { clock } from './format.ts';
import { loadSheet, type Tiles } from './sheet.ts';

/** A video's picture; moving over it with a pointer runs through the frames the model saw. */
export function Poster({ video, eager = false }: { video: VideoCardFragment; eager?: boolean }) {
  const [sheet, setSheet] = useState<Tiles | null>(null);
  const [at, setAt] = useState<number | null>(null);

  const enter = async () => {
    if (sheet || !video.sheetUrl) return;
    setSheet(await loadSheet(video.sheetUrl, video).catch(() => null));
  };
  const move = ({ clientX, currentTarget }: TargetedPointerEvent<HTMLElement>) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    setAt(Math.min(0.999, Math.max(0, (clientX - left) / width)));
  };

  return (
    <div class="poster" onPointerEnter={enter} onPointerMove={move} onPointerLeave={() => setAt(null)}>
      {video.posterUrl && (
        <img
          src={video.posterUrl}
          alt=""
          width={video.width}
          height={video.height}
          loading={eager ? 'eager' : 'lazy'}
          decoding="async"
        />
      )}
      {sheet && at !== null && <Frame sheet={sheet} at={at} video={video} />}
      <span class="poster-duration numbers">
        <span class="hidden">Duration </span>
        {clock(video.duration, video.duration < 1)}
      </span>
    </div>
  );
}

/** One tile of a contact sheet over the poster, and how far it is. */
function Frame({ sheet, at, video }: { sheet: Tiles; at: number; video: VideoCardFragment }) {
  const { columns, rows } = sheet;
  const tile = Math.floor(at * columns * rows);
  const share = (index: number, count: number) => (count > 1 ? `${(index / (count - 1)) * 100}%` : '0');
  return (
    <>
      <div
        class="poster-frame"
        style={{
          aspectRatio: `${video.width} / ${video.height}`,
          backgroundImage: `url(${JSON.stringify(video.sheetUrl)})`,
          backgroundSize: `${columns * 100}% ${rows * 100}%`,
          backgroundPosition: `${share(tile % columns, columns)} ${share(Math.floor(tile / columns), rows)}`,
        }}
      />
      <div class="poster-progress" style={{ width: `${at * 100}%` }} />
    </>
  );
}
