"""The words of an e-mail: charsets that lie, headers that are broken, history that is cut."""

import time

import pytest

from collectors._email_text import decoded, header, own_words, topic, unpacked

KELUHAN = "Pesanan saya belum sampai, padahal sudah “dikirim” 3 hari lalu… café"


@pytest.mark.parametrize(
    ("data", "charset", "expected"),
    [
        (KELUHAN.encode(), "utf-8", KELUHAN),
        (KELUHAN.encode("cp1252"), "windows-1252", KELUHAN),
        (KELUHAN.encode("cp1252"), "utf-8", KELUHAN),
        (KELUHAN.encode("cp1252"), "us-ascii", KELUHAN),
        (KELUHAN.encode("cp1252"), "iso-8859-1", KELUHAN),
        (KELUHAN.encode(), "iso-8859-1", KELUHAN),
        (KELUHAN.encode(), "us-ascii", KELUHAN),
        (KELUHAN.encode(), "x-unknown", KELUHAN),
        (KELUHAN.encode(), "utf8mb4", KELUHAN),
        (KELUHAN.encode(), "rot13", KELUHAN),
        (KELUHAN.encode(), "zip", KELUHAN),
        (KELUHAN.encode(), "", KELUHAN),
        (KELUHAN.encode(), "\x00 utf-8 \udcff", KELUHAN),
        ("“Café” 3 hari – parah".encode("cp1252"), "", "“Café” 3 hari – parah"),
        ("Kopi enak – sekali…".encode().decode("cp1252").encode(), "utf-8", "Kopi enak – sekali…"),
        ("咖啡很好".encode("gb18030"), "gb2312", "咖啡很好"),
        ("コーヒー".encode("iso-2022-jp"), "iso-2022-jp", "コーヒー"),
        ("кофе".encode("koi8-r"), "koi8-r", "кофе"),
        (b"+AKM-100", "utf-7", "£100"),
    ],
)
def test_bytes_become_the_text_that_was_written(data: bytes, charset: str, expected: str) -> None:
    """Text is read as it was written, whatever charset the message claims."""
    assert decoded(data, charset) == expected


@pytest.mark.parametrize("charset", ["utf-8", "us-ascii", "", "windows-1252"])
def test_a_letter_that_is_cut_in_two_is_left_out(charset: str) -> None:
    """The beginning of a long text may end within a letter, which is then left out."""
    assert decoded("Parah “banget” 😡".encode()[:-1], charset, cut=True) == "Parah “banget” "


def test_any_bytes_become_some_text() -> None:
    """Bytes that are no text in any charset are still no failure."""
    assert isinstance(decoded(bytes(range(256)) * 40, "utf-8"), str)
    assert decoded(b"", "") == ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"Keluhan: kopi dingin", "Keluhan: kopi dingin"),
        (b"=?utf-8?B?S29waSDwn5iiIGRpbmdpbg==?=", "Kopi 😢 dingin"),
        (b"=?utf-8?Q?Kopi_di?= =?utf-8?Q?ngin_=F0=9F=98?=\r\n =?utf-8?Q?=A2?=", "Kopi dingin 😢"),
        (b"=?utf-8?Q?Caf\xc3\xa9?=", "Café"),
        (b"=?iso-8859-1?Q?Caf=E9?= di Bandung", "Café di Bandung"),
        (b"=?utf-8?Q?Caf=E9?=", "Café"),
        (b"=?x-unknown?B?S29waQ==?=", "Kopi"),
        (b"=?utf-8?B?S29wa?=", "=?utf-8?B?S29wa?="),
        ("Kopi “basi”".encode(), "Kopi “basi”"),
        ("Kopi “basi”".encode("cp1252"), "Kopi “basi”"),
        (b"=?utf-8?Q?Kopi?= \xe2\x80\x9cbasi\xe2\x80\x9d", "Kopi “basi”"),
        (b"  Kopi\r\n\tdingin  ", "Kopi dingin"),
    ],
)
def test_headers_are_read_however_they_are_encoded(value: bytes, expected: str) -> None:
    """A header in encoded words, in bare bytes or in broken ones is read as far as it can be."""
    assert header(value) == expected


@pytest.mark.parametrize(
    ("data", "packing", "expected"),
    [
        (b"S29waSBkaW5naW4=", "base64", b"Kopi dingin"),
        (b"S29waSBk\r\naW5naW4", "base64", b"Kopi dingin"),
        (b"S29waSBkaW5na", "base64", b"Kopi ding"),
        (b"Caf=C3=A9 enak=\r\n sekali", "quoted-printable", "Café enak sekali".encode()),
        (b"100% enak =ZZ", "quoted-printable", b"100% enak =ZZ"),
        (b"apa adanya", "8bit", b"apa adanya"),
        (b"apa adanya", "x-nonesuch", b"apa adanya"),
    ],
)
def test_packed_bytes_are_unpacked(data: bytes, packing: str, expected: bytes) -> None:
    """Packed bytes are unpacked, cut off or broken ones as far as they go."""
    assert unpacked(data, packing) == expected


OWN = "Barang saya rusak, mohon diganti.\nSudah 3 kali begini."

