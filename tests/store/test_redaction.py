"""Redaction of requests: what rules name is gone before anything is stored, all else stays byte for byte."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

from store.errors import StoreError
from store.patterns import compiled
from store.redaction import NO_REDACTION, Action, Redactor, Rule, token
from store.secrets import SECRETS, passes_luhn

KEYS = {"acme": b"a" * 32, "globex": b"g" * 32}
CARD = "4111 1111 1111 1111"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"
# In two parts, or a search for secrets in this repository would find it.
PEM = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIB\n-----END RSA " + "PRIVATE KEY-----"


def text(value):
    return AnyValue(string_value=value)


def array(*values):
    return AnyValue(array_value=ArrayValue(values=values))


def kvlist(**members):
    return AnyValue(kvlist_value=KeyValueList(values=[KeyValue(key=k, value=v) for k, v in members.items()]))


def pairs(attributes):
    return [KeyValue(key=key, value=value) for key, value in attributes.items()]


def request(attributes, resource=None, **fields):
    message = ExportTraceServiceRequest()
    group = message.resource_spans.add()
    group.resource.attributes.extend(pairs(resource or {}))
    span = group.scope_spans.add().spans.add(trace_id=b"\x01" * 16, span_id=b"\x02" * 8, **fields)
    span.attributes.extend(pairs(attributes))
    return message


def redacted(message, *rules, limit=0, signal="traces", tenant="acme"):
    answer = Redactor(rules, KEYS.__getitem__, limit).redact(signal, tenant, message.SerializeToString())
    return type(message).FromString(answer)


def span_of(message):
    return message.resource_spans[0].scope_spans[0].spans[0]


def attributes_of(message, *rules, **how):
    return {pair.key: pair.value for pair in span_of(redacted(message, *rules, **how)).attributes}


def mask(*keys, values=(), name="rule"):
    return Rule(name, Action.MASK, keys, tuple(values))


def test_keys_are_dropped_masked_and_tokenised_by_name_and_by_glob():
    message = request({"a.secret": text("x"), "mail": text("ada"), "note": text("y"), "kept": text("z")})
    found = attributes_of(
        message, Rule("r1", Action.DROP, ("*.secret",)), Rule("r2", Action.TOKENISE, ("m?il",)), mask("note")
    )
    assert found == {"mail": text(token("ada", KEYS["acme"])), "note": text("***"), "kept": text("z")}


def test_the_ids_of_a_link_follow_the_rules_of_their_types():
    made = {name: text(token(name, KEYS["acme"])) for name in ("ada", "SO-1")}
    rules = (Rule("people", Action.TOKENISE, ("flow.ref.customer",)), Rule("cases", Action.TOKENISE, ("flow.case.id",)))
    links = {
        "flow.link.customer.item": array(text("ada"), text("I-1")),
        "flow.link.case.item": array(text("SO-1"), text("I-1")),
    }
    assert attributes_of(request(links), *rules) == {
        "flow.link.customer.item": array(made["ada"], text("I-1")),
        "flow.link.case.item": array(made["SO-1"], text("I-1")),
    }
    dropped = Rule("gone", Action.DROP, ("flow.ref.customer",))
    assert attributes_of(request(links), dropped)["flow.link.customer.item"] == array()
    card = {"flow.link.item.package": array(text("4111111111111111"), text("P-1"))}
    assert attributes_of(request(card), *SECRETS) == card


def test_a_name_stands_for_itself_alone():
    message = request({"xmail": text("1"), "mail.to": text("2"), "ma.l": text("3")})
    assert attributes_of(message, mask("mail", "ma?")) == {
        "xmail": text("1"),
        "mail.to": text("2"),
        "ma.l": text("3"),
    }


def test_the_first_rule_that_names_a_key_decides():
    assert attributes_of(request({"k": text("v")}), mask("k"), Rule("r", Action.DROP, ("*",))) == {"k": text("***")}


def test_patterns_take_only_what_they_find():
    message = request({"note": text("call 555-1234 or 555-9876 today")})
    found = attributes_of(message, mask(values=[r"\b\d{3}-\d{4}\b"]))
    assert found == {"note": text("call *** or *** today")}


def test_a_pattern_can_make_tokens_of_what_it_finds():
    rule = Rule("mail", Action.TOKENISE, values=(r"[a-z]+@[a-z.]+[a-z]",))
    found = attributes_of(request({"note": text("from ada@example.org, urgent")}), rule)
    assert found == {"note": text(f"from {token('ada@example.org', KEYS['acme'])}, urgent")}


def test_a_pattern_can_drop_the_whole_attribute():
    assert attributes_of(
        request({"note": text("top secret"), "b": text("c")}), Rule("r", Action.DROP, (), ("secret",))
    ) == {"b": text("c")}


def test_lists_are_reached_to_any_depth():
    message = request(
        {
            "list": array(
                text("x 4111111111111111"), AnyValue(int_value=1), array(kvlist(password=text("p"), a=text("b")))
            ),
            "refs": array(text("P1"), text("P2"), AnyValue(int_value=3)),
        }
    )
    found = attributes_of(message, *SECRETS, mask("password"), Rule("refs", Action.TOKENISE, ("refs",)))
    assert found == {
        "list": array(text("x ***"), AnyValue(int_value=1), array(kvlist(password=text("***"), a=text("b")))),
        "refs": array(*(text(token(value, KEYS["acme"])) for value in ("P1", "P2", "3"))),
    }


@pytest.mark.parametrize(
    ("value", "searched"),
    [
        (AnyValue(int_value=42), "42"),
        (AnyValue(bool_value=True), "true"),
        (AnyValue(double_value=0.5), "0.5"),
        (AnyValue(double_value=3.0), "3"),
        (AnyValue(bytes_value=b"\x00\x01"), "AAE="),
    ],
)
def test_the_token_of_a_number_is_that_of_its_text(value, searched):
    assert attributes_of(request({"k": value}), Rule("r", Action.TOKENISE, ("k",))) == {
        "k": text(token(searched, KEYS["acme"]))
    }


def test_nothing_stays_nothing():
    message = request({"empty": text(""), "none": AnyValue()})
    assert redacted(message, mask("*")) == message


def test_every_text_of_a_span_is_looked_at():
    message = request({}, resource={"env": text(JWT)}, name=f"GET ?t={JWT}")
    span = span_of(message)
    span.status.message = f"refused {JWT}"
    span.events.add(name=JWT).attributes.extend(pairs({"exception.stacktrace": text(PEM)}))
    span.links.add().attributes.extend(pairs({"l": text(JWT)}))
    assert "eyJ" not in str(redacted(message, *SECRETS))
    assert "MIIB" not in str(redacted(message, *SECRETS))


def test_bodies_and_attributes_of_logs_are_looked_at():
    message = ExportLogsServiceRequest()
    record = message.resource_logs.add().scope_logs.add().log_records.add(body=kvlist(a=text(JWT)))
    record.attributes.extend(pairs({"k": text(JWT)}))
    found = redacted(message, *SECRETS, signal="logs").resource_logs[0].scope_logs[0].log_records[0]
    assert (found.body, found.attributes[0].value) == (kvlist(a=text("***")), text("***"))


def test_points_and_exemplars_of_every_kind_of_metric_are_looked_at():
    message = ExportMetricsServiceRequest()
    metrics = message.resource_metrics.add().scope_metrics.add().metrics
    for kind in ("gauge", "sum", "histogram", "exponential_histogram", "summary"):
        point = getattr(metrics.add(), kind).data_points.add()
        point.attributes.extend(pairs({"k": text(JWT)}))
        if kind != "summary":
            point.exemplars.add().filtered_attributes.extend(pairs({"k": text(JWT)}))
    assert "eyJ" not in str(redacted(message, *SECRETS, signal="metrics"))


def test_a_rule_holds_for_the_signals_it_names():
    rule = Rule("r", Action.MASK, ("k",), signals=frozenset({"logs"}))
    assert attributes_of(request({"k": text("v")}), rule) == {"k": text("v")}


@pytest.mark.parametrize(
    "secret",
    [
        "Bearer abcdefghijklmnop",
        "authorization: basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        JWT,
        PEM,
        PEM[:60],
        "AKIA" + "IOSFODNN7EXAMPLE",
        "ghp_" + "a1" * 18,
        "glpat-" + "a1" * 10,
        "sk_live_" + "a1" * 12,
        "xoxb-123456789012-abcdef",
        "AIza" + "a1" * 17 + "b",
        "ftk_ab12_" + "a1" * 12,
        CARD,
        "4111111111111111",
        "5500-0000-0000-0004",
        "3782 822463 10005",
        "30569309025904",
    ],
)
def test_values_in_the_shape_of_a_secret_are_masked(secret):
    [value] = attributes_of(request({"note": text(f"({secret})")}), *SECRETS).values()
    assert secret.split()[-1][:20] not in value.string_value
    assert "***" in value.string_value


@pytest.mark.parametrize(
    "plain",
    [
        "4111 1111 1111 1112",
        "4006381333931",  # an EAN that passes Luhn, or may
        "40170725000000000000",
        "SO-1001",
        "1790000000000000000",
        "bearer of bad news",
        "a basic order",
        "2026-01-02T03:04:05Z",
    ],
)
def test_what_only_resembles_a_secret_stays(plain):
    message = request({"note": text(plain)})
    assert redacted(message, *SECRETS) == message


def test_no_id_of_a_case_is_taken_for_a_card():
    number = text("4111111111111111")
    message = request({"flow.case.id": number, "flow.ref.order": array(number), "flow.reference": number})
    assert attributes_of(message, *SECRETS) == {
        "flow.case.id": number,
        "flow.ref.order": array(number),
        "flow.reference": text("***"),
    }


@given(st.text(string.digits, min_size=12, max_size=18))
def test_the_check_digit_is_that_of_luhn(digits):
    total = sum(
        sum(divmod(int(digit) * (2 if place % 2 == 0 else 1), 10)) for place, digit in enumerate(reversed(digits))
    )
    assert [check for check in string.digits if passes_luhn(digits + check)] == [str(-total % 10)]


@pytest.mark.parametrize("limit", [20, 40_000])
def test_long_values_are_cut_at_the_end_of_a_character(limit):
    message = request(
        {"short": text("x" * limit), "long": text("é" * limit), "flow.ref.package": text("P" * 2 * limit)}
    )
    found = attributes_of(message, limit=limit + 1 - limit % 2)
    assert found["short"] == text("x" * limit)
    assert found["long"] == text("é" * (limit // 2))
    assert found["flow.ref.package"] == text("P" * 2 * limit)


def test_what_no_rule_concerns_is_the_same_bytes():
    body = request({"flow.case.id": text("SO-1"), "big": text("x" * 20_000)}).SerializeToString()
    assert Redactor(SECRETS, max_value_bytes=32_768).redact("traces", "acme", body) is body
    assert NO_REDACTION.redact("traces", "acme", b"anything") == b"anything"


def test_what_is_no_request_is_refused_as_invalid():
    with pytest.raises(StoreError) as caught:
        Redactor(SECRETS).redact("traces", "acme", b"\x0a\xff" + JWT.encode())
    assert caught.value.code == "invalid_data"


def test_tokens_differ_by_tenant_and_are_the_same_every_time():
    rule = Rule("r", Action.TOKENISE, ("k",))
    [one, same, other] = [
        attributes_of(request({"k": text("v")}), rule, tenant=tenant)["k"] for tenant in ("acme", "acme", "globex")
    ]
    assert one == same != other


def test_tokens_need_a_key():
    with pytest.raises(StoreError, match="key"):
        Redactor([Rule("r", Action.TOKENISE, ("k",))]).redact(
            "traces", "t", request({"k": text("v")}).SerializeToString()
        )


words = st.text("ab1 4-@\n$^[]", max_size=12)
values = st.recursive(
    st.one_of(st.builds(text, words), st.builds(lambda n: AnyValue(int_value=n), st.integers(0, 99))),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda many: array(*many)),
        st.dictionaries(st.sampled_from(["a", "b", "pass"]), inner, max_size=2).map(lambda many: kvlist(**many)),
    ),
    max_leaves=4,
)
RULES = (
    Rule("drop", Action.DROP, ("pa*",)),
    Rule("token", Action.TOKENISE, ("b",), (r"^1+$",)),
    Rule("mask", Action.MASK, (), (r"\b4\d\b", r"[$^\]]{2}", r"a\b.b")),
)


@settings(max_examples=200, deadline=None)
@given(
    spans=st.lists(st.dictionaries(st.sampled_from(["a", "b", "pass", "c"]), values, max_size=3), max_size=4),
    resource=st.dictionaries(st.sampled_from(["a", "pass"]), values, max_size=2),
)
def test_looking_at_the_bytes_first_changes_no_result(spans, resource):
    message = ExportTraceServiceRequest()
    group = message.resource_spans.add()
    group.resource.attributes.extend(pairs(resource))
    scope = group.scope_spans.add()
    for attributes in spans:
        scope.spans.add(name="4 44").attributes.extend(pairs(attributes))
    quick, thorough = (Redactor(RULES, KEYS.__getitem__) for _ in range(2))
    for plan in thorough._plans.values():
        plan._suspect = plan._keys = plan._values = compiled("")
    body = message.SerializeToString()
    assert ExportTraceServiceRequest.FromString(quick.redact("traces", "acme", body)) == (
        ExportTraceServiceRequest.FromString(thorough.redact("traces", "acme", body))
    )
