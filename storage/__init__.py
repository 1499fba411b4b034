"""Keeps the facts in SQL and hands them out as frames; SQLAlchemy, Alembic and ADBC live in this room only."""
