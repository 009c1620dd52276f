"""Statements that try to read a file or another tenant's rows: what reaches them, disguised in many ways.

All of them are made from a seed, so that a failure can be made again.
"""

from __future__ import annotations

import base64
import random
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

# A call of ``file``, its name and its argument to be filled in.
_CALLS: Final = (
    "{name}({path})",
    "{name} ({path})",
    "{name}/**/({path})",
    "{name}\n--'\n({path})",
    "{name}/*/* ' */*/({path})",
    "({name}({path}) AS x)",
    "if(1, {name}({path}), '')",
    "{name}(concat({path}, ''))",
    "arrayMap({name}, [{path}])",
    "arrayMap(p -> {name}(p), [{path}])",
    "arrayFold((a, p) -> {name}(p), [{path}], '')",
    "CAST({name}({path}) AS String)",
    "{name}({path})::String",
    "length({name}({path})) + toUInt8({name}({path}))",
    "(SELECT {name}({path}))",
    "dictGetOrDefault('d', 'a', 1, {name}({path}))",
    "toUInt64({name}({path}))",
    "{{'a': {name}({path})}}",
    "[{name}({path})][1]",
    "({name}({path}), 1).1",
    "sumIf(length({name}({path})), 1)",
    "CASE {name}({path}) WHEN '' THEN 1 ELSE {name}({path}) END",
    "{name}({path}) ? {name}({path}) : ''",
    "throwIf(1, {name}({path}))",
    "file{{{path}}}",
)
_NAMES: Final = (
    *(
        "file",
        "FILE",
        "File",
        "`file`",
        '"file"',
        "\u201cfile\u201d",
        "`FILE`",
        "`fi\\x6ce`",
        '"fi\\x6Ce"',
        "f\u0131le",
    ),
    *("fi\u200ble", "\uff46ile", "file\u00a0", "\u2060file", "file\t", "`file` ", "@file", "$file", "system.file"),
    *("`fi``le`", '"fi""le"', "chdb", "`a.file`", "fileOrNull"),
)
_PATHS: Final = (
    *("'{file}'", "\u2018{file}\u2019", '"{file}"', "`{file}`", "\u201c{file}\u201d", "$${file}$$", "$a${file}$a$"),
    *(
        "unhex('{hex}')",
        "x'{hex}'",
        "X'{hex}'",
        "concat('{half}', '{rest}')",
        "'{half}' || '{rest}'",
        "{{path:String}}",
    ),
    *("{{path/**/:String}}", "char({codes})", "base64Decode('{base64}')", "'\\x2f{tail}'", "reverse('{reversed}')"),
    *("{{path:Identifier}}", "'{file}\\0'", "N'{file}'", "E'{file}'"),
)
_PLACES: Final = (
    "SELECT {call}",
    "SELECT 1 WHERE notEmpty(toString({call}))",
    "SELECT * FROM numbers(1) ORDER BY {call}",
    "SELECT * APPLY (c -> {call}) FROM numbers(1)",
    "SELECT * REPLACE ({call} AS number) FROM numbers(1)",
    "WITH {call} AS w SELECT w",
    "WITH w AS (SELECT {call} AS a) SELECT a FROM w",
    "SELECT a FROM view(SELECT {call} AS a)",
    "SELECT 1 UNION ALL SELECT length(toString({call}))",
    "SELECT 1 AS a, 2 AS b ORDER BY a WITH FILL FROM 1 TO 3 INTERPOLATE (b AS {call})",
    "SELECT count() OVER (PARTITION BY {call}) FROM numbers(1)",
    "SELECT number FROM numbers(1) LIMIT 1 BY {call}",
    "SELECT 1 FROM numbers(2) GROUP BY GROUPING SETS (({call}))",
    "SELECT * FROM numbers(1) AS a ASOF JOIN (SELECT {call} AS f, 0 AS number) AS b ON a.number >= b.number",
    "SELECT * FROM numbers(1) ARRAY JOIN [{call}] AS j",
    "SELECT {call} IN (SELECT {call})",
    "SELECT a FROM (SELECT {call} AS a QUALIFY 1)",
    "EXPLAIN SYNTAX SELECT {call}",
    "EXPLAIN SYNTAX run_query_tree_passes = 1 SELECT {call}",
    "EXPLAIN QUERY TREE SELECT {call}",
    "EXPLAIN PLAN actions = 1 SELECT {call}",
    "EXPLAIN PIPELINE SELECT {call}",
    "DESCRIBE (SELECT {call} AS a)",
    "SHOW TABLES WHERE name = {call}",
    "EXISTS (SELECT {call})",
    "SELECT * FROM values('a String DEFAULT {quoted}', 'x')",
    "SELECT * FROM null('a UInt8 DEFAULT {quoted}')",
    "SELECT * FROM format(CSV, 'a String MATERIALIZED {quoted}', '1')",
    "SELECT * FROM generateRandom('a UInt8 DEFAULT toUInt8({quoted})') LIMIT 1",
    "SELECT * FROM viewExplain('EXPLAIN', '', (SELECT {call}))",
    "SELECT * FROM viewIfPermitted(SELECT {call} ELSE null('a String'))",
    "SELECT * FROM numbers(1) SETTINGS additional_table_filters = {{'numbers': '{quoted} != 1'}}",
    "SELECT 1 FROM sql.ids SETTINGS additional_table_filters = {{'sql.ids': 'length({quoted}) = toUInt8({quoted})'}}",
    "KILL QUERY WHERE query_id = {call}",
    "SET max_block_size = {call}",
    "SELECT {{p:String}}, {call} FORMAT Values SETTINGS max_threads = 1",
)
_DISGUISES: Final = (
    "{statement}",
    "{statement};",
    "\ufeff{statement}",
    "/* \u2018 ' */ {statement} /* ' \u2019 */",
    "-- '\n{statement} -- '",
    "# '\n{statement}",
    "#! '\n{statement}",
    "SELECT \u2018'\u2019 AS q, ({statement}) AS r, \u2018'\u2019 AS s",
    'SELECT \u201c"\u201d, ({statement}), \u201c"\u201d FROM (SELECT 1 AS `"`)',
    "SELECT '\\'' AS q, ({statement}) AS r, '\\''",
    "SELECT '''' AS q, ({statement}) AS r, ''''",
    "SELECT `a'`, ({statement}) FROM (SELECT 1 AS `a'`)",
    "SELECT $$'$$ AS q, ({statement}) AS r, $$'$$",
    "SELECT \u2018\\\u2019 AS q, ({statement}) AS r, \u2018\\\u2019",
    "SELECT 'a' AS `--`, ({statement}) AS `/*`",
    "(({statement}))",
    "{statement} /* unclosed",
    "{statement} --",
    "\u00a0{statement}\u3000",
    "{statement}\0",
    "SELECT 1; {statement}",
    "EXECUTE AS default {statement}",
)
_OTHERS: Final = (
    *("SELECT * FROM {quote}flowtrail{quote}.{quote}steps{quote}", "SELECT * FROM flowtrail/**/.steps"),
    *(
        "SELECT * FROM FLOWTRAIL.steps",
        "SELECT * FROM {{d:Identifier}}.steps",
        "SELECT * FROM {{d/**/:Identifier}}.steps",
    ),
    *("SELECT * FROM merge(REGEXP('.*'), 'steps')", "SELECT * FROM remote('127.0.0.1', flowtrail, steps)"),
    *("SELECT * FROM cluster(default, flowtrail, steps)", "SELECT * FROM loop(flowtrail, steps)"),
    *("SELECT 1 FROM steps WHERE KeyValue IN flowtrail.steps", "SELECT * FROM mergeTreeIndex(flowtrail, steps)"),
    *("SELECT * FROM steps SETTINGS log_comment = ''", "SELECT * FROM (SELECT * FROM steps SETTINGS log_comment = '')"),
    *("SELECT * FROM steps SETTINGS readonly = 0, log_comment = 'other'", "SET log_comment = 'other'"),
    *("SELECT * FROM steps WHERE throwIf(Tenant != 'acme', KeyValue)", "SELECT throwIf(1, any(KeyValue)) FROM steps"),
    "SELECT * FROM steps SETTINGS additional_table_filters = {{'flowtrail.steps': 'throwIf(Tenant != ''acme'')'}}",
    "SELECT * FROM ids SETTINGS additional_table_filters = {{'ids': 'throwIf(Tenant != \\'acme\\', IdValue) = 0'}}",
    "SELECT * FROM steps SETTINGS additional_table_filters = {{'steps': '1 UNION ALL SELECT * FROM flowtrail.steps'}}",
    *("SELECT lowCardinalityKeys(ServiceName) FROM otel_traces", "SELECT base58Decode(ServiceName) FROM otel_traces"),
    *("SELECT * FROM system.{quote}query_log{quote}", "SELECT * FROM system.parts_columns", "SHOW PROCESSLIST"),
    *("SELECT joinGet('flowtrail.steps', 'Tenant', 1)", "SELECT dictGet('flowtrail.steps', 'Tenant', 1)"),
    *("SET ROLE owner", "SET ROLE ALL", "SET ROLE DEFAULT", "EXECUTE AS default SELECT * FROM flowtrail.steps"),
    *("CREATE TEMPORARY TABLE t AS SELECT * FROM flowtrail.steps", "USE flowtrail", "SYSTEM FLUSH LOGS"),
    *(
        "SELECT * FROM eval('SELECT * FROM flowtrail.steps')",
        "SELECT * FROM python('engine')",
        "SELECT * FROM Python(engine)",
    ),
    *("SELECT * FROM sqlite('{file}', 't')", "SELECT * FROM default.{quote}{file}{quote}", "SELECT * FROM '{file}'"),
    *("SELECT * FROM file('{file}', 'LineAsString')", "SELECT * FROM file('{file}', LineAsString, 'a String')"),
    *("DESCRIBE file('{file}', 'CSV')", "SELECT * FROM executable('cat {file}', 'LineAsString', 'a String')"),
    *("SELECT * FROM filesystem('{folder}')", "SELECT * FROM url('file://{file}', 'LineAsString')"),
    *("SELECT * FROM fileCluster('default', '{file}', 'LineAsString')", "SELECT * FROM input('a String')"),
    *(
        "INSERT INTO FUNCTION null('a String DEFAULT file(''{file}'')') VALUES (1)",
        "SELECT 1 INTO OUTFILE '{file}.out'",
    ),
    *("SELECT * FROM numbers(1) INTO OUTFILE '{file}.out' FORMAT CSV", "SHOW CREATE TABLE flowtrail.steps"),
    *(
        "CHECK TABLE flowtrail.steps",
        "SELECT hasColumnInTable('flowtrail', 'steps', 'Tenant')",
        "SHOW COLUMNS FROM flowtrail.steps",
    ),
    *("SELECT * FROM dictionary('d')", "SELECT * FROM s3('file://{file}')", "SELECT * FROM icebergLocal('{folder}')"),
)


