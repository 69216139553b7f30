-- Rows that a migration could not keep where they were, as JSON.
CREATE TABLE IF NOT EXISTS andon_salvage (
    tbl TEXT,
    row TEXT
);
