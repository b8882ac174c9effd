-- A database as the second version has written it. It is never changed: whatever the newest version is, it must open this.
CREATE TABLE state (
    one INTEGER PRIMARY KEY CHECK (one = 1), epoch INTEGER NOT NULL, events INTEGER NOT NULL, accepted INTEGER NOT NULL,
    delivered INTEGER NOT NULL, pending INTEGER NOT NULL, skipped INTEGER NOT NULL, dead INTEGER NOT NULL
) STRICT;
INSERT INTO state VALUES (1, 3, 2, 3, 1, 1, 0, 1);
CREATE TABLE seen (id BLOB PRIMARY KEY, taken_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX seen_taken_at ON seen (taken_at);
INSERT INTO seen VALUES (x'01980000000070008000000000000001', 1789999999000), (x'01980000000070008000000000000002', 1789999999001);
CREATE TABLE event (
    place INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL, kind TEXT NOT NULL, project TEXT NOT NULL,
    source TEXT NOT NULL, at INTEGER NOT NULL, taken_at INTEGER NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE INDEX event_id ON event (id);
CREATE INDEX event_kind ON event (kind);
CREATE INDEX event_project ON event (project);
CREATE INDEX event_taken_at ON event (taken_at);
INSERT INTO event VALUES
    (1, x'01980000000070008000000000000001', 'view.ended', 'spring', 'https://shop.example', -1, 1789999999000, '{}'),
    (4, x'01980000000070008000000000000002', 'lead.captured', '', 'crm', 1789999998999, 1789999999001, '{"n":2}');
CREATE TABLE delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event INTEGER NOT NULL, webhook TEXT NOT NULL, state INTEGER NOT NULL,
    due_at INTEGER NOT NULL, attempts INTEGER NOT NULL, reason TEXT, settled_at INTEGER
) STRICT;
CREATE INDEX delivery_due ON delivery (webhook, due_at, id) WHERE state = 0;
CREATE INDEX delivery_event ON delivery (event);
INSERT INTO delivery VALUES
    (1, 1, 'a', 1, 1789999999500, 1, NULL, 1789999999500),
    (2, 1, 'b', 2, 1789999999600, 1, '410', 1789999999600),
    (3, 4, 'b', 0, 1789999999900, 2, NULL, 1789999999700);
CREATE TABLE attempt (
    delivery INTEGER NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL, took_ms INTEGER NOT NULL, status INTEGER,
    fault TEXT NOT NULL, PRIMARY KEY (delivery, number)
) STRICT, WITHOUT ROWID;
INSERT INTO attempt VALUES (1, 1, 1789999999400, 20, 200, ''), (3, 1, 1789999999400, 9000, NULL, 'timeout');
CREATE TABLE call (
    id BLOB NOT NULL UNIQUE, webhook TEXT NOT NULL, project TEXT NOT NULL, origin TEXT NOT NULL, fingerprint BLOB NOT NULL,
    begun_at INTEGER NOT NULL, lease_until INTEGER NOT NULL, epoch INTEGER NOT NULL, outcome INTEGER, status INTEGER,
    headers TEXT, body BLOB, holder BLOB
) STRICT;
CREATE INDEX call_begun_at ON call (begun_at);
INSERT INTO call VALUES
    (x'01980000000070008000000000000001', 'lead', 'spring', 'https://shop.example',
     x'0707070707070707070707070707070707070707070707070707070707070707', 1789999999000, 1800000000000, 3, NULL, NULL, NULL, NULL,
     x'00000000000000070000000000000001'),
    (x'01980000000070008000000000000002', 'lead', 'spring', 'https://shop.example',
     x'0707070707070707070707070707070707070707070707070707070707070707', 1789999999000, 1790000000000, 2, 0, 200,
     '[["content-type","application/json"]]', x'7b7d', NULL);
CREATE TABLE webhook (
    id TEXT PRIMARY KEY, settings TEXT NOT NULL, sealed BLOB NOT NULL, updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO webhook VALUES ('lead', '{"url":"https://crm.example"}', x'00ff', 1789999999000);
PRAGMA application_id = 1131767122;
PRAGMA user_version = 2;
