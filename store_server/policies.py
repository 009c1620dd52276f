"""What the engine itself allows readers: a role that opens the views, and row policies that keep to one tenant.

The embedded engine has one user. It has two roles: ``owner`` may do everything, and ``reader`` may select from the
views and from some system tables. A connection begins with both; a reader's gives up ``owner`` first. The reader's
tenant is a setting of the connection, ``log_comment``, that ``readonly = 1`` keeps from being changed; it is empty on
the product's own connections. All of this stands in a configuration file that the engine reads when it opens. Whatever
the policies do not name shows readers nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote
from xml.sax.saxutils import escape, quoteattr

from store_server.views import DATABASE as VIEWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

TENANT_SETTING: Final = "log_comment"
READER: Final = "reader"
"""The role of a reader's connection."""
DISPLAY_NAME: Final = "flowtrail"
"""How the engine calls itself, instead of the machine's name."""

_UNBOUND: Final = f"getSetting('{TENANT_SETTING}') = ''"
_OWN_ROWS: Final = f"{_UNBOUND} OR Tenant = getSetting('{TENANT_SETTING}')"
_EVERY_ROW: Final = "1"

_TABLE: Final = re.compile(r"CREATE TABLE IF NOT EXISTS (\w+)\s*\n\(\n(.*?)\n\)", re.DOTALL)
_VIEW: Final = re.compile(r"CREATE (?:OR REPLACE )?VIEW (?:IF NOT EXISTS )?(\w+)")
_TENANT_COLUMN: Final = re.compile(r"^\s*Tenant ", re.MULTILINE)

# What clients ask about the engine and the schema, and what no file, query or other database shows through.
_SYSTEM: Final = (
    *("one", "numbers", "numbers_mt", "zeros", "zeros_mt", "functions", "table_functions", "formats", "settings"),
    *("data_type_families", "table_engines", "aggregate_function_combinators", "time_zones", "collations", "keywords"),
    *("build_options", "contributors", "licenses", "completions", "documentation"),
)
_BY_DATABASE: Final = {
    "tables": "database",
    "columns": "database",
    "databases": "name",
    "data_skipping_indices": "database",
}
# Views over the above.
_STANDARD: Final = ("information_schema", "INFORMATION_SCHEMA")
SHOWN_DATABASES: Final = (VIEWS, "system", *_STANDARD)
"""The databases that readers can name."""
SHOWN_SYSTEM_TABLES: Final = frozenset({*_SYSTEM, *_BY_DATABASE})


def table_filters(migrations: Iterable[str]) -> dict[str, str]:
    """A filter for each table and view that the texts of ``migrations`` make and a reader may see.

    A table without a column ``Tenant`` belongs to nobody, so readers do not see it. A view shows what it reads.
    """
    filters: dict[str, str] = {}
    for text in migrations:
        filters |= {name: _OWN_ROWS for name, body in _TABLE.findall(text) if _TENANT_COLUMN.search(body)}
        filters |= dict.fromkeys(_VIEW.findall(text), _EVERY_ROW)
    return filters


def databases_in(store: Path) -> set[str]:
    """The databases of the data directory ``store``, also while no engine has it open."""
    folder = store / "metadata"
    names = (entry.name.removesuffix(".sql") for entry in folder.iterdir()) if folder.is_dir() else ()
    return {unquote(name) for name in names} - {"system", *_STANDARD}


def configuration(file: Path, database: str, filters: Mapping[str, str], others: Iterable[str]) -> str:
    """The text of the engine's configuration ``file`` with the policies of ``database``; ``others`` show nothing.

    Its views are another database, which shows what they read.
    """
    shown = "(" + ", ".join(f"'{name}'" for name in SHOWN_DATABASES) + ")"
    system = dict.fromkeys(_SYSTEM, _EVERY_ROW) | {
        table: f"{_UNBOUND} OR {column} IN {shown}" for table, column in _BY_DATABASE.items()
    }
    everything: dict[str, Mapping[str, str]] = {name: {} for name in sorted({*others, "default"} - {VIEWS})}
    everything |= {database: filters, "system": system}
    policies = "".join(_database(name, own_filters) for name, own_filters in everything.items())
    return (
        f"<clickhouse><users_config>{escape(str(file))}</users_config><display_name>{DISPLAY_NAME}</display_name>"
        "<access_control_improvements><select_from_system_db_requires_grant>true</select_from_system_db_requires_grant>"
        f"</access_control_improvements><profiles><default/></profiles><quotas><default/></quotas>{_roles()}"
        "<users><default><password></password><networks><ip>::/0</ip></networks>"
        "<profile>default</profile><quota>default</quota>"
        f"<grants><query>GRANT owner, {READER}</query></grants>"
        f"<databases>{policies}</databases></default></users></clickhouse>"
    )


def _roles() -> str:
    readable = (
        f"{VIEWS}.*",
        *(f"{name}.*" for name in _STANDARD),
        *(f"system.{table}" for table in SHOWN_SYSTEM_TABLES),
    )
    return f"<roles>{_role('owner', 'ALL', ['*.*'])}{_role(READER, 'SELECT', sorted(readable))}</roles>"


def _role(name: str, privilege: str, objects: Iterable[str]) -> str:
    grants = "".join(f"<query>GRANT {privilege} ON {thing}</query>" for thing in objects)
    return f"<{name}><grants>{grants}</grants></{name}>"


def _database(name: str, filters: Mapping[str, str]) -> str:
    """The filters of a database's tables. The one without a name is for all tables; the first must be unnamed to it."""
    # ClickHouse numbers repeated elements from the second on and reads the attribute of those only.
    rows = [("", _UNBOUND), *filters.items()]
    tables = "".join(
        f"<table name={quoteattr(table)}><filter>{escape(condition)}</filter></table>" for table, condition in rows
    )
    return f"<{name}><table><filter>{escape(_UNBOUND)}</filter></table>{tables}</{name}>"
