"""Messages on their way: by real Apprise to real receivers on loopback that misbehave, on a virtual clock."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from threading import Event

import pytest
from loopback import Asked, Behaviour, Loopback, Reply
from pydantic import SecretStr
from receivers import Receivers, hook, person, received
from timeline import CRITICAL, WARN

from alerts.messages import Words
from alerts.notifier import Channels
from domain.vocabulary import MessageKind
from simak.delivering import Deliver
from store.alert_tables import OUTBOX
from store.engine import Store

Serve = Callable[[Behaviour], Loopback]


def test_a_message_arrives_with_all_that_it_should_say(store: Store, serve: Serve) -> None:
    """After the group wait the receiver gets one message with level, key, links and no second one."""
    server = serve(lambda _: Reply())
    to = Receivers(store, [person("sari")], {"sari": hook(server)}, [("sari",)])
    to.line.see(0, CRITICAL, strong=True)
    to.run(1)
    assert received(server) == []
    to.run(2.1).run(3)
    (got,) = received(server)
    assert got["title"].startswith("🔴 KRITIS · Kopi")
    assert f"alert={to.line.held().key}&do=ack" in got["message"]
    assert got["key"] == to.rows()[0].key


def test_what_calms_within_the_group_wait_is_never_told(store: Store, serve: Serve) -> None:
    """An alert that somebody ends before its message goes out is dropped, and its end is not told either."""
    server = serve(lambda _: Reply())
    to = Receivers(store, [person("sari")], {"sari": hook(server)}, [("sari",)])
    to.line.see(0, CRITICAL, strong=True).wait(1)
    with store.write() as conn:
        to.line.hands.resolve(conn, to.line.held().key, "Sari", to.line.now)
    to.run(3).run(10)
    assert received(server) == []
    assert {row.error for row in to.rows()} == {"It ended before this was told.", "It ended before it was told."}


def test_receivers_that_misbehave_for_an_hour_miss_nothing(store: Store, serve: Serve) -> None:
    """429 with Retry-After, 500, a hang and a reset for an hour: every message arrives, once, under one key."""
    well = Event()

    def until_well(bad: Reply) -> Behaviour:
        return lambda _: Reply() if well.is_set() else bad

    bad = {
        "busy": Reply(429, {"Retry-After": "600"}),
        "broken": Reply(500),
        "hanging": Reply(wait=2),
        "rude": Reply(reset=True),
        "fine": Reply(),
    }
    servers = {name: serve(until_well(reply)) for name, reply in bad.items()}
    addresses = {name: hook(server) for name, server in servers.items()}
    to = Receivers(store, [person(name) for name in bad], addresses, [(name,) for name in bad])
    to.line.see(0, WARN, strong=True)
    to.run(2.1)
    assert len(received(servers["fine"])) == 1
    for minute in range(3, 63):
        to.run(minute)
    assert len(servers["busy"].asked) <= 7
    well.set()
    for minute in range(63, 90):
        to.run(minute)
    rows = to.rows()
    assert all(row.sent_at for row in rows)
    for name, server in servers.items():
        assert {one["key"] for one in received(server)} == {row.key for row in rows if row.person == name}


def test_a_hanging_receiver_delays_no_other(store: Store, serve: Serve) -> None:
    """While one channel hangs, the next run delivers to another one, and asks the hanging one nothing more."""
    go_on = Event()

    def hang(_: Asked) -> Reply:
        go_on.wait(10)
        return Reply()

    stuck, fine = serve(hang), serve(lambda _: Reply())
    slow = f"json://127.0.0.1:{stuck.port}/?rto=20&cto=1"
    to = Receivers(store, [person("slow"), person("fine")], {"slow": slow, "fine": hook(fine)}, [("slow",), ("fine",)])
    to.deliver.patience_s = 0.2
    to.line.see(0, WARN, strong=True)
    to.run(2.1)
    to.line.see(5, WARN, "theme:2", strong=True)
    to.run(7.1)
    assert len(received(fine)) == 2
    assert len(stuck.asked) == 1
    go_on.set()


def test_critical_messages_take_another_way(store: Store, serve: Serve) -> None:
    """After two failures a critical message goes by the next channel, and the first is not tried any more."""
    broken, fine = serve(lambda _: Reply(500)), serve(lambda _: Reply())
    sari = person("sari", channels=("first", "second"))
    to = Receivers(store, [sari], {"first": hook(broken), "second": hook(fine)}, [("sari",)])
    to.line.see(0, CRITICAL, strong=True)
    for minute in (2.1, 2.6, 2.7, 4, 30, 60):
        to.run(minute)
    assert len(received(fine)) == 1
    assert received(fine)[0]["key"] == received(broken)[0]["key"]
    assert [row.error for row in to.rows()] == ["It went by another channel.", None]


def test_what_never_arrives_is_given_up_with_its_reason(store: Store, serve: Serve) -> None:
    """After six hours a message is dead, and the reason names no address."""
    server = serve(lambda _: Reply(500))
    to = Receivers(store, [person("sari")], {"sari": hook(server)}, [("sari",)])
    to.line.see(0, WARN, strong=True)
    for minute in range(2, 400, 7):
        to.run(minute)
    (row,) = to.rows()
    assert row.dead_at is not None
    assert row.error == "The channel answered 500."


@pytest.mark.parametrize(
    ("address", "said"),
    [(None, "SIMAK_NOTIFY__TIM_A is not set."), ("nope", "SIMAK_NOTIFY__TIM_A is no address that Apprise knows.")],
)
def test_a_channel_without_an_address_is_told_by_its_setting(store: Store, address: str | None, said: str) -> None:
    """A missing or unusable address names the setting to mend, and the message waits."""
    sari = person("sari", channels=("tim-a",))
    to = Receivers(store, [sari], {} if address is None else {"tim-a": address}, [("sari",)])
    to.line.see(0, WARN, strong=True)
    to.run(3)
    assert [(row.error, row.dead_at) for row in to.rows()] == [(said, None)]


def test_quiet_hours_across_midnight_end_in_a_digest(store: Store, serve: Serve) -> None:
    """In Jayapura's night warnings wait for one morning digest at seven; a critical one comes at once."""
    server = serve(lambda _: Reply())
    sari = person("sari", zone="Asia/Jayapura", quiet=(time(22), time(6)), language="en")
    to = Receivers(store, [sari], {"sari": hook(server)}, [("sari",)])
    # It is 14:00 in Jayapura at the start: 23:00 is nine hours later.
    night = 9 * 60
    to.line.see(night, WARN, "theme:1", strong=True).see(night + 1, WARN, "theme:2", strong=True)
    to.line.see(night + 2, CRITICAL, "theme:3", strong=True)
    to.run(night + 5)
    assert [one["title"] for one in received(server)] == ["🔴 CRITICAL · Kopi · Snowball"]
    to.run(17 * 60 - 1)
    assert len(received(server)) == 1
    to.run(17 * 60 + 1)
    assert received(server)[1]["title"] == "Morning digest: 2 alerts"
    assert len(received(server)) == 2


