-- What a URL holds is fetched first, in a run of its own; then the ingestion waits in the queue to be embedded.
ALTER TABLE ingestion DROP CONSTRAINT ingestion_source_kind_check;
ALTER TABLE ingestion
  ADD CONSTRAINT ingestion_source_kind_check CHECK (source_kind IN ('PATH', 'UPLOAD', 'URL')),
  ADD COLUMN source_url text,               -- with its credentials; clients see source_name
  ADD COLUMN source_size bigint,            -- bytes of a PATH when it was asked for, to know what is new in a folder
  ADD COLUMN source_mtime double precision, -- milliseconds since 1970
  ADD COLUMN fetched boolean NOT NULL DEFAULT false,
  ADD COLUMN segmentation jsonb,            -- null: none was asked for
  ADD COLUMN warnings jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN errors jsonb NOT NULL DEFAULT '[]', -- of all its attempts, the oldest first
  ADD COLUMN failures integer NOT NULL DEFAULT 0, -- in a row, each tried again by itself
  -- What ended without success keeps its clips and its source until then, so that a retry goes on with them.
  ADD COLUMN kept_until timestamptz,
  -- 0: asked for by itself, 1: in a batch, 2: in a folder, 3: to embed a stored video with another model.
  ADD COLUMN priority smallint NOT NULL DEFAULT 0;

UPDATE ingestion SET priority = 3 WHERE model IS NOT NULL;
UPDATE ingestion SET kept_until = finished_at + interval '7 days'
WHERE state = 'FAILED' AND error_retryable AND model IS NULL;

DROP INDEX ingestion_queue;
CREATE INDEX ingestion_queue ON ingestion (priority, crashes, position) WHERE state IN ('QUEUED', 'RUNNING');
CREATE INDEX ingestion_path ON ingestion (source_path);
CREATE INDEX ingestion_state ON ingestion (state, position);

-- How the video is cut into clips: seconds a clip, the share it has in common with the next, whether scenes are kept whole.
ALTER TABLE video
  ADD COLUMN segmentation jsonb NOT NULL DEFAULT '{"clipSeconds": 10, "overlap": 0, "scenes": false}',
  ADD COLUMN cuts double precision[], -- between scenes, in seconds; null: not looked for
  ADD COLUMN edition integer NOT NULL DEFAULT 0; -- how often it was cut anew; the files of its clips are named by it

ALTER TABLE clip ADD COLUMN edition integer NOT NULL DEFAULT 0;

-- An ingestion with this cuts a stored video anew, as its segmentation says. The clips wait here until all are there.
ALTER TABLE ingestion ADD COLUMN recuts boolean NOT NULL DEFAULT false;
CREATE TABLE next_clip (
  LIKE clip INCLUDING STORAGE,
  recut uuid NOT NULL REFERENCES ingestion ON DELETE CASCADE,
  PRIMARY KEY (video_id, model, index),
  FOREIGN KEY (video_id) REFERENCES video ON DELETE CASCADE,
  FOREIGN KEY (model) REFERENCES model ON DELETE CASCADE
);
