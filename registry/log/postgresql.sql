-- The log in PostgreSQL (registry/log/postgresql_store.py). One registry a database; made once, by `registry init`.

-- The log's end, and who may go on from it. One row.
CREATE TABLE head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch bigint NOT NULL,    -- one more for each sequencer
    beat bigint NOT NULL,     -- one more each second that it lives
    size bigint NOT NULL,     -- entries, seals included
    root bytea NOT NULL,      -- of the tree of that size
    at bigint NOT NULL,       -- the last seal's time
    edition bigint NOT NULL   -- one more for each checkpoint that was published: followers look at it
);
INSERT INTO head VALUES (true, 0, 0, 0, '', 0, 0);

CREATE TABLE batches (
    first bigint PRIMARY KEY,
    size bigint NOT NULL CHECK (size > first),
    at bigint NOT NULL,
    lengths bytea NOT NULL,
    hashes bytea NOT NULL,
    ids bytea NOT NULL,
    touches bytea NOT NULL,
    subjects bytea NOT NULL,
    digests bytea NOT NULL,
    keys bytea NOT NULL,
    leaves bytea NOT NULL,
    checksum bytea NOT NULL,
    tree bytea NOT NULL,
    index bytea NOT NULL
);
-- Parts of these two are read: what is not compressed can be read from the middle.
ALTER TABLE batches ALTER leaves SET STORAGE EXTERNAL, ALTER ids SET STORAGE EXTERNAL;

-- Which sections there are in the bucket, and which were erased. No text of theirs is ever in this database.
CREATE TABLE sections (place bigint PRIMARY KEY);
CREATE TABLE erased (place bigint PRIMARY KEY, gone boolean NOT NULL DEFAULT false);
CREATE INDEX erased_not_gone ON erased (place) WHERE NOT gone;

CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a row of % is never changed or deleted', TG_TABLE_NAME USING ERRCODE = '23000'; END $$;

CREATE FUNCTION batch_continues() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last record;
BEGIN
    SELECT size, at INTO last FROM batches ORDER BY first DESC LIMIT 1;
    IF NEW.first <> coalesce(last.size + 1, 0) OR NEW.at < coalesce(last.at, 0) THEN
        RAISE EXCEPTION 'a batch begins where the last one ended, and no earlier in time' USING ERRCODE = '23000';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION section_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM erased WHERE place = NEW.place) THEN
        RAISE EXCEPTION 'a disclosure is added once' USING ERRCODE = '23000';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION section_goes_when_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM erased WHERE place = OLD.place) THEN
        RAISE EXCEPTION 'a disclosure is deleted only by an erasure' USING ERRCODE = '23000';
    END IF;
    RETURN OLD;
END $$;

CREATE FUNCTION erased_only_goes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.place <> OLD.place OR OLD.gone AND NOT NEW.gone THEN
        RAISE EXCEPTION 'an erasure is never changed' USING ERRCODE = '23000';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER batches_continue BEFORE INSERT ON batches FOR EACH ROW EXECUTE FUNCTION batch_continues();
CREATE TRIGGER batches_never_change BEFORE UPDATE OR DELETE ON batches FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER batches_never_go BEFORE TRUNCATE ON batches FOR EACH STATEMENT EXECUTE FUNCTION refuse();
CREATE TRIGGER sections_once BEFORE INSERT ON sections FOR EACH ROW EXECUTE FUNCTION section_once();
CREATE TRIGGER sections_never_change BEFORE UPDATE ON sections FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER sections_go_when_erased BEFORE DELETE ON sections FOR EACH ROW
    EXECUTE FUNCTION section_goes_when_erased();
CREATE TRIGGER sections_never_go BEFORE TRUNCATE ON sections FOR EACH STATEMENT EXECUTE FUNCTION refuse();
CREATE TRIGGER erased_only_goes BEFORE UPDATE ON erased FOR EACH ROW EXECUTE FUNCTION erased_only_goes();
CREATE TRIGGER erased_never_go BEFORE DELETE ON erased FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER erased_never_truncated BEFORE TRUNCATE ON erased FOR EACH STATEMENT EXECUTE FUNCTION refuse();

-- What front ends have taken and the sequencer has not judged yet, without the private sections: those wait in the
-- bucket, in the object that `sections` names ('' for none). `sender` is the network that it came from.
CREATE TABLE queue (
    ticket bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id bytea NOT NULL,
    submission bytea NOT NULL,
    sections text NOT NULL,
    require boolean NOT NULL,
    sender text NOT NULL,
    came timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX queue_by_id ON queue (id);

-- What became of it: an entry, or a problem. It counts once a checkpoint of `size` is published. Kept for a day.
CREATE TABLE outcomes (
    ticket bigint PRIMARY KEY,
    id bytea NOT NULL,
    entry bigint,
    repeated boolean,
    erasure text,
    problem bytea,
    size bigint NOT NULL,
    came timestamptz NOT NULL DEFAULT now(),
    CHECK ((entry IS NULL) <> (problem IS NULL))
);
CREATE INDEX outcomes_by_id ON outcomes (id);
CREATE INDEX outcomes_by_age ON outcomes (came);
