"""Alerts over a day, on a virtual clock: what is seen at which minute, and what is told at which."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from timeline import CRITICAL, START, WARN, WATCH, Timeline

from alerts.actions import OverError, UnknownError
from domain.errors import ConfigError
from domain.vocabulary import AlertState, CaseEntryKind, CaseStatus
from store import alerting, cases
from store.alert_tables import ALERT, SILENCE
from store.audit import lines
from store.engine import Store


@pytest.fixture
def line(store: Store) -> Timeline:
    return Timeline(store)


def test_one_look_is_no_alert_and_two_are(line: Timeline) -> None:
    """Nobody is told at the first look; at the second the alert opens and a case with it."""
    line.see(0, WARN)
    assert line.told == []
    assert line.held().state is AlertState.WATCHING
    line.see(5, WARN)
    assert line.kinds() == [(5, "opened")]
    with line.store.read() as conn:
        case = cases.case_of(conn, line.held().id or 0)
    assert case is not None
    assert (case["status"], case["due_at"] - line.now) == (CaseStatus.NEW, timedelta(hours=4))


def test_a_look_beyond_doubt_opens_at_once(line: Timeline) -> None:
    """A strong look needs no second one."""
    assert line.see(3, CRITICAL, strong=True).kinds() == [(3, "opened")]


def test_what_the_second_look_does_not_confirm_is_never_told(line: Timeline) -> None:
    """A single spike vanishes without a word."""
    assert line.see(0, WARN).see(5, None).wait(600).told == []
    assert line.causes() == ["seen", "vanished"]


def test_two_looks_a_day_apart_are_two_first_looks(line: Timeline) -> None:
    """A glimpse of long ago confirms nothing: the next look is a first one again, of a new affair."""
    first = line.see(0, WARN).held().key
    line.see(25 * 60, WARN)
    assert line.told == []
    assert line.held().key != first
    assert line.see(25 * 60 + 5, WARN).kinds() == [(25 * 60 + 5, "opened")]


def test_an_alert_that_nobody_takes_is_told_again_by_its_level(line: Timeline) -> None:
    """A warning is repeated after an hour, a critical one goes up the chain each quarter of an hour, a watch never."""
    line.see(0, WATCH, "theme:1", strong=True).see(0, WARN, "theme:2", strong=True)
    line.see(0, CRITICAL, "theme:3", strong=True).wait(61)
    assert line.kinds("theme:1") == [(0, "opened")]
    assert line.kinds("theme:2") == [(0, "opened"), (60, "repeated")]
    assert line.kinds("theme:3") == [(0, "opened"), *((at, "escalated") for at in (15, 30, 45, 60))]
    assert line.held("theme:3").memory["chain"] == 4


def test_reminders_end_at_last(line: Timeline) -> None:
    """Who has not reacted to eight reminders gets no ninth."""
    line.see(0, CRITICAL, strong=True).wait(600)
    assert len(line.told) == 9


def test_a_rise_is_told_at_once_and_a_fall_after_an_hour(line: Timeline) -> None:
    """Levels go up at the look that shows it, and down only after an hour below."""
    line.see(0, WARN, strong=True).see(5, CRITICAL)
    assert line.kinds() == [(0, "opened"), (5, "rose")]
    with line.store.write() as conn:
        line.hands.acknowledge(conn, line.held().key, "Sari", line.now)
    line.see(10, WATCH).see(60, WATCH)
    assert line.held().level is CRITICAL
    line.see(71, WATCH)
    assert line.held().level is WATCH
    assert len(line.told) == 2


def test_flapping_is_one_alert(line: Timeline) -> None:
    """What goes up and down across the threshold for hours is told once, with reminders, and never opened twice."""
    for minute in range(0, 170, 10):
        line.see(minute, WARN if minute % 20 else None, calm=False)
    assert [kind for _, kind in line.kinds()].count("opened") == 1
    assert {one.key for one in line.told} == {line.held().key}


def test_updates_come_at_most_each_half_hour_and_only_with_news(line: Timeline) -> None:
    """Growth by a fifth is told after half an hour; the same figures again are not."""
    line.see(0, WATCH, strong=True, count=10).see(10, WATCH, count=20).see(31, WATCH, count=20).see(62, WATCH, count=21)
    assert line.kinds() == [(0, "opened"), (31, "updated")]


def test_taken_alerts_are_quiet_until_they_are_left_alone(line: Timeline) -> None:
    """Acknowledging ends the reminders; after four hours without a deed it is nobody's again."""
    line.see(0, WARN, strong=True).wait(10)
    with line.store.write() as conn:
        line.hands.acknowledge(conn, line.held().key, "Sari", line.now)
        line.hands.acknowledge(conn, line.held().key, "Sari", line.now)
    line.wait(200)
    case = _case(line)
    assert (case["owner"], case["status"]) == ("Sari", CaseStatus.IN_PROGRESS)
    with line.store.write() as conn:
        line.hands.note(conn, case["id"], "Sudah ditelepon, tunggu gudang", "Sari", line.now)
    assert line.wait(439).kinds() == [(0, "opened")]
    assert line.wait(441).kinds() == [(0, "opened"), (440, "repeated")]
    assert line.causes() == ["strong", "acknowledged", "unattended"]


