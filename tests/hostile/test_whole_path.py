"""Hostile texts go the whole way, and none takes another with it."""

import json
from pathlib import Path

from domain.clock import now
from domain.text import TEXT_LENGTH
from simak.house import open_house
from simak.importing import options_from, stage
from simak.settings import Home, Secrets, read
from store.queries import health, inbox

BRANDS = '[[brands]]\nkey = "kita"\nname = "Kita"\nrole = "own"\naliases = ["kita"]\n'
HOSTILE = {
    "huge": "a" * 10_000_000,
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)> kopi <b>enak</b>",
    "formula": '=HYPERLINK("http://10.0.0.1/","klik")',
    "bidi": "kopi \u202eekane\u202c \u2066tersembunyi\u2069",
    "nul": "kopi\x00 pahit\x00",
    "emoji": "😡" * 5_000,
    "joined": "👨‍👩‍👧‍👦" * 500,
    "halves": "\ud83d kecewa \ude21",
    "zalgo": "k" + "\u0301" * 3_000 + "opi",
    "sql": "'; DROP TABLE mention; --",
    "template": "{{7*7}} ${7*7} %s %n",
    "controls": "kopi\x1b[2J\x07\x08 enak",
}
REFUSED = {"blank": " \n\t ", "only controls": "\x00\x01\u202e"}


def test_hostile_texts_pass_and_fail_nobody(tmp_path: Path, database_url: str) -> None:
    """Every hostile text is stored safely and read, what is no text is set aside, and good ones are untouched."""
    rows = [{"id": name, "text": text, "tanggal": "2026-11-20"} for name, text in (HOSTILE | REFUSED).items()]
    rows += [{"id": f"good {number}", "text": "kopinya enak, makasih", "tanggal": "2026-11-20"} for number in range(5)]
    rows += [{"id": "dated", "text": "kopi", "tanggal": "99999-99-99"}]
    (tmp_path / "in.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    secrets = Secrets(_env_file=None, database_url=database_url, pseudonym_key="a key for the tests only")
    home = Home(tmp_path, read(BRANDS, "simak.toml"), secrets, sample=False)
    options = options_from(home, None, by_query=False, given={"paths": (tmp_path / "in.jsonl",)})
    with open_house(home) as house:
        for one in house.stages([stage(house, options)]):
            one.run(house.store, now())
        with house.store.read() as conn:
            stored = inbox.mentions(conn, 1, inbox.matching(conn, inbox.Filter(brand_id=1)))
            standing = health.standing(conn)
            reasons = [item.reason for item in health.set_aside(conn, "import")]
    assert len(stored) == len(HOSTILE) + 5
    assert (standing.quarantined, standing.unread, standing.uncounted_days) == (len(REFUSED) + 1, 0, 0)
    assert all(reasons)
    assert max(len(one.text) for one in stored) == TEXT_LENGTH
    assert not any(set(one.text) & set("\x00\x1b\u202e\u2066\ud83d") for one in stored)
    assert len({one.impression for one in stored if one.text == "kopinya enak, makasih"}) == 1
    assert all(one.language for one in stored)