def test_more_than_the_limit_of_an_hour_becomes_one_summary(store: Store, serve: Serve) -> None:
    """The third and later messages of an hour come together when the hour allows it."""
    server = serve(lambda _: Reply())
    sari = person("sari", most_an_hour=2, language="en")
    to = Receivers(store, [sari], {"sari": hook(server)}, [("sari",)])
    for number in range(5):
        to.line.see(number * 4, WARN, f"theme:{number}", strong=True)
        to.run(number * 4 + 2.1)
    assert len(received(server)) == 2
    to.run(50)
    assert len(received(server)) == 2
    to.run(63)
    assert received(server)[2]["title"] == "Summary: 3 alerts"


def test_only_who_was_told_of_the_opening_is_told_of_the_end(store: Store, serve: Serve) -> None:
    """The second in a chain, who was never asked, hears nothing of the end."""
    first, second = serve(lambda _: Reply()), serve(lambda _: Reply())
    people = [person("sari"), person("budi")]
    to = Receivers(store, people, {"sari": hook(first), "budi": hook(second)}, [("sari", "budi")])
    to.line.see(0, WARN, strong=True)
    to.run(3)
    with store.write() as conn:
        to.line.hands.resolve(conn, to.line.held().key, "Sari", to.line.now)
    to.run(4)
    assert [row.kind for row in to.rows()] == [MessageKind.OPENED, MessageKind.RESOLVED]
    assert len(received(first)) == 2
    assert received(second) == []


def test_an_escalation_goes_to_the_next_in_the_chain(store: Store, serve: Serve) -> None:
    """After a quarter of an hour the second is told, and the last one stays responsible."""
    first, second = serve(lambda _: Reply()), serve(lambda _: Reply())
    people = [person("sari"), person("budi")]
    to = Receivers(store, people, {"sari": hook(first), "budi": hook(second)}, [("sari", "budi")])
    to.line.see(0, CRITICAL, strong=True)
    to.run(3)
    for minute in range(10, 50, 5):
        to.line.see(minute, CRITICAL)
        to.run(minute)
    assert len(received(first)) == 1
    assert len(received(second)) == 3


def test_a_message_whose_mention_was_deleted_goes_without_its_words(store: Store, serve: Serve) -> None:
    """Examples are read when a message is sent: what was deleted meanwhile is not in it."""
    server = serve(lambda _: Reply())
    to = Receivers(store, [person("sari")], {"sari": hook(server)}, [("sari",)])
    to.line.see(0, WARN, strong=True)
    with store.write() as conn:
        facts = {**to.rows()[0].facts, "mentions": [4711]}
        conn.execute(OUTBOX.update().values(facts=facts))
    to.run(3)
    assert len(received(server)) == 1


def test_two_schedulers_send_a_message_once(store: Store, serve: Serve) -> None:
    """A message that one process has claimed is left to it by the other."""
    server = serve(lambda _: Reply())
    to = Receivers(store, [person("sari")], {"sari": hook(server)}, [("sari",)])
    to.line.see(0, WARN, strong=True)
    other = Deliver(to.deliver.notifier, to.deliver.directory, {}, time=lambda: to.now)
    to.run(3)
    other.run(store, to.now)
    assert len(received(server)) == 1


def test_a_retry_after_may_be_a_date(serve: Serve) -> None:
    """A date in Retry-After is waited for, as a number of seconds is."""
    later = (datetime.now(UTC) + timedelta(seconds=300)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    server = serve(lambda _: Reply(429, {"Retry-After": later}))
    receipt = Channels(lambda _: SecretStr(hook(server))).send("sari", Words("judul", "isi"), key="k" * 24)
    assert receipt.error == "The channel answered 429."
    assert receipt.wait_s is not None
    assert 290 <= receipt.wait_s <= 300
