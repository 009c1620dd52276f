import pytest

from cases.identifier import Identifier
from cases.search.readings import readings
from cases.search.search import search
from store.redaction import token
from tests.cases import orders


def found(store, text, tenant=orders.TENANT):
    return [(hit.case.case_id, hit.exact) for hit in search(store, tenant, text).hits]


@pytest.mark.parametrize("text", ["SO-1003", " SO-1003 "])
def test_a_case_is_found_by_its_id(orders_store, text):
    assert found(orders_store, text) == [("SO-1003", True)]


@pytest.mark.parametrize(("text", "kind"), [("INV-7", "invoice"), ("SO-1001-2", "item"), ("SO-1001", "order")])
def test_a_match_tells_the_flows_own_type_of_the_id(orders_store, text, kind):
    (hit,) = search(orders_store, orders.TENANT, text).hits
    assert hit.matched == (Identifier(kind, text),)


def test_a_case_of_an_undeclared_flow_matches_as_case(orders_store):
    (hit,) = search(orders_store, orders.TENANT, "C-1").hits
    assert hit.matched == (Identifier("case", "C-1"),)
    assert hit.case.flow == "claim"


def test_an_exact_match_leaves_out_what_only_begins_like_it(orders_store):
    assert found(orders_store, "SO-1001") == [("SO-1001", True)]
    assert found(orders_store, "SO-1001-") == [("SO-1001", False)]


@pytest.mark.parametrize("text", ["so-1003", "sO-1003"])
def test_capitals_and_small_letters_are_alike(orders_store, text):
    assert found(orders_store, text) == [("SO-1003", True)]


@pytest.mark.parametrize(
    "text",
    [
        "Order SO-1003", "order: SO-1003", "#SO-1003", "„so-1003“.", "where is (SO-1003) now?", "\ufeffSO-1003\u200b",
        "https://shop.example/orders/SO-1003?tab=items#top", "https://shop.example/find?order=SO-1003",
    ],
)  # fmt: skip
def test_what_is_pasted_around_an_id_does_not_matter(orders_store, text):
    assert found(orders_store, text) == [("SO-1003", True)]


def test_an_id_of_several_words_is_read_as_a_whole_first():
    assert readings(" Order no. SO 12, ") == ("Order no. SO 12,", "Order no. SO 12", "no. SO 12", "SO 12", "12")
    assert readings("  ") == ()
    assert readings("where is my own order SO-12 or so?")[-1] == "SO-12"


def test_an_id_in_mixed_letters_is_found_in_any_and_the_one_written_just_so_comes_first(world):
    wire = orders.Wire()
    for minute, (case, item) in enumerate([("SO-1", "aBc-7"), ("SO-2", "ABC-7"), ("SO-3", "AbC-7")]):
        wire.step("erp", "book", minute, trace=orders.trace_of(case), case=case, refs={"item": item})
    wire.send(world)
    assert [case for case, _ in found(world.store, "abc-7", world.tenant)] == ["SO-3", "SO-2", "SO-1"]
    assert [case for case, _ in found(world.store, "aBc-7", world.tenant)] == ["SO-1", "SO-3", "SO-2"]
    assert found(world.store, "aBC-", world.tenant) == [("SO-2", False), ("SO-3", False), ("SO-1", False)]
    assert found(world.store, "abc-7", "somebody else") == []


def test_a_hub_is_found_by_what_leads_to_it(world):
    wire = orders.Wire()
    for number in range(101):
        case = f"SO-{number:04}"
        wire.step("shop", "capture", number, trace=orders.trace_of(case), case=case, refs={"item": f"I-{number}"})
        wire.step("wms", "pack", number, trace=orders.trace_of("pack"), refs={"item": f"I-{number}", "package": "P"})
    wire.send(world)
    answer = search(world.store, world.tenant, "p", limit=10)
    assert (len(answer.hits), answer.truncated) == (10, True)
    assert {hit.matched for hit in answer.hits} == {(Identifier("package", "P"),)}


def test_another_tenants_cases_are_not_found(orders_store):
    assert search(orders_store, "somebody else", "SO-1001").hits == ()
    assert search(orders_store, "somebody else", "SO").hits == ()
    assert search(orders_store, "somebody else", orders.BATCH_TRACE).hits == ()


@pytest.mark.parametrize("text", ["%", "SO%", "SO_1001", "SO-1001'--", "{tenant:String}", "\\N", "🦊", "a\nb\tc"])
def test_no_character_means_anything_but_itself(orders_store, text):
    assert found(orders_store, text) == []


def test_a_trace_without_steps_finds_nothing(world):
    trace = orders.trace_of("nothing but plumbing")
    wire = orders.Wire().span("db", "SELECT", 0, trace=trace)
    wire.send(world)
    assert found(world.store, trace, world.tenant) == []


