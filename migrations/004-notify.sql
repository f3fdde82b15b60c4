-- Every process hears of every change of an ingestion: its id, on the channel `ingestion`, once the change is committed.
CREATE FUNCTION notify_of_ingestion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('ingestion', coalesce(NEW.id, OLD.id)::text);
  RETURN NULL;
END $$;

CREATE TRIGGER ingestion_made AFTER INSERT OR DELETE ON ingestion
FOR EACH ROW EXECUTE FUNCTION notify_of_ingestion();

CREATE TRIGGER ingestion_changed AFTER UPDATE ON ingestion
FOR EACH ROW WHEN (
  (OLD.state, OLD.stage, OLD.progress, OLD.video_id, OLD.error_code, OLD.run_after, OLD.attempts)
  IS DISTINCT FROM
  (NEW.state, NEW.stage, NEW.progress, NEW.video_id, NEW.error_code, NEW.run_after, NEW.attempts)
) EXECUTE FUNCTION notify_of_ingestion();
