-- Search finds three letters and more anywhere in an entry, by trigrams. PostgreSQL keeps the index by itself, for every
-- version of the code.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX entries_search ON entries USING gin (search_text gin_trgm_ops);
