-- Every process hears of every change of an ingestion, on the channel `ingestion`, once it is committed.
CREATE FUNCTION notify_of_ingestion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('ingestion', json_build_object(
    'id', NEW.id, 'state', NEW.state, 'stage', NEW.stage, 'progress', NEW.progress)::text);
  RETURN NULL;
END $$;

CREATE TRIGGER ingestion_made AFTER INSERT ON ingestion
FOR EACH ROW EXECUTE FUNCTION notify_of_ingestion();

CREATE TRIGGER ingestion_changed AFTER UPDATE ON ingestion
FOR EACH ROW WHEN (
  (OLD.state, OLD.stage, OLD.progress, OLD.video_id, OLD.run_after)
  IS DISTINCT FROM (NEW.state, NEW.stage, NEW.progress, NEW.video_id, NEW.run_after)
) EXECUTE FUNCTION notify_of_ingestion();
