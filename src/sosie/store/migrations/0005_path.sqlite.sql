-- What is kept of judged messages, what people did with it, and what is done with a message of each disposition. Code of
-- the version before does not know these tables, and loses nothing by that.

-- disposition is the one that holds now, label the same without its sub-label; search_text are words between blanks.
-- pk counts up within account_no << 36, so that one account's search does not wade through the others' records.
CREATE TABLE records (
    pk INTEGER PRIMARY KEY,
    account_no INTEGER NOT NULL REFERENCES accounts (no),
    id TEXT NOT NULL,
    at TEXT NOT NULL,
    disposition TEXT NOT NULL,
    label TEXT NOT NULL,
    action TEXT NOT NULL,
    search_text TEXT NOT NULL
);
CREATE UNIQUE INDEX records_by_id ON records (account_no, id);
CREATE INDEX records_by_time ON records (account_no, at, id, label, action);
CREATE INDEX records_by_label ON records (account_no, label, at, id);

-- Words end at blanks alone. An edit never changes search_text.
CREATE VIRTUAL TABLE records_search USING fts5 (
    search_text, content='records', content_rowid='pk', tokenize="ascii tokenchars '!#$%&()*+,-./:;<=>?@[]^_`{|}~'"
);

CREATE TRIGGER records_search_insert AFTER INSERT ON records BEGIN
    INSERT INTO records_search (rowid, search_text) VALUES (new.pk, new.search_text);
END;

CREATE TRIGGER records_search_delete AFTER DELETE ON records BEGIN
    INSERT INTO records_search (records_search, rowid, search_text) VALUES ('delete', old.pk, old.search_text);
END;

-- Apart from the rows that are looked through: one of these is as long as twenty of those.
CREATE TABLE record_documents (
    account_no INTEGER NOT NULL,
    id TEXT NOT NULL,
    document TEXT NOT NULL,
    header TEXT NOT NULL,
    PRIMARY KEY (account_no, id)
);

CREATE TABLE record_raw (
    account_no INTEGER NOT NULL,
    id TEXT NOT NULL,
    raw BLOB NOT NULL,
    PRIMARY KEY (account_no, id)
);

-- What people did with a record; detail is JSON.
CREATE TABLE record_deeds (
    no INTEGER PRIMARY KEY,
    account_no INTEGER NOT NULL,
    record_id TEXT NOT NULL,
    at TEXT NOT NULL,
    operation TEXT NOT NULL,
    actor TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX record_deeds_of_record ON record_deeds (account_no, record_id, no);

-- domain is a recipient domain, empty for all.
CREATE TABLE actions (
    account_no INTEGER NOT NULL REFERENCES accounts (no),
    domain TEXT NOT NULL,
    disposition TEXT NOT NULL,
    action TEXT NOT NULL,
    PRIMARY KEY (account_no, domain, disposition)
) WITHOUT ROWID;
