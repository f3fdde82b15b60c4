-- Counts the changes of an ingestion that are told of: whoever reads the row and hears of changes can put both in order.
ALTER TABLE ingestion ADD COLUMN version bigint NOT NULL DEFAULT 0;

CREATE FUNCTION count_change_of_ingestion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := OLD.version + 1;
  RETURN NEW;
END $$;

CREATE TRIGGER ingestion_counted BEFORE UPDATE ON ingestion
FOR EACH ROW WHEN (
  (OLD.state, OLD.stage, OLD.progress, OLD.video_id, OLD.run_after)
  IS DISTINCT FROM (NEW.state, NEW.stage, NEW.progress, NEW.video_id, NEW.run_after)
) EXECUTE FUNCTION count_change_of_ingestion();

CREATE OR REPLACE FUNCTION notify_of_ingestion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('ingestion', json_build_object('id', NEW.id, 'version', NEW.version,
    'state', NEW.state, 'stage', NEW.stage, 'progress', NEW.progress)::text);
  RETURN NULL;
END $$;
