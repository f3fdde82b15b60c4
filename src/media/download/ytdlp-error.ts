import { ClipqlError, type ErrorCode } from '../../errors.ts';

/** What yt-dlp complains of, and what that means; the first that fits. Its own words may name files of the server. */
const MEANINGS: [RegExp, ErrorCode, string][] = [
  [/no space left|disk quota/i, 'DISK_FULL', 'The disk is full. Free some space and try again.'],
  [
    /not a bot|captcha|confirm you.re human/i,
    'SOURCE_NOT_ALLOWED',
    'The site takes the server for a robot, as sites do with addresses of data centres. Upload the file instead.',
  ],
  [
    /HTTP Error 429|too many requests|rate.?limit/i,
    'SOURCE_UNREACHABLE',
    'The site was asked too often. Try again later.',
  ],
  [
    /private|members.only|join this channel|payment|purchase|subscri|premium|rental/i,
    'SOURCE_NOT_ALLOWED',
    'The video is private, or only for members. Upload the file instead.',
  ],
  [
    /confirm your age|age.restricted|log ?in|sign in|cookies|registered users|HTTP Error 401/i,
    'SOURCE_NOT_ALLOWED',
    'The site shows this video only to users who are logged in. Upload the file instead.',
  ],
  [
    /your (country|location)|geo.?restrict|geo.?block/i,
    'SOURCE_NOT_ALLOWED',
    'The site does not show this video in the country of the server.',
  ],
  [
    /live event will begin|premieres? in|not currently live|is offline|has not started/i,
    'BAD_USER_INPUT',
    'This is a live stream. Give the link of the recording once it has ended.',
  ],
  [/\bDRM\b/, 'BAD_USER_INPUT', 'The video is protected against copying.'],
  [
    /unavailable|been removed|no longer available|does not exist|terminated|not found|HTTP Error (404|410)/i,
    'SOURCE_NOT_FOUND',
    'There is no video at this link any more. Check the link.',
  ],
  [
    /unsupported url|not a valid url|no video|no media|requested format is not available/i,
    'BAD_USER_INPUT',
    'There is no video at this link that can be fetched. Check the link, or upload the file.',
  ],
];

/** Characters of yt-dlp's messages for the log. */
const MAX_LOGGED = 2000;

/** What a client sees when yt-dlp could not fetch a video: network troubles and what is not known may pass. */
export function ytdlpError(messages: string): ClipqlError {
  const complaint = messages.match(/^ERROR:.*$/gm)?.at(-1) ?? '';
  const cause = new Error(messages.slice(-MAX_LOGGED));
  for (const [complains, code, message] of MEANINGS) {
    if (complains.test(complaint)) return new ClipqlError(code, message, { cause });
  }
  return new ClipqlError(
    'SOURCE_UNREACHABLE',
    'The video could not be fetched from this site. Try again later; if that does not help, the server may need a newer yt-dlp.',
    { cause },
  );
}