def test_a_taken_alert_that_rises_is_open_again(line: Timeline) -> None:
    """Who took a warning is told when it becomes critical."""
    line.see(0, WARN, strong=True).wait(5)
    with line.store.write() as conn:
        line.hands.acknowledge(conn, line.held().key, "Sari", line.now)
    assert line.see(20, CRITICAL).kinds() == [(0, "opened"), (20, "rose")]
    assert line.held().state is AlertState.OPEN


def test_a_snooze_lasts_until_its_time_or_a_critical_rise(line: Timeline) -> None:
    """A snoozed alert wakes at its time; a rise to critical wakes it before."""
    for subject in ("theme:1", "theme:2"):
        line.see(0, WATCH, subject, strong=True)
        with line.store.write() as conn:
            line.hands.snooze(conn, line.held(subject).key, START + timedelta(minutes=90), "Sari", line.now)
    line.see(30, WARN).see(40, WARN, "theme:2").see(50, CRITICAL, "theme:2").wait(95)
    assert line.kinds("theme:1") == [(0, "opened"), (90, "repeated")]
    assert line.kinds("theme:2")[:2] == [(0, "opened"), (50, "rose")]


def test_it_ends_by_itself_and_is_told_to_have_ended(line: Timeline) -> None:
    """Settled for three hours it is over, without another look; its case, which nobody began, is done."""
    line.see(0, WATCH, strong=True).see(30, None, settled=True)
    assert line.wait(209).held().state is AlertState.OPEN
    assert line.wait(211).kinds() == [(0, "opened"), (210, "resolved")]
    assert _case(line)["status"] is CaseStatus.DONE


def test_without_looks_nothing_calms(line: Timeline) -> None:
    """Late counters are no calm: an alert that is looked at no more stays open at its level."""
    line.see(0, WATCH, strong=True).wait(1_000)
    assert (line.held().state, line.held().level) == (AlertState.OPEN, WATCH)


def test_what_comes_back_within_a_day_keeps_its_key(line: Timeline) -> None:
    """Within a day it is reopened; after a day it is a new alert with a new key."""
    line.see(0, WATCH, strong=True).see(10, None, settled=True).wait(200)
    first = line.held().key
    line.see(800, WATCH, strong=True)
    assert line.told[-1].kind == "reopened"
    assert line.held().key == first
    assert _case(line)["status"] is CaseStatus.NEW
    line.see(810, None, settled=True).wait(1_000)
    line.see(1_000 + 24 * 60 + 10, WATCH, strong=True)
    assert line.told[-1].kind == "opened"
    assert line.held().key != first


def test_what_is_not_relevant_is_left_alone_for_a_day(line: Timeline) -> None:
    """A false alarm is silent at its level for a day, and heard again when it rises."""
    line.see(0, WARN, strong=True).wait(5)
    with line.store.write() as conn:
        line.hands.resolve(conn, line.held().key, "Sari", line.now, irrelevant=True)
    line.see(10, WARN, strong=True).see(20, WARN)
    assert line.kinds() == [(0, "opened"), (5, "resolved")]
    assert line.held().irrelevant
    assert _case(line)["status"] is CaseStatus.DONE
    assert line.see(30, CRITICAL).told[-1].kind == "reopened"