HISTORIES = [
    "On Thu, 19 Nov 2026 at 10:00, CS Kopi <cs@kopi.example> wrote:\n> Halo Kak,\n>\n> Ada yang bisa dibantu?",
    "On Thu, 19 Nov 2026 at 10:00, CS Kopi Kita yang panjang namanya\n<cs@kopi.example> wrote:\n\n> Halo Kak",
    "Pada tanggal Kam, 19 Nov 2026 pukul 10.00 CS Kopi <cs@kopi.example> menulis:\n\n> Halo Kak",
    "Pada Kamis, 19 November 2026 10.00.00 WIB, CS Kopi <cs@kopi.example> menulis:\n\nHalo Kak, tanpa tanda kutip.",
    "2026-11-19 10:00 GMT+07:00 CS Kopi <cs@kopi.example>:\n> Halo Kak",
    "-----Original Message-----\nFrom: CS Kopi\nHalo Kak",
    "-----Pesan Asli-----\nDari: CS Kopi\nHalo Kak",
    "---------- Forwarded message ---------\nFrom: CS\nHalo Kak",
    "________________________________\nFrom: CS Kopi <cs@kopi.example>\nSent: Thursday\nTo: Sari\nSubject: x\n\nHalo",
    "Dari: CS Kopi <cs@kopi.example>\nDikirim: Kamis, 19 November 2026 10.00\nKepada: Sari\nHal: x\n\nHalo Kak",
    "*Dari:* CS Kopi\n*Tanggal:* Kamis\nHalo",
    "-- \nSari, 0812-0000-0000\nJl. Mawar 1",
    "--\nSari",
    "> Halo Kak,\n> ada yang bisa dibantu?",
    "Dikirim dari iPhone saya",
    "Sent from my Samsung Galaxy smartphone.",
    "Dapatkan Outlook untuk Android",
    "Dikirim dari Yahoo Mail di Android\n\nPada Kam, 19 Nov 2026 pukul 10:00, CS<cs@kopi.example> menulis:   Halo Kak",
]


@pytest.mark.parametrize("history", HISTORIES)
def test_history_and_signatures_are_cut(history: str) -> None:
    """What an answer quotes, and what stands under every mail of a writer, is not what the writer says."""
    said = own_words(f"{OWN}\n\n{history}\n", "plain")
    assert said.replace("________________________________", "").strip() == OWN


def test_an_answer_below_what_it_quotes_is_kept() -> None:
    """Words below and between quoted lines are the writer's own."""
    text = (
        "On Thu, 19 Nov 2026, CS <cs@kopi.example> wrote:\n> Sudah sampai?\n\nBelum.\n\n> Mau refund?\n\nMau, segera."
    )
    assert own_words(text, "plain") == "Belum.\n\nMau, segera."


@pytest.mark.parametrize(
    "text",
    [
        "Pada kemasan tertulis halal.\nOn the box it says 3 pcs:\nternyata 2.",
        "> 3 hari belum sampai juga",
        "Dikirim dari gudang Bekasi tanggal 3.",
        "Dari: Jakarta ke Bandung lama sekali",
        "Harganya 10.000 -- mahal",
    ],
)
def test_what_only_looks_like_history_is_kept(text: str) -> None:
    """A line that resembles a mark of quoting is kept when it is the customer's own."""
    assert own_words(text, "plain") == text


@pytest.mark.parametrize(
    "quoted",
    [
        '<div class="gmail_quote"><div class="gmail_attr">On … wrote:</div><blockquote>Halo Kak</blockquote></div>',
        '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> CS</div><div>Halo Kak</div>',
        '<blockquote type="cite">Halo Kak</blockquote>',
        '<div class="yahoo_quoted">Halo Kak</div>',
        '<div class="moz-cite-prefix">Am 19.11.26 schrieb CS:</div><blockquote type="cite">Halo</blockquote>',
        '<div style="border-top:solid #E1E1E1 1.0pt"><p><b>From:</b> CS<br><b>Sent:</b> Kamis</p></div><p>Halo Kak</p>',
        '<div class="gmail_signature">Sari</div>',
    ],
)
def test_quoted_blocks_of_html_are_cut(quoted: str) -> None:
    """What Gmail, Outlook, Yahoo, Apple and Thunderbird quote in HTML is cut, style sheets are never read."""
    style = f"<style>{'p { color: red } ' * 500}</style>"
    page = f"<html><head>{style}</head><body><p>Barang saya <b>rusak</b>.</p><p>Tolong!</p>{quoted}</body></html>"
    assert own_words(page, "html") == "Barang saya rusak.\nTolong!"


def test_quoted_blocks_within_quoted_blocks_are_cut() -> None:
    """A block that is quoted for several reasons, around others that are, goes once and whole, however often."""
    block = '<div id="appendonsend"></div><div id="divRplyFwdMsg" class="gmail_quote yahoo_quoted">{}</div>'
    nested = "<style>x</style>"
    for _ in range(30):
        nested = block.format(f'<svg><style>y</style></svg><blockquote type="cite">{nested}</blockquote>')
    for _ in range(200):
        assert own_words(f"<p>Rusak.</p>{nested}", "html") == "Rusak."


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Re: Keluhan", "Keluhan"),
        ("RE: FW: Bls: Keluhan", "Keluhan"),
        ("Re[2]: Keluhan", "Keluhan"),
        ("Rekomendasi kopi", "Rekomendasi kopi"),
        ("Re:", ""),
    ],
)
def test_marks_of_answering_are_dropped(subject: str, expected: str) -> None:
    """A subject is told without “Re:” and its like."""
    assert topic(subject) == expected


@pytest.mark.parametrize(
    "text", ["on 1 " * 14_000, "On 1\n" * 14_000, "> " * 30_000, "From: a\n" * 8_000, "Re: " * 15_000, "-" * 60_000]
)
def test_hostile_text_is_cut_quickly(text: str) -> None:
    """Text made to be slow to look through is looked through in a moment."""
    begun = time.perf_counter()
    own_words(text, "plain")
    topic(text)
    assert time.perf_counter() - begun < 2
