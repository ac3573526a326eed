-- Accounts, who may use them, their entries, and what was done.

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- Every write of an account passes through its row here: it bumps the revision, and hands out the entry's number and
-- moment, both strictly increasing within the account. count_N counts entries by provenance (its place in PROVENANCES).
CREATE TABLE accounts (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_on TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 0,
    last_entry INTEGER NOT NULL DEFAULT 0,
    last_moment INTEGER NOT NULL DEFAULT 0,
    count_0 INTEGER NOT NULL DEFAULT 0,
    count_1 INTEGER NOT NULL DEFAULT 0,
    count_2 INTEGER NOT NULL DEFAULT 0,
    count_3 INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE users (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL UNIQUE,
    key_digest TEXT NOT NULL UNIQUE,
    created_on TEXT NOT NULL
);

CREATE TABLE memberships (
    user_no INTEGER NOT NULL REFERENCES users (no),
    account_no INTEGER NOT NULL REFERENCES accounts (no),
    PRIMARY KEY (user_no, account_no)
) WITHOUT ROWID;

-- account_no is null for a token of the whole server.
CREATE TABLE tokens (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account_no INTEGER REFERENCES accounts (no),
    digest TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    policies TEXT NOT NULL,
    condition TEXT,
    not_before TEXT,
    expires_on TEXT,
    issued_on TEXT NOT NULL,
    modified_on TEXT NOT NULL,
    last_used_on TEXT
);
CREATE INDEX tokens_of_account ON tokens (account_no, no);

-- pk is account number * 2^36 + the entry's number: one account's entries are one range, in order of creation.
-- shelf is account number * 16 + the provenance's place in PROVENANCES. name_key and email_key are the beginnings that
-- lists are ordered by; search_text is what search looks through.
CREATE TABLE entries (
    pk INTEGER PRIMARY KEY,
    account_no INTEGER NOT NULL REFERENCES accounts (no),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    is_email_regex BOOLEAN NOT NULL,
    comments TEXT,
    directory_id INTEGER,
    directory_node_id INTEGER,
    external_directory_node_id TEXT,
    provenance TEXT,
    created_at TEXT NOT NULL,
    modified_at TEXT NOT NULL,
    shelf INTEGER NOT NULL,
    name_key TEXT NOT NULL,
    email_key TEXT NOT NULL,
    search_text TEXT NOT NULL
);
CREATE UNIQUE INDEX entries_by_id ON entries (account_no, id);
CREATE INDEX entries_by_age ON entries (account_no, pk);
CREATE INDEX entries_by_name ON entries (account_no, name_key, pk);
CREATE INDEX entries_by_email ON entries (account_no, email_key, pk);
CREATE INDEX entries_of_shelf_by_age ON entries (shelf, pk);
CREATE INDEX entries_of_shelf_by_name ON entries (shelf, name_key, pk);
CREATE INDEX entries_of_shelf_by_email ON entries (shelf, email_key, pk);

-- before and after are JSON; account_no is null for what concerns the whole server.
CREATE TABLE audit (
    no INTEGER PRIMARY KEY,
    account_no INTEGER REFERENCES accounts (no),
    revision INTEGER NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    before TEXT,
    after TEXT,
    request_id TEXT NOT NULL,
    idempotency_key TEXT
);
CREATE INDEX audit_of_account ON audit (account_no, no);
CREATE UNIQUE INDEX audit_idempotency ON audit (account_no, actor, idempotency_key) WHERE idempotency_key IS NOT NULL;