def test_a_step_without_any_id_is_found_by_its_trace_through_the_others(world):
    trace = orders.trace_of("SO-1")
    orders.Wire().step("shop", "capture", 0, trace=trace, case="SO-1").step("mail", "confirm", 1, trace=trace).send(
        world
    )
    assert found(world.store, trace, world.tenant) == [("SO-1", True)]


def test_a_value_that_thousands_reach_is_cut_and_says_so(world):
    wire = orders.Wire()
    for number in range(300):
        case = f"SO-{number:04}"
        wire.step("shop", "capture", number, trace=orders.trace_of(case), case=case, refs={"item": "BESTSELLER"})
    wire.send(world)
    answer = search(world.store, world.tenant, "BESTSELLER", limit=10)
    assert len(answer.hits) == 10
    assert answer.truncated
    assert len(search(world.store, world.tenant, "SO-").hits) == 20


def test_an_id_that_no_flow_declares_is_found_by_the_cases_own_steps(world):
    wire = orders.Wire()
    wire.step("shop", "capture", 0, trace=orders.trace_of("SO-1"), case="SO-1", refs={"customer_po": "PO-4711"})
    wire.send(world)
    (hit,) = search(world.store, world.tenant, "PO-4711").hits
    assert (hit.case.case_id, hit.matched, hit.exact) == ("SO-1", (Identifier("customer_po", "PO-4711"),), True)
    assert found(world.store, "po-47", world.tenant) == [("SO-1", False)]
    assert found(world.store, "PO-4711", "somebody else") == []


def test_a_case_that_reaches_and_carries_an_id_is_one_hit_with_one_match(world):
    wire = orders.Wire()
    for minute in range(3):
        trace, key = orders.trace_of("SO-1"), f"book {minute}"
        wire.step("erp", "book", minute, trace=trace, key=key, case="SO-1", refs={"item": "A"}).send(world)
    (hit,) = search(world.store, world.tenant, "A").hits
    assert hit.matched == (Identifier("item", "A"),)


def test_a_customer_of_hundreds_of_cases_does_not_hide_the_case_of_the_same_number(world):
    wire = orders.Wire()
    wire.step("shop", "capture", 9_999, trace=orders.trace_of("1001"), case="1001")
    for number in range(400):
        case = f"SO-{number:04}"
        wire.step("shop", "capture", number, trace=orders.trace_of(case), case=case, refs={"account": "1001"})
    wire.send(world)
    answer = search(world.store, world.tenant, "1001", limit=10)
    assert answer.hits[0].case.case_id == "1001"
    assert len(answer.hits) == 10
    assert answer.truncated


KEY = bytes(range(32))


@pytest.fixture(scope="module")
def tokenised(orders_store):
    """SO-1 carries the item A-7 as a token, C-77 is a case whose own id is one."""
    world = orders.World.new(orders_store)
    wire = orders.Wire()
    wire.step("erp", "book", 0, trace=orders.trace_of("SO-1"), case="SO-1", refs={"item": token("A-7", KEY)})
    wire.step("erp", "book", 0, trace=orders.trace_of("C-77"), case=token("C-77", KEY))
    wire.send(world)
    return world


def test_a_tokenised_id_is_found_by_its_original_value_and_says_so(tokenised):
    (hit,) = search(tokenised.store, tokenised.tenant, " A-7 ", key=KEY).hits
    assert (hit.case.case_id, hit.exact) == ("SO-1", True)
    assert hit.matched == (Identifier("item", token("A-7", KEY)),)
    assert hit.matched[0].tokenised


def test_a_tokenised_case_is_found_by_its_original_id_and_by_its_token(tokenised):
    for text in ("C-77", token("C-77", KEY)):
        (hit,) = search(tokenised.store, tokenised.tenant, text, key=KEY).hits
        assert hit.case.case_id == token("C-77", KEY)
        assert hit.matched == (Identifier("order", token("C-77", KEY)),)


def test_a_tokenised_id_is_found_in_other_letters_and_with_a_word_before_it(tokenised):
    (hit,) = search(tokenised.store, tokenised.tenant, "Order c-77", key=KEY).hits
    assert (hit.case.case_id, hit.exact) == (token("C-77", KEY), True)


@pytest.mark.parametrize("key", [None, b"another key"])
def test_without_the_tenants_own_key_a_tokenised_id_is_not_found(tokenised, key):
    assert search(tokenised.store, tokenised.tenant, "A-7", key=key).hits == ()


def test_a_value_stored_as_it_is_and_as_a_token_finds_both_cases(world):
    wire = orders.Wire()
    for minute, case, item in ((0, "SO-1", token("A-7", KEY)), (9, "SO-2", "A-7")):
        wire.step("erp", "book", minute, trace=orders.trace_of(case), case=case, refs={"item": item})
    wire.send(world)
    hits = search(world.store, world.tenant, "A-7", key=KEY).hits
    assert [(hit.case.case_id, hit.matched[0].tokenised) for hit in hits] == [("SO-2", False), ("SO-1", True)]