def of_files(file: str, count: int, seed: int) -> Iterator[str]:
    """``count`` statements that try to have the content of ``file``."""
    choose = random.Random(seed)
    for _ in range(count):
        path = _choice(_PATHS, choose).format(**_written(file))
        call = _choice(_CALLS, choose).format(name=_choice(_NAMES, choose), path=path)
        quoted = call.replace("\\", "\\\\").replace("'", "\\'")
        statement = choose.choice(_PLACES).format(call=call, quoted=quoted)
        yield _disguised(statement, choose)


def of_tenants(file: str, seed: int) -> Iterator[str]:
    """Statements that try to have other tenants' rows, other tables or whole files, each in every disguise."""
    choose = random.Random(seed)
    for template in _OTHERS:
        quote = choose.choice(("`", '"', "", "\u201c"))
        text = template.format(quote=quote, file=file, folder=file.rpartition("/")[0]).replace("\u201c.", "\u201d.")
        yield text
        for disguise in choose.sample(_DISGUISES, 4):
            yield disguise.replace("{statement}", text)


def _choice(ways: tuple[str, ...], choose: random.Random) -> str:
    """Often the first way, so that most statements are odd in one respect, and the engine would run them."""
    return ways[0] if choose.random() < 0.5 else choose.choice(ways)


def _written(file: str) -> dict[str, str]:
    data, middle = file.encode(), len(file) // 2
    return {
        "file": file,
        "hex": data.hex(),
        "half": file[:middle],
        "rest": file[middle:],
        "tail": file[1:],
        "codes": ", ".join(str(code) for code in data),
        "base64": base64.b64encode(data).decode(),
        "reversed": file[::-1],
    }


def _disguised(statement: str, choose: random.Random) -> str:
    text = _choice(_DISGUISES, choose).replace("{statement}", statement)
    if choose.random() < 0.2:  # a random character somewhere, to find what a place beside the known ones does
        at = choose.randrange(len(text))
        text = text[:at] + choose.choice("'`\"\u2018\u2019\u201c\u201d\\;#$/*-\0\ufeff\u00a0{}()") + text[at:]
    return text
