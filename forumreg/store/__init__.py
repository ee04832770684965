"""The base of all tables, transactions, column types, and the differences of SQLite and PostgreSQL."""
