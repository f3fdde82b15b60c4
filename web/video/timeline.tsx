import type { TargetedPointerEvent } from 'preact';
import { clock, span } from '../parts/format.ts';

export interface Window {
  start: number;
  end: number;
}

interface Props {
  /** What it shows, for those who do not see it. */
  label: string;
  clips: Window[];
  duration: number;
  /** The place that is shown, in seconds. */
  time: number;
  onSeek: (time: number) => void;
  /** How high each clip stands, 0 to 1; all the same without it. */
  values?: number[];
  /** The class of each clip's colour. */
  colours?: string[];
  /** Of a clip, read out with its times. */
  describe?: (index: number) => string;
}

/** Bars that a screen can tell apart; of longer videos neighbouring clips share one. */
const MAX_BARS = 400;

/** Clips over time, as bars; a click or the arrow keys go there. */
export function Timeline({ label, clips, duration, time, onSeek, values, colours, describe }: Props) {
  const here = clipAt(clips, time);
  const seek = ({ clientX, currentTarget }: TargetedPointerEvent<HTMLElement>) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    onSeek(Math.min(0.9999, Math.max(0, (clientX - left) / width)) * duration);
  };
  // A finger that moves scrolls the page, and is not heard of again; it seeks where it taps.
  const drag = (event: TargetedPointerEvent<HTMLElement>) => {
    if (event.pointerType === 'mouse' && event.buttons === 1) seek(event);
  };
  const release = (event: TargetedPointerEvent<HTMLElement>) => {
    if (event.button === 0) seek(event);
  };
  return (
    <div class="timeline-frame">
      <div class="timeline" onPointerMove={drag} onPointerUp={release}>
        <svg viewBox={`0 0 ${duration} 1`} preserveAspectRatio="none" aria-hidden="true">
          {bars(clips, values).map(({ start, end, value, index }) => (
            <rect
              key={index}
              class={`${colours?.[index] ?? 'bar'}${index === here ? ' here' : ''}`}
              x={start}
              y={1 - Math.max(0.03, value)}
              width={Math.max(0, end - start - gap(duration, clips.length))}
              height={Math.max(0.03, value)}
            />
          ))}
        </svg>
        <div class="timeline-head" style={{ left: `${Math.min(1, time / duration) * 100}%` }} />
        <input
          type="range"
          class="timeline-range"
          min={0}
          max={Math.max(0, clips.length - 1)}
          value={here}
          aria-label={label}
          aria-valuetext={clips[here] && `${span(clips[here])}${describe ? `, ${describe(here)}` : ''}`}
          onInput={({ currentTarget }) => onSeek(clips[Number(currentTarget.value)]?.start ?? 0)}
        />
      </div>
      <div class="timeline-ends small muted numbers" aria-hidden="true">
        <span>0:00</span>
        <span>{clock(duration)}</span>
      </div>
    </div>
  );
}

/** The clip that a place belongs to; of overlapping ones the last. */
export function clipAt(clips: Window[], time: number): number {
  const after = clips.findIndex(({ start }) => start > time);
  return after === -1 ? Math.max(0, clips.length - 1) : Math.max(0, after - 1);
}

/** Seconds between two bars: a few pixels, or none where they are many. */
const gap = (duration: number, count: number) => (count > 100 ? 0 : duration / 300);

function bars(clips: Window[], values: number[] | undefined) {
  const together = Math.ceil(clips.length / MAX_BARS);
  const made = [];
  for (let index = 0; index < clips.length; index += together) {
    const some = clips.slice(index, index + together);
    const next = clips[index + together];
    const value = values ? Math.max(...values.slice(index, index + together)) : 1;
    const end = Math.min((some.at(-1) as Window).end, next?.start ?? Number.POSITIVE_INFINITY);
    made.push({ index, value, start: (some[0] as Window).start, end });
  }
  return made;
}