def test_a_wide_alert_speaks_for_those_that_it_covers(line: Timeline) -> None:
    """A post within an alerted issue is noted and not told, until the issue's alert is over."""
    line.see(0, WARN, "theme:1", strong=True).see(1, WARN, "mention:9", strong=True, within="theme:1")
    assert line.kinds("mention:9") == []
    assert line.causes("mention:9") == ["inhibited"]
    assert line.held("mention:9").covered_by == line.held("theme:1").id
    with line.store.write() as conn:
        line.hands.resolve(conn, line.held("theme:1").key, "Sari", line.now)
    line.see(6, WARN, "mention:9", within="theme:1")
    assert line.kinds("mention:9") == [(6, "opened")]


def test_a_worse_post_is_not_covered_by_a_milder_issue(line: Timeline) -> None:
    """A critical post speaks though its issue is only watched."""
    line.see(0, WATCH, "theme:1", strong=True).see(1, CRITICAL, "mention:9", strong=True, within="theme:1")
    assert line.kinds("mention:9") == [(1, "opened")]


def test_what_was_told_before_it_was_covered_is_never_opened_twice(line: Timeline) -> None:
    """A post that was told, then covered and risen, then uncovered, had one opening and is told its end."""
    line.see(0, WATCH, "mention:9", strong=True).see(2, WARN, "theme:1", strong=True)
    line.see(4, WARN, "mention:9", within="theme:1")
    with line.store.write() as conn:
        line.hands.resolve(conn, line.held("theme:1").key, "Sari", line.now)
    line.see(6, WARN, "mention:9", within="theme:1").see(8, None, "mention:9", settled=True).wait(190)
    assert [kind for _, kind in line.kinds("mention:9")].count("opened") == 1
    assert line.kinds("mention:9")[-1][1] == "resolved"


def test_silence_is_kept_and_then_broken_once(line: Timeline) -> None:
    """In a silence an alert is noted only; when the silence is over and it still lasts, it is told."""
    with line.store.write() as conn:
        row = {"brand_id": line.brand_id, "since": START, "until": START + timedelta(minutes=60)}
        conn.execute(SILENCE.insert().values(**row, made_by="Sari", why="pemeliharaan"))
    line.see(0, CRITICAL, strong=True).see(30, CRITICAL)
    assert (line.told, line.causes()) == ([], ["silenced"])
    assert line.see(65, CRITICAL).see(70, CRITICAL).kinds() == [(65, "opened")]


def test_a_restart_in_the_middle_changes_nothing(line: Timeline) -> None:
    """A new process goes on where the old one was: same key, no second opening, the same reminders."""
    line.see(0, WARN)
    line.restart()
    line.see(5, WARN)
    line.restart()
    line.see(10, WARN).wait(70)
    assert line.kinds() == [(5, "opened"), (65, "repeated")]


def test_what_was_seen_already_is_not_seen_again(line: Timeline) -> None:
    """Signals that come twice or late change nothing."""
    line.see(10, WARN).see(10, WARN).see(12, WARN, ago=5)
    assert line.told == []
    assert line.held().state is AlertState.WATCHING


def test_two_schedulers_open_one_alert(line: Timeline) -> None:
    """Two processes that see the same at the same moment make one alert, one case and one message."""
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: line.see(0, CRITICAL, strong=True), range(2)))
    with line.store.read() as conn:
        assert len(list(conn.execute(ALERT.select()))) == 1
    assert len(line.told) == 1


def test_what_was_over_when_it_was_found_wakes_nobody(line: Timeline) -> None:
    """What happened a day ago is noted; as soon as it is seen to last, it is told."""
    line.wait(5)
    line.see(6, CRITICAL, strong=True, ago=24 * 60)
    assert (line.told, line.causes()) == ([], ["past"])
    assert line.see(8, CRITICAL).kinds() == [(8, "opened")]


