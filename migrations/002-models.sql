-- How a clip was computed, and the form its patch features are kept in.
ALTER TABLE clip
  ADD COLUMN precision text NOT NULL DEFAULT 'fp32',
  ADD COLUMN provider text NOT NULL DEFAULT 'cpu',
  ADD COLUMN features text NOT NULL DEFAULT 'fp16';
ALTER TABLE clip
  ALTER COLUMN precision DROP DEFAULT,
  ALTER COLUMN provider DROP DEFAULT,
  ALTER COLUMN features DROP DEFAULT;

-- The model that the library goes over to once all is embedded with it.
ALTER TABLE model ADD COLUMN incoming boolean NOT NULL DEFAULT false CHECK (NOT (active AND incoming));
CREATE UNIQUE INDEX model_incoming ON model (incoming) WHERE incoming;

-- What an admin asked for, by name, until that model is active: its weights may yet have to be fetched.
CREATE TABLE wanted_model (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  name text NOT NULL,
  now boolean NOT NULL -- switch as soon as it is loaded, whatever is embedded with it
);

-- With a model: embeds a stored video with that one. Such a job is gone when it has succeeded.
ALTER TABLE ingestion ADD COLUMN model text REFERENCES model ON DELETE CASCADE;
CREATE UNIQUE INDEX ingestion_embedding ON ingestion (video_id, model) WHERE model IS NOT NULL;
CREATE INDEX searchable_model ON searchable (model);
