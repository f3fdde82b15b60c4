-- For filters by metadata, duration and date.
CREATE INDEX video_metadata ON video USING gin (metadata jsonb_path_ops);
CREATE INDEX video_duration ON video (duration);
CREATE INDEX video_created_at ON video (created_at);
