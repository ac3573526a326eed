-- Search finds three letters and more anywhere in an entry, by trigrams. The account is in the index too: one account's
-- search does not wade through the others' entries, and no other index looks better to the planner. PostgreSQL keeps
-- the index by itself, for every version of the code.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;
CREATE INDEX entries_search ON entries USING gin (account_no, search_text gin_trgm_ops);
