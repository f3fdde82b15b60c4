-- How the frames of a clip are chosen: part of what a model is, as its fingerprint says.
ALTER TABLE model ADD COLUMN sampling text NOT NULL DEFAULT 'UNIFORM' CHECK (sampling IN ('UNIFORM', 'WINDOW'));
ALTER TABLE wanted_model
  ADD COLUMN sampling text NOT NULL DEFAULT 'UNIFORM' CHECK (sampling IN ('UNIFORM', 'WINDOW'));
