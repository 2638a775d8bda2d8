"""The double's memory: every Stripe object as a JSON document in SQLite, beside idempotency keys and deliveries.

One request is one transaction: the effect, its events and the saved idempotent response become durable together,
so killing any process at any moment leaves a state Stripe itself could be in. Objects are separated by account.
"""

import json
import sqlite3
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from payments.stripe.double.json_types import JsonObject

_SCHEMA = """
create table if not exists objects (
    seq integer primary key autoincrement, id text not null unique, account text not null, object text not null,
    created integer not null, expires_at integer, body text not null, hidden text not null
);
create index if not exists objects_by_customer on objects (object, json_extract(body, '$.customer'));
create index if not exists objects_by_intent on objects (object, json_extract(body, '$.payment_intent'));
create index if not exists objects_by_expiry on objects (expires_at) where expires_at is not null;
create table if not exists idempotency (
    account text not null, key text not null, created integer not null, endpoint text not null,
    fingerprint text not null, request_id text not null, status integer not null, body text not null,
    primary key (account, key)
);
create table if not exists deliveries (
    seq integer primary key autoincrement, event_id text not null, due_ms integer not null,
    attempts integer not null default 0, state text not null default 'pending', last_answer text
);
create index if not exists deliveries_due on deliveries (due_ms) where state = 'pending';
create table if not exists requests (
    seq integer primary key autoincrement, at integer not null, account text not null, method text not null,
    path text not null, idempotency_key text, status integer, replayed integer not null, fault text
);
create table if not exists settings (name text primary key, value text not null);
"""
_TABLES = ("objects", "idempotency", "deliveries", "requests", "settings")


class Store:
    """SQLite behind a handful of verbs; used from one thread."""

    def __init__(self, path: str) -> None:
        """Open the file, creating it if needed; `:memory:` keeps nothing."""
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = normal")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Make everything inside durable together, or nothing if it raises."""
        self._db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Run one statement and return its rows."""
        return self._db.execute(sql, values).fetchall()

    def add(self, account: str, body: JsonObject, hidden: JsonObject | None = None) -> None:
        """Store a new object; `hidden` is what the double knows about it and never shows."""
        self.rows(
            "insert into objects (id, account, object, created, body, hidden) values (?, ?, ?, ?, ?, ?)",
            body["id"],
            account,
            body["object"],
            body["created"],
            json.dumps(body),
            json.dumps(hidden or {}),
        )

    def save(self, body: JsonObject) -> None:
        """Store the new state of an object."""
        self.rows("update objects set body = ? where id = ?", json.dumps(body), body["id"])

    def save_hidden(self, object_id: str, **changes: Any) -> None:
        """Change what the double secretly knows about an object."""
        hidden = {**self.hidden(object_id), **changes}
        self.rows("update objects set hidden = ? where id = ?", json.dumps(hidden), object_id)

    def set_expiry(self, object_id: str, at: int | None) -> None:
        """Let the object expire at a Unix time, or never."""
        self.rows("update objects set expires_at = ? where id = ?", at, object_id)

    def get(self, account: str, kind: str, object_id: str) -> JsonObject | None:
        """Return an object of this account and kind."""
        found = self.rows(
            "select body from objects where id = ? and account = ? and object = ?", object_id, account, kind
        )
        return _loads(found[0]["body"]) if found else None

    def find(self, object_id: str) -> tuple[str, JsonObject] | None:
        """Return account and object for an id, whatever its account; for administration."""
        found = self.rows("select account, body from objects where id = ?", object_id)
        return (found[0]["account"], _loads(found[0]["body"])) if found else None

    def hidden(self, object_id: str) -> JsonObject:
        """Return what the double secretly knows about an object."""
        return _loads(self.rows("select hidden from objects where id = ?", object_id)[0]["hidden"])

    def select(self, account: str | None, kind: str, where: Mapping[str, object]) -> list[JsonObject]:
        """Return objects, newest first, whose top-level members equal `where`; any account if None."""
        sql = "select body from objects where object = ?"
        values: list[object] = [kind]
        if account is not None:
            sql += " and account = ?"
            values.append(account)
        for name, value in where.items():
            sql += f" and json_extract(body, '$.{name}') = ?"
            values.append(value)
        return [_loads(row["body"]) for row in self.rows(sql + " order by seq desc", *values)]

    def setting(self, name: str, default: str = "") -> str:
        """Return a durable setting."""
        found = self.rows("select value from settings where name = ?", name)
        return str(found[0]["value"]) if found else default

    def set_setting(self, name: str, value: str) -> None:
        """Change a durable setting."""
        self.rows("insert or replace into settings (name, value) values (?, ?)", name, value)

    def wipe(self) -> None:
        """Forget everything."""
        for table in _TABLES:
            self.rows(f"delete from {table}")  # noqa: S608 - our own table names


def _loads(text: str) -> JsonObject:
    document: JsonObject = json.loads(text)
    return document
