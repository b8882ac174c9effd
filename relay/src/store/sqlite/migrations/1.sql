-- One row: the number of the process that has it open, and counts of all time.
CREATE TABLE state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    epoch INTEGER NOT NULL,
    events INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    pending INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    dead INTEGER NOT NULL
) STRICT;
INSERT INTO state VALUES (1, 0, 0, 0, 0, 0, 0, 0);

-- Ids of events, by which duplicates are recognised. They are kept for another time than events.
CREATE TABLE seen (id BLOB PRIMARY KEY, taken_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX seen_taken_at ON seen (taken_at);

-- AUTOINCREMENT, so that a place is never another event's.
CREATE TABLE event (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    project TEXT NOT NULL,
    source TEXT NOT NULL,
    at INTEGER NOT NULL,
    taken_at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX event_id ON event (id);
CREATE INDEX event_kind ON event (kind);
CREATE INDEX event_project ON event (project);
CREATE INDEX event_taken_at ON event (taken_at);

-- state: 0 waiting, 1 delivered, 2 dead, 3 skipped. Who holds one that waits is known in memory alone.
CREATE TABLE delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event INTEGER NOT NULL,
    webhook TEXT NOT NULL,
    state INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    reason TEXT,
    settled_at INTEGER
) STRICT;
CREATE INDEX delivery_due ON delivery (webhook, due_at, id) WHERE state = 0;
CREATE INDEX delivery_event ON delivery (event);

CREATE TABLE attempt (
    delivery INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    took_ms INTEGER NOT NULL,
    status INTEGER,
    fault TEXT NOT NULL,
    PRIMARY KEY (delivery, number)
) STRICT, WITHOUT ROWID;

-- outcome: NULL as long as there is none, 0 an answer, else why there is none.
CREATE TABLE call (
    id BLOB NOT NULL UNIQUE,
    webhook TEXT NOT NULL,
    project TEXT NOT NULL,
    origin TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    begun_at INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    outcome INTEGER,
    status INTEGER,
    headers TEXT,
    body BLOB
) STRICT;
CREATE INDEX call_begun_at ON call (begun_at);

CREATE TABLE webhook (
    id TEXT PRIMARY KEY,
    settings TEXT NOT NULL,
    sealed BLOB NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
