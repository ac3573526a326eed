-- Who has written as whom before, to whom we wrote, and what was alerted. Code of the version before does not know
-- these tables, and loses nothing by that.

-- name_key is the beginning of the name's normal form, address the form in which addresses are compared. Moments are
-- RFC 3339 with whole seconds in UTC, empty if unknown.
CREATE TABLE history (
    account_no INTEGER NOT NULL REFERENCES accounts (no),
    address TEXT NOT NULL,
    name_key TEXT NOT NULL,
    name TEXT NOT NULL,
    messages INTEGER NOT NULL,
    authenticated INTEGER NOT NULL,
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    sent INTEGER NOT NULL,
    PRIMARY KEY (account_no, address, name_key)  -- with rowids: else SQLite would look a name up through all addresses
);
CREATE INDEX history_by_name ON history (account_no, name_key);

-- revision goes up with every change of an account's history or alerts; unbounded is how many pairs and alerts
-- were noted since the bounds were last kept.
CREATE TABLE history_state (
    account_no INTEGER PRIMARY KEY REFERENCES accounts (no),
    revision INTEGER NOT NULL,
    unbounded INTEGER NOT NULL
);

CREATE TABLE alerts (
    account_no INTEGER NOT NULL REFERENCES accounts (no),
    entry_id TEXT NOT NULL,
    address TEXT NOT NULL,
    alerted_at TEXT NOT NULL,
    PRIMARY KEY (account_no, entry_id, address)
) WITHOUT ROWID;
CREATE INDEX alerts_by_age ON alerts (account_no, alerted_at);
