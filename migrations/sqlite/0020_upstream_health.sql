-- Is an address of an upstream well? It is asked for a path, and answers with a status.
ALTER TABLE upstream ADD COLUMN health_path TEXT NOT NULL DEFAULT '';
ALTER TABLE upstream ADD COLUMN health_status INTEGER NOT NULL DEFAULT 200;
ALTER TABLE upstream ADD COLUMN health_interval_s INTEGER NOT NULL DEFAULT 5;
