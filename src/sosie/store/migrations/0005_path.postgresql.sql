-- What is kept of judged messages, what people did with it, and what is done with a message of each disposition. Code of
-- the version before does not know these tables, and loses nothing by that.

-- disposition is the one that holds now, label the same without its sub-label; search_text are words between blanks.
CREATE TABLE records (
    account_no BIGINT NOT NULL REFERENCES accounts (no),
    id TEXT COLLATE "C" NOT NULL,
    at TEXT COLLATE "C" NOT NULL,
    disposition TEXT NOT NULL,
    label TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    search_text TEXT NOT NULL,
    PRIMARY KEY (account_no, id)
);
CREATE INDEX records_by_time ON records (account_no, at, id, label, action);
CREATE INDEX records_by_label ON records (account_no, label, at, id);
-- Words as they stand; the code that asks writes the same expression.
CREATE INDEX records_search ON records
    USING gin (account_no, (array_to_tsvector(string_to_array(btrim(search_text), ' '))));

-- Apart from the rows that are looked through: one of these is as long as twenty of those.
CREATE TABLE record_documents (
    account_no BIGINT NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    document TEXT NOT NULL,
    header TEXT NOT NULL,
    PRIMARY KEY (account_no, id)
);

CREATE TABLE record_raw (
    account_no BIGINT NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    raw BYTEA NOT NULL,
    PRIMARY KEY (account_no, id)
);

-- What people did with a record; detail is JSON.
CREATE TABLE record_deeds (
    no BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_no BIGINT NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    at TEXT COLLATE "C" NOT NULL,
    operation TEXT NOT NULL,
    actor TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX record_deeds_of_record ON record_deeds (account_no, record_id, no);

-- domain is a recipient domain, empty for all.
CREATE TABLE actions (
    account_no BIGINT NOT NULL REFERENCES accounts (no),
    domain TEXT COLLATE "C" NOT NULL,
    disposition TEXT COLLATE "C" NOT NULL,
    action TEXT NOT NULL,
    PRIMARY KEY (account_no, domain, disposition)
);
