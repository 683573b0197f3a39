"""What becomes of messages that fail at first: nothing is overtaken, given up too soon or lost on the way down."""

import random
from collections.abc import Callable
from datetime import time, timedelta

from loopback import Asked, Behaviour, Loopback, Reply
from receivers import Receivers, hook, person, received
from timeline import CRITICAL, WARN

from store.alert_tables import OUTBOX
from store.engine import Store

Serve = Callable[[Behaviour], Loopback]


class Moody:
    """Refuses until it is well."""

    def __init__(self, refusal: Reply) -> None:
        self.refusal, self.well = refusal, False

    def __call__(self, _: Asked) -> Reply:
        return Reply() if self.well else self.refusal


def test_a_digest_that_fails_once_is_tried_again(store: Store, serve: Serve) -> None:
    """What waited a whole night for its digest is not too old when its first try fails."""
    moody = Moody(Reply(500))
    server = serve(moody)
    sari = person("sari", quiet=(time(21), time(6)))
    to = Receivers(store, [sari], {"sari": hook(server)}, [("sari",)])
    # It is noon in Jakarta at the start: 22:00 is ten hours later, 07:00 nineteen.
    to.line.see(600, WARN, strong=True)
    to.run(19 * 60 + 1)
    assert [row.dead_at for row in to.rows()] == [None]
    moody.well = True
    to.run(19 * 60 + 2)
    assert all(row.sent_at for row in to.rows())


def test_an_opening_that_failed_is_not_told_after_a_newer_message(store: Store, serve: Serve) -> None:
    """While the opening waits for its next try the alert rises: the rise is told and the opening is not any more."""
    moody = Moody(Reply(503, {"Retry-After": "1800"}))
    server = serve(moody)
    to = Receivers(store, [person("sari")], {"sari": hook(server)}, [("sari",)])
    to.line.see(0, WARN, strong=True)
    to.run(2.1)
    moody.well = True
    to.line.see(5, CRITICAL, strong=True)
    to.run(5.1).run(60)
    first, *_ = to.rows()
    assert first.error == "A newer message told it."
    assert "KRITIS" in received(server)[1]["title"]
    assert len(server.asked) == 2


def test_what_was_told_together_keeps_the_higher_level_at_its_next_try(store: Store, serve: Serve) -> None:
    """An opening that took over a rise is critical at each try, and so goes another way after the second."""
    broken, fine = serve(lambda _: Reply(500)), serve(lambda _: Reply())
    sari = person("sari", channels=("first", "second"))
    to = Receivers(store, [sari], {"first": hook(broken), "second": hook(fine)}, [("sari",)])
    to.line.see(0, WARN, strong=True).see(1, CRITICAL, strong=True)
    to.run(2.1).run(3).run(3.1)
    assert [one["title"].split(" · ")[0] for one in received(fine)] == ["🔴 KRITIS"]


def test_a_busy_receiver_of_critical_messages_is_not_waited_for(store: Store, serve: Serve) -> None:
    """When the next try is ten minutes off, the next channel is tried at once."""
    busy, fine = serve(lambda _: Reply(429, {"Retry-After": "600"})), serve(lambda _: Reply())
    sari = person("sari", channels=("first", "second"))
    to = Receivers(store, [sari], {"first": hook(busy), "second": hook(fine)}, [("sari",)])
    to.line.see(0, CRITICAL, strong=True)
    to.run(2.1).run(2.2)
    assert (len(busy.asked), len(fine.asked)) == (1, 1)


