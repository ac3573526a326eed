-- Search finds three letters and more anywhere in an entry, by trigrams. The triggers keep the index for every version
-- of the code, the one before this step included. Building it on a filled table is the last statement.
CREATE VIRTUAL TABLE entries_search USING fts5 (search_text, content='entries', content_rowid='pk', tokenize='trigram');

CREATE TRIGGER entries_search_insert AFTER INSERT ON entries BEGIN
    INSERT INTO entries_search (rowid, search_text) VALUES (new.pk, new.search_text);
END;

CREATE TRIGGER entries_search_delete AFTER DELETE ON entries BEGIN
    INSERT INTO entries_search (entries_search, rowid, search_text) VALUES ('delete', old.pk, old.search_text);
END;

CREATE TRIGGER entries_search_update AFTER UPDATE OF search_text ON entries BEGIN
    INSERT INTO entries_search (entries_search, rowid, search_text) VALUES ('delete', old.pk, old.search_text);
    INSERT INTO entries_search (rowid, search_text) VALUES (new.pk, new.search_text);
END;

INSERT INTO entries_search (entries_search) VALUES ('rebuild');
