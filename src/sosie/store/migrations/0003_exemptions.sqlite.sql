-- Allow policies, trusted domains and protected domains. Code of the version before does not know these tables, and
-- loses nothing by that. pk is account number * 2^36 + a number that the account's row has handed out: the order of
-- creation. search_text is what search looks through; a column of several values holds a JSON array.

CREATE TABLE allow_policies (
    pk INTEGER PRIMARY KEY,
    account_no INTEGER NOT NULL REFERENCES accounts (no),
    id TEXT NOT NULL,
    pattern TEXT NOT NULL,
    pattern_type TEXT NOT NULL,
    is_regex BOOLEAN NOT NULL,
    is_acceptable_sender BOOLEAN NOT NULL,
    is_exempt_recipient BOOLEAN NOT NULL,
    is_trusted_sender BOOLEAN NOT NULL,
    verify_sender BOOLEAN NOT NULL,
    comments TEXT,
    is_recipient BOOLEAN,
    is_sender BOOLEAN,
    is_spoof BOOLEAN,
    created_at TEXT NOT NULL,
    modified_at TEXT NOT NULL,
    search_text TEXT NOT NULL
);
CREATE UNIQUE INDEX allow_policies_by_id ON allow_policies (account_no, id);
CREATE INDEX allow_policies_by_age ON allow_policies (account_no, pk);

CREATE TABLE trusted_domains (
    pk INTEGER PRIMARY KEY,
    account_no INTEGER NOT NULL REFERENCES accounts (no),
    id TEXT NOT NULL,
    pattern TEXT NOT NULL,
    is_regex BOOLEAN NOT NULL,
    is_recent BOOLEAN NOT NULL,
    is_similarity BOOLEAN NOT NULL,
    comments TEXT,
    created_at TEXT NOT NULL,
    modified_at TEXT NOT NULL,
    search_text TEXT NOT NULL
);
CREATE UNIQUE INDEX trusted_domains_by_id ON trusted_domains (account_no, id);
CREATE INDEX trusted_domains_by_age ON trusted_domains (account_no, pk);

CREATE TABLE protected_domains (
    pk INTEGER PRIMARY KEY,
    account_no INTEGER NOT NULL REFERENCES accounts (no),
    id TEXT NOT NULL,
    domain TEXT NOT NULL,
    allowed_delivery_modes TEXT NOT NULL,
    drop_dispositions TEXT NOT NULL,
    ip_restrictions TEXT NOT NULL,
    regions TEXT NOT NULL,
    folder TEXT,
    integration_id TEXT,
    lookback_hops INTEGER,
    require_tls_inbound BOOLEAN,
    require_tls_outbound BOOLEAN,
    transport TEXT,
    created_at TEXT NOT NULL,
    modified_at TEXT NOT NULL,
    search_text TEXT NOT NULL
);
CREATE UNIQUE INDEX protected_domains_by_id ON protected_domains (account_no, id);
CREATE INDEX protected_domains_by_age ON protected_domains (account_no, pk);
