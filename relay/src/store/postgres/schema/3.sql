-- Deliveries of a webhook with the same queue are claimed one after another; null: whenever they are due. behind: an earlier one of the
-- queue has not ended. Of a queue's deliveries that wait one is not behind. Fences of those in a queue are odd, so that who settles one
-- knows that the next one has to be let go on; the others' are even.
ALTER TABLE cuehook.waiting
    ADD COLUMN queue text COLLATE "C",
    ADD COLUMN behind boolean NOT NULL DEFAULT false,
    -- How many attempts had been made when it was replayed last.
    ADD COLUMN replayed_after integer;

DROP INDEX cuehook.waiting_due;
CREATE INDEX waiting_due ON cuehook.waiting (webhook, due_at, id) WHERE NOT behind;
CREATE INDEX waiting_queue ON cuehook.waiting (webhook, queue, behind, id) WHERE queue IS NOT NULL;
-- For lists, the newest first.
CREATE INDEX waiting_webhook ON cuehook.waiting (webhook, id);
CREATE INDEX waiting_event ON cuehook.waiting (event);

-- What has ended may be replayed: then the row is removed here, and waits again with the queue and the fence that it had.
ALTER TABLE cuehook.deliveries
    ADD COLUMN queue text COLLATE "C",
    ADD COLUMN fence bigint NOT NULL DEFAULT 0;
CREATE INDEX deliveries_webhook ON cuehook.deliveries (webhook, became, id);
CREATE INDEX deliveries_became ON cuehook.deliveries (became, id) WHERE became <> 'delivered';
CREATE INDEX deliveries_event ON cuehook.deliveries (event);

-- How the response's body began.
ALTER TABLE cuehook.attempts ADD COLUMN response text COLLATE "C" NOT NULL DEFAULT '';

-- Of webhooks that anything is known of.
CREATE TABLE cuehook.health (
    webhook text COLLATE "C" PRIMARY KEY,
    failing_since bigint,
    fault text COLLATE "C" NOT NULL,
    warned smallint NOT NULL,
    disabled_at bigint,
    disabled_reason text COLLATE "C" NOT NULL
);

CREATE TABLE cuehook.documents (
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('project', 'edition')),
    id text COLLATE "C" NOT NULL,
    body text COLLATE "C" NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (kind, id)
);

CREATE TABLE cuehook.audit (
    place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at bigint NOT NULL,
    key text COLLATE "C" NOT NULL,
    action text COLLATE "C" NOT NULL,
    target text COLLATE "C" NOT NULL,
    detail text COLLATE "C" NOT NULL
);
CREATE INDEX audit_at ON cuehook.audit (at);