def test_the_sample_tells_of_its_past(store: Store) -> None:
    """Where the past is told, that is its opening and its end, without what came in between."""
    line = Timeline(store, tells_past=True)
    line.see(6, CRITICAL, strong=True, ago=24 * 60, count=10).see(7, CRITICAL, ago=23 * 60, count=90)
    line.see(8, None, settled=True, ago=20 * 60).see(9, None, settled=True, ago=16 * 60)
    assert line.kinds() == [(6, "opened"), (9, "resolved")]


def test_a_merged_issue_keeps_its_alert(line: Timeline) -> None:
    """An issue that turns out to be another one goes on under its name, or ends in the other's alert."""
    line.see(0, WARN, "theme:2", strong=True)
    with line.store.write() as conn:
        line.desk.move(conn, line.held("theme:2"), "theme:1", line.now, line.now)
    assert line.see(5, CRITICAL, "theme:1").kinds() == [(0, "opened"), (5, "rose")]
    line.see(6, WARN, "theme:3", strong=True)
    with line.store.write() as conn:
        line.desk.move(conn, line.held("theme:3"), "theme:1", line.now, line.now)
    assert line.held("theme:3").state is AlertState.RESOLVED
    assert line.held("theme:3").covered_by == line.held("theme:1").id


def test_people_are_told_in_a_sentence_what_cannot_be_done(line: Timeline) -> None:
    """Unknown alerts and cases, alerts that are over, times that are past and empty notes are refused in words."""
    line.see(0, WARN, strong=True)
    key = line.held().key
    with line.store.write() as conn:
        case = cases.case_of(conn, line.held().id or 0)
        assert case is not None
        with pytest.raises(UnknownError, match="There is no alert “nope”"):
            line.hands.acknowledge(conn, "nope", "Sari", line.now)
        with pytest.raises(UnknownError, match="There is no case 77"):
            line.hands.note(conn, 77, "apa", "Sari", line.now)
        with pytest.raises(ConfigError, match="still to come"):
            line.hands.snooze(conn, key, line.now, "Sari", line.now)
        with pytest.raises(ConfigError, match="nothing in it"):
            line.hands.note(conn, case["id"], " \x00 ", "Sari", line.now)
        line.hands.resolve(conn, key, "Sari", line.now)
        line.hands.resolve(conn, key, "Sari", line.now)
        with pytest.raises(OverError, match="is over"):
            line.hands.acknowledge(conn, key, "Sari", line.now)


def test_a_case_keeps_what_people_did_without_customers_numbers(line: Timeline) -> None:
    """Notes, answers, owner, due time and status stand in the timeline in order, masked, and in the audit."""
    line.see(0, WARN, strong=True)
    number = _case(line)["id"]
    with line.store.write() as conn:
        line.hands.set_owner(conn, number, "Budi", "Sari", line.now)
        line.hands.note(conn, number, "Nomornya 0812-3456-7890", "Budi", line.now)
        line.hands.reply(conn, number, "Mohon maaf, sudah kami ganti", "Budi", line.now)
        line.hands.set_due(conn, number, START + timedelta(days=1), "Budi", line.now)
        line.hands.set_status(conn, number, CaseStatus.DONE, "Budi", line.now)
        line.hands.set_status(conn, number, CaseStatus.DONE, "Budi", line.now)
        told = [(row["kind"], row["text"]) for row in cases.entries(conn, number)]
        audited = [one.action for one in lines(conn, 10)]
    assert [kind for kind, _ in told] == [
        *(CaseEntryKind.OWNER, CaseEntryKind.NOTE, CaseEntryKind.REPLY, CaseEntryKind.DUE, CaseEntryKind.STATUS)
    ]
    assert told[1][1] == "Nomornya [phone]"
    assert audited == [f"case {one}" for one in ("owner", "note", "reply", "due", "status")]
    assert line.held().owner == "Budi"
    assert line.held().state is AlertState.ACKNOWLEDGED


def _case(line: Timeline) -> dict[str, object]:
    with line.store.read() as conn:
        found = alerting.latest(conn, line.brand_id, line.held().reason, "theme:1")
        assert found is not None
        case = cases.case_of(conn, found["id"])
    assert case is not None
    return dict(case)