def test_who_cannot_be_reached_at_all_is_followed_by_the_next_in_the_chain(store: Store, serve: Serve) -> None:
    """A critical opening that fails on each channel of the first goes to the second, who hears of the end too."""
    moody, fine = Moody(Reply(500)), serve(lambda _: Reply())
    broken = serve(moody)
    people = [person("sari", channels=("one", "two")), person("budi")]
    addresses = {"one": hook(broken), "two": hook(broken), "budi": hook(fine)}
    to = Receivers(store, people, addresses, [("sari", "budi")])
    to.line.see(0, CRITICAL, strong=True)
    for minute in (2.1, 2.6, 2.7, 3.2, 3.3, 3.8, 4):
        to.run(minute)
    assert [(row.person, row.channel) for row in to.rows()] == [("sari", "one"), ("sari", "two"), ("budi", "budi")]
    assert len(received(fine)) == 1
    moody.well = True
    to.run(10)
    # Both ways to the first were due at that moment: what is critical may come by both, under one key.
    assert {row.error for row in to.rows()} <= {None, "It went by another channel."}
    assert len({one["key"] for one in received(broken) + received(fine)}) == 1
    with store.write() as conn:
        to.line.hands.resolve(conn, to.line.held().key, "Budi", to.line.now)
    to.run(11)
    assert len(received(fine)) == 2


def test_one_that_cannot_be_put_into_words_delays_no_other(store: Store, serve: Serve) -> None:
    """A row that was spoilt is set aside with its reason, and the next one arrives."""
    server = serve(lambda _: Reply())
    to = Receivers(store, [person("sari"), person("budi")], {"budi": hook(server)}, [("sari",), ("budi",)])
    to.line.see(0, WARN, strong=True)
    with store.write() as conn:
        conn.execute(OUTBOX.update().where(OUTBOX.c.person == "sari").values(facts={}))
    to.run(3)
    assert len(received(server)) == 1
    assert to.rows()[0].error == "It cannot be put into words: KeyError."


def test_a_receiver_that_asks_for_patience_is_not_asked_for_each_message(store: Store, serve: Serve) -> None:
    """Of several messages that are due on one channel only the first meets the 429; all of them arrive later."""
    moody = Moody(Reply(429, {"Retry-After": "60"}))
    server = serve(moody)
    people = [person(name, channels=("team",)) for name in ("sari", "budi", "ani")]
    to = Receivers(store, people, {"team": hook(server)}, [(one.key,) for one in people])
    to.line.see(0, WARN, strong=True)
    to.run(3)
    assert len(server.asked) == 1
    moody.well = True
    to.run(5)
    assert all(row.sent_at for row in to.rows())


def test_messages_are_on_their_way_within_a_minute(store: Store, serve: Serve) -> None:
    """Beside receivers that hang and fail, 19 in 20 of the others' messages leave within a minute of being due."""
    chance = random.Random(20261123)
    moods = {"hanging": Reply(wait=0.4), "broken": Reply(500), "fine": Reply(), "also": Reply()}
    servers = {name: serve(lambda _, reply=reply: reply) for name, reply in moods.items()}  # type: ignore[misc]
    people = [person(name, most_an_hour=999) for name in moods]
    to = Receivers(store, people, {name: hook(one) for name, one in servers.items()}, [(name,) for name in moods])
    for number in range(10):
        to.line.see(number * 3, WARN, f"theme:{number}", strong=True)
        for second in (chance.uniform(0, 60), 120, 140, 160):
            to.run(number * 3 + second / 60)
    rows = [row for row in to.rows() if row.person in {"fine", "also"} and row.sent_at]
    assert len(rows) == 20
    late = sorted(row.sent_at - (row.made_at + timedelta(minutes=2)) for row in rows)
    assert late[18] <= timedelta(minutes=1)


def test_what_piles_up_for_one_channel_crowds_out_no_other(store: Store, serve: Serve) -> None:
    """Behind forty messages that wait longer for a receiver that hangs, another's only message leaves at once."""
    stuck, fine = serve(lambda _: Reply(wait=1)), serve(lambda _: Reply())
    people = [person("slow", most_an_hour=999), person("fine")]
    to = Receivers(store, people, {"slow": hook(stuck), "fine": hook(fine)}, [("slow",), ("fine",)])
    to.deliver.patience_s = 0.5
    for number in range(40):
        to.line.see(0, WARN, f"theme:{number}", strong=True)
    with store.write() as conn:
        mine = OUTBOX.c.person == "fine"
        last = max(row.id for row in conn.execute(OUTBOX.select().where(mine)))
        conn.execute(OUTBOX.delete().where(mine, OUTBOX.c.id != last))
    to.run(2.1)
    assert len(fine.asked) == 1
