"""All SQL: one file per noun, SQLite and PostgreSQL. A write is one transaction that also bumps the account's revision
and leaves an audit record."""
