from access.wrong_keys import WrongKeys


def test_twenty_at_once_and_then_one_a_second():
    now = [0.0]
    wrong = WrongKeys(lambda: now[0])
    assert [wrong.note("192.0.2.1") for _ in range(25)] == [False] * 20 + [True] * 5
    assert not wrong.note("192.0.2.2")
    now[0] = 2.0
    assert [wrong.note("192.0.2.1") for _ in range(3)] == [False, True, True]
    now[0] = 100.0
    assert [wrong.note("192.0.2.1") for _ in range(21)] == [False] * 20 + [True]


def test_it_remembers_no_more_addresses_than_it_may():
    wrong = WrongKeys()
    for number in range(30_000):
        wrong.note(str(number))
    assert len(wrong._left) == 10_000
