-- Times are Unix time in milliseconds. Texts that are compared or sorted are in byte order, as everywhere in Cuehook.

-- Ids of events that were taken, by which duplicates are recognised. Not partitioned: a duplicate may come on another day.
CREATE TABLE cuehook.ids (
    id uuid PRIMARY KEY,
    taken_at bigint NOT NULL
);
CREATE INDEX ids_taken_at ON cuehook.ids (taken_at);

-- A place and a delivery's number begin with the day: partitions are ranges of them. The rest comes from these.
CREATE SEQUENCE cuehook.places MINVALUE 0 MAXVALUE 274877906943 CYCLE;
CREATE SEQUENCE cuehook.numbers MINVALUE 0 MAXVALUE 274877906943 CYCLE;

CREATE TABLE cuehook.events (
    place bigint PRIMARY KEY,
    id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    project text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    taken_at bigint NOT NULL,
    body text COLLATE "C" NOT NULL
) PARTITION BY RANGE (place);
CREATE INDEX events_id ON cuehook.events (id);
CREATE INDEX events_kind ON cuehook.events (kind, place);
CREATE INDEX events_project ON cuehook.events (project, place);

-- Deliveries that wait or are under way, and no others. Small, and never a reason to keep a partition of deliveries.
CREATE TABLE cuehook.waiting (
    id bigint PRIMARY KEY,
    -- The event's place, of the same day.
    event bigint NOT NULL,
    webhook text COLLATE "C" NOT NULL,
    -- While it is held: when the claim ends.
    due_at bigint NOT NULL,
    held boolean NOT NULL DEFAULT false,
    fence bigint NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX waiting_due ON cuehook.waiting (webhook, due_at, id);

-- Deliveries that have ended. Rows are only ever added.
CREATE TABLE cuehook.deliveries (
    id bigint PRIMARY KEY,
    event bigint NOT NULL,
    webhook text COLLATE "C" NOT NULL,
    became text COLLATE "C" NOT NULL CHECK (became IN ('delivered', 'dead', 'skipped')),
    reason text COLLATE "C" NOT NULL,
    attempts integer NOT NULL,
    ended_at bigint NOT NULL
) PARTITION BY RANGE (id);

CREATE TABLE cuehook.attempts (
    delivery bigint NOT NULL,
    number integer NOT NULL,
    at bigint NOT NULL,
    took_ms bigint NOT NULL,
    status integer,
    fault text COLLATE "C" NOT NULL,
    PRIMARY KEY (delivery, number)
) PARTITION BY RANGE (delivery);

-- The counts are the sums. A connection adds to a row of its own as a rule, so that nobody waits for another's commit.
CREATE TABLE cuehook.counters (
    shard integer PRIMARY KEY,
    events bigint NOT NULL DEFAULT 0,
    accepted bigint NOT NULL DEFAULT 0,
    delivered bigint NOT NULL DEFAULT 0,
    skipped bigint NOT NULL DEFAULT 0,
    dead bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10);

CREATE TABLE cuehook.calls (
    id uuid PRIMARY KEY,
    webhook text COLLATE "C" NOT NULL,
    project text COLLATE "C" NOT NULL,
    origin text COLLATE "C" NOT NULL,
    fingerprint bytea NOT NULL,
    begun_at bigint NOT NULL,
    lease_until bigint NOT NULL,
    -- How it has ended; null if it has not, as far as is known.
    outcome text COLLATE "C",
    status integer,
    header_names text[],
    header_values text[],
    body bytea
);
CREATE INDEX calls_begun_at ON cuehook.calls (begun_at);

CREATE TABLE cuehook.webhooks (
    id text COLLATE "C" PRIMARY KEY,
    settings text COLLATE "C" NOT NULL,
    sealed bytea NOT NULL,
    updated_at bigint NOT NULL
);

-- Written to when somebody asks whether anything can be written.
CREATE TABLE cuehook.pulse (
    single boolean PRIMARY KEY CHECK (single),
    at timestamptz NOT NULL
);
