"""Redaction on its way into the store: what is stored is redacted, counted by rule, and found by its token."""

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from store.intake import Envelope, Signal, insert_envelopes
from store.redaction import Action, Redactor, Rule, token
from store.secrets import SECRETS
from tests.store.test_intake import request, span
from tests.store.test_logs import record
from tests.store.test_logs import request as logs_request

KEY = b"k" * 32
NS = 10**9
RULES = (Rule("case", Action.TOKENISE, ("flow.case.id", "flow.ref.*")), Rule("password", Action.DROP, ("password",)))
CARD = "4111111111111111"


def text(value):
    return AnyValue(string_value=value)


def insert(store, batch, *envelopes):
    insert_envelopes(store, envelopes, batch, Redactor((*RULES, *SECRETS), lambda _tenant: KEY))


def spans(*attributes, resource=None, tenant="acme"):
    made = [span(number, pairs.items()) for number, pairs in enumerate(attributes, 1)]
    return Envelope(tenant, 1_790_000_000 * NS, request(*made, **(resource or {})))


def logs(body, **attributes):
    pairs = list(attributes.items())
    return Envelope("acme", 1_790_000_000 * NS, logs_request(record(text(body), pairs)), Signal.LOGS)


def test_a_case_is_found_by_the_token_of_its_id(store):
    refs = AnyValue()
    refs.array_value.values.extend([text("P1"), text("P2")])
    step = {"flow.step": text("pack"), "flow.case.id": text("SO-1"), "flow.ref.package": refs}
    loose = {"flow.step": text("label"), "flow.ref.package": refs}
    insert(store, "a", spans(step, loose))
    found = store.rows("SELECT KeyType, KeyValue FROM steps ORDER BY KeyType, KeyValue")
    packages = sorted(token(value, KEY) for value in ("P1", "P2"))
    assert [(row["KeyType"], row["KeyValue"]) for row in found] == [
        ("case", token("SO-1", KEY)),
        *(("package", package) for package in packages),
    ]


def test_nothing_of_a_secret_reaches_any_table(store):
    secret = {"password": text("hunter2"), "note": text(f"card {CARD}")}
    insert(store, "a", spans(secret, resource={"env": CARD}), logs(f"paid with {CARD}", password=text("hunter2")))
    for table in ("otel_traces", "otel_logs"):
        [row] = store.rows(f"SELECT * FROM {table}")  # noqa: S608
        assert CARD not in str(row)
        assert "hunter2" not in str(row)


def test_what_was_redacted_is_counted_by_rule_however_often_it_is_inserted(store):
    envelopes = (
        spans(
            {"password": text("a"), "x": text(CARD)}, {"y": text(CARD)}, {"z": text("plain")}, resource={"env": CARD}
        ),
        logs(CARD, password=text("b")),
    )
    for _ in range(2):
        insert(store, "same", *envelopes)
    rows = store.query("store/redactions", days=36_500)
    assert {(row["tenant"], row["signal"], row["rule"]): row["count"] for row in rows} == {
        ("acme", "logs", "card_number"): 1,
        ("acme", "logs", "password"): 1,
        ("acme", "traces", "card_number"): 5,
        ("acme", "traces", "password"): 1,
    }
    spans_counted = store.rows("SELECT Redactions FROM otel_traces ORDER BY SpanId")
    assert [row["Redactions"] for row in spans_counted] == [
        {"card_number": 2, "password": 1},
        {"card_number": 2},
        {"card_number": 1},
    ]


def test_what_a_sender_says_was_redacted_of_a_clean_span_is_its_own_word_alone(store):
    plain = KeyValue(key="k", value=text("v"))
    insert(store, "a", Envelope("acme", 1, request(span(1, [(plain.key, plain.value)]))))
    assert store.query("store/redactions", days=36_500) == []
