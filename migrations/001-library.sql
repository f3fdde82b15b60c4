CREATE EXTENSION IF NOT EXISTS vector;

-- One row per X-CLIP checkpoint whose embeddings are here; searches use the active one.
CREATE TABLE model (
  fingerprint text PRIMARY KEY,
  name text NOT NULL,
  dimensions integer NOT NULL,
  frames integer NOT NULL,
  active boolean NOT NULL DEFAULT false,
  -- Number of the latest snapshot. Taken under this row's lock, so that numbers become visible in their order.
  snapshot bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX model_active ON model (active) WHERE active;

-- One row per source file, known by the SHA-256 of its bytes.
CREATE TABLE video (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  position bigint GENERATED ALWAYS AS IDENTITY UNIQUE, -- order of lists
  sha256 text NOT NULL UNIQUE,
  title text NOT NULL,
  title_folded text NOT NULL, -- for searching: the case of letters is folded by us, the same under any locale
  tags text[] NOT NULL,
  metadata jsonb NOT NULL,
  duration double precision NOT NULL, -- seconds
  width integer NOT NULL,             -- pixels as displayed
  height integer NOT NULL,
  frame_rate double precision,
  source_kind text NOT NULL CHECK (source_kind IN ('PATH', 'UPLOAD')),
  source_path text,                   -- of a PATH, read in place; gone when size or mtime differ
  source_size bigint,                 -- bytes
  source_mtime double precision,      -- milliseconds since 1970
  warnings jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CHECK (source_kind <> 'PATH' OR (source_path, source_size, source_mtime) IS NOT NULL)
);
CREATE INDEX video_tags ON video USING gin (tags);

-- The job that takes a source to an embedded video, and the queue of those jobs.
CREATE TABLE ingestion (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  position bigint GENERATED ALWAYS AS IDENTITY UNIQUE, -- order of lists and of the queue
  source_kind text NOT NULL CHECK (source_kind IN ('PATH', 'UPLOAD')),
  source_name text NOT NULL,          -- what clients see
  source_path text,
  upload_id text,
  title text,
  tags text[] NOT NULL,
  metadata jsonb NOT NULL,
  state text NOT NULL DEFAULT 'QUEUED'
    CHECK (state IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
  stage text,
  progress double precision NOT NULL DEFAULT 0,
  run_after timestamptz NOT NULL DEFAULT now(),
  attempts integer NOT NULL DEFAULT 0,
  crashes integer NOT NULL DEFAULT 0, -- in a row: attempts whose worker fell silent before it stored anything
  worker text,                        -- who runs it; others' writes for it are refused
  lease interval,
  lease_until timestamptz,            -- when the worker counts as dead
  duplicate boolean NOT NULL DEFAULT false,
  error_code text,
  error_message text,
  error_retryable boolean,
  video_id uuid REFERENCES video ON DELETE SET NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz
);
CREATE INDEX ingestion_queue ON ingestion (position) WHERE state IN ('QUEUED', 'RUNNING');
CREATE INDEX ingestion_video ON ingestion (video_id);
CREATE INDEX ingestion_upload ON ingestion (upload_id);

-- The ingestion that embeds the video; it counts only while it runs.
ALTER TABLE video ADD COLUMN embedded_by uuid REFERENCES ingestion ON DELETE SET NULL;

-- A clip as embedded by one model. Its patch features lie in a file.
CREATE TABLE clip (
  video_id uuid NOT NULL REFERENCES video ON DELETE CASCADE,
  model text NOT NULL REFERENCES model,
  index integer NOT NULL,
  start_time double precision NOT NULL, -- seconds
  end_time double precision NOT NULL,
  embedding vector NOT NULL,            -- without a size: models differ
  background double precision NOT NULL,
  background_hash text NOT NULL,
  PRIMARY KEY (video_id, model, index)
);
-- Out of line, as PostgreSQL would keep them, a scan takes 3 to 4 times as long.
ALTER TABLE clip ALTER COLUMN embedding SET STORAGE PLAIN;

-- A video all of whose clips are embedded by a model: searchable from this snapshot on.
CREATE TABLE searchable (
  video_id uuid NOT NULL REFERENCES video ON DELETE CASCADE,
  model text NOT NULL REFERENCES model,
  snapshot bigint NOT NULL,
  PRIMARY KEY (video_id, model)
);
