-- Who has written as whom before, to whom we wrote, and what was alerted. Code of the version before does not know
-- these tables, and loses nothing by that.

-- name_key is the beginning of the name's normal form, address the form in which addresses are compared. Moments are
-- RFC 3339 with whole seconds in UTC, empty if unknown.
CREATE TABLE history (
    account_no BIGINT NOT NULL REFERENCES accounts (no),
    address TEXT COLLATE "C" NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    messages BIGINT NOT NULL,
    authenticated BIGINT NOT NULL,
    first_seen TEXT COLLATE "C" NOT NULL,
    last_seen TEXT COLLATE "C" NOT NULL,
    sent BIGINT NOT NULL,
    PRIMARY KEY (account_no, address, name_key)
);
CREATE INDEX history_by_name ON history (account_no, name_key);

-- revision goes up with every change of an account's history or alerts; unbounded is how many pairs and alerts
-- were noted since the bounds were last kept.
CREATE TABLE history_state (
    account_no BIGINT PRIMARY KEY REFERENCES accounts (no),
    revision BIGINT NOT NULL,
    unbounded BIGINT NOT NULL
);

CREATE TABLE alerts (
    account_no BIGINT NOT NULL REFERENCES accounts (no),
    entry_id TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    alerted_at TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (account_no, entry_id, address)
);
CREATE INDEX alerts_by_age ON alerts (account_no, alerted_at);
