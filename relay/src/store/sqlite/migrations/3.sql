-- Deliveries of a webhook with the same queue are claimed one after another; null: whenever they are due. behind: an earlier one of the
-- queue has not ended. Of a queue's deliveries that wait one is not behind.
ALTER TABLE delivery ADD COLUMN queue TEXT;
ALTER TABLE delivery ADD COLUMN behind INTEGER NOT NULL DEFAULT 0;
-- How many attempts had been made when it was replayed last.
ALTER TABLE delivery ADD COLUMN replayed_after INTEGER;

DROP INDEX delivery_due;
CREATE INDEX delivery_due ON delivery (webhook, due_at, id) WHERE state = 0 AND behind = 0;
CREATE INDEX delivery_queue ON delivery (webhook, queue, behind, id) WHERE state = 0 AND queue IS NOT NULL;
-- For lists, the newest first.
CREATE INDEX delivery_state ON delivery (webhook, state, id);

-- How the response's body began.
ALTER TABLE attempt ADD COLUMN response TEXT NOT NULL DEFAULT '';

-- Of webhooks that anything is known of.
CREATE TABLE health (
    webhook TEXT PRIMARY KEY,
    failing_since INTEGER,
    fault TEXT NOT NULL,
    warned INTEGER NOT NULL,
    disabled_at INTEGER,
    disabled_reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- kind: 0 a project, 1 an edition.
CREATE TABLE document (
    kind INTEGER NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    key TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX audit_at ON audit (at);
