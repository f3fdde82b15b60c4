-- A named list of labels to classify against.
CREATE TABLE label_set (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  position bigint GENERATED ALWAYS AS IDENTITY UNIQUE, -- order of lists
  name text NOT NULL UNIQUE,
  templates text[] NOT NULL, -- each with {} once; none: a text as it is
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE label (
  label_set uuid NOT NULL REFERENCES label_set ON DELETE CASCADE,
  number integer NOT NULL, -- its place in the set, from 1
  label text NOT NULL,
  texts text[] NOT NULL,   -- what the model reads; none: the label
  PRIMARY KEY (label_set, number)
);

-- A video that shows what a label means.
CREATE TABLE label_example (
  label_set uuid NOT NULL,
  label integer NOT NULL,
  number integer NOT NULL, -- its place among the label's, from 1
  video_id uuid NOT NULL REFERENCES video ON DELETE CASCADE,
  PRIMARY KEY (label_set, label, video_id),
  FOREIGN KEY (label_set, label) REFERENCES label ON DELETE CASCADE
);
CREATE INDEX label_example_video ON label_example (video_id);
