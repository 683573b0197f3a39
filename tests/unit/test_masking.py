"""Private numbers and addresses leave a text before it is stored; everything else in it stays."""

import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.masking import mask
from domain.masking.documents import is_card, is_nik, is_npwp, luhn
from nlp.clean import clean
from store.writes import masked

MASKED = """
wa 0812-3456-7890 atau +62 812 3456 7890 | wa [phone] atau [phone]
hubungi 081234567890, bukan 0813 9876 5432 ya | hubungi [phone], bukan [phone] ya
(+62)81234567890 dan +62 (0)812 3456 7890 | [phone] dan [phone]
62-812-3456-7890 / 0812.3456.7890 / 0812–3456–7890 | [phone] / [phone] / [phone]
nomorku 6281283544441 kak | nomorku [phone] kak
telp (021) 555 1234 ya | telp [phone] ya
hub 021-5551234/0274512345 | hub [phone]/[phone]
telepon . 022 - 2033172 fax . 022 - 2038829 enak | telepon . [phone] fax . [phone] enak
kantornya 0361 223344 atau 62 21 5551234 | kantornya [phone] atau [phone]
dari luar negeri: +1 415 555 2671, +60123456789, +65 6123 4567 | dari luar negeri: [phone], [phone], [phone]
wa 8123456789 dong | wa [phone] dong
telp 5551234 saja | telp [phone] saja
chat https://wa.me/6281234567890?text=halo ya | chat https://wa.me/[phone]?text=halo ya
wa.me/6281234567890 | wa.me/[phone]
https://api.whatsapp.com/send?phone=6281234567890&text=hai | https://api.whatsapp.com/send?phone=[phone]&text=hai
kirim ke a.b+c@mail.example.co.id, makasih | kirim ke [email], makasih
NIK 3171014502900001, mohon dicek | NIK [nik], mohon dicek
ktp saya 3578.0112.0785.0003 | ktp saya [nik]
3171-0145-0290-0001 dan 317101 450290 0001 | [nik] dan [nik]
data saya 9601011703990002 sudah terdaftar | data saya [nik] sudah terdaftar
NIK salah ketik 1234567890123456 | NIK salah ketik [nik]
no kk 3171011502100001 dan nik 3171014502900001 | no kk [kk] dan nik [nik]
kartu keluarga: 3171011502100001 | kartu keluarga: [kk]
npwp 01.234.567.8-901.000 | npwp [npwp]
NPWP: 012345678901000 | NPWP: [npwp]
pajak 0012345674901000 belum masuk | pajak [npwp] belum masuk
kartu 4111 1111 1111 1111 ketolak | kartu [card] ketolak
kartu 4111-1111-1111-1111 123 | kartu [card] 123
5500005555555559, 378282246310005, 3530111333300000 | [card], [card], [card]
no rek bca 1234567890 an Budi | no rek bca [account] an Budi
rekening BRI 0020-01-123456-50-1 | rekening BRI [account]
norek . 7106418181 bank syariah | norek . [account] bank syariah
rek mandiri 1370012345678 | rek mandiri [account]
rek, tak telpon 081234567890 ora diangkat | rek, tak telpon [phone] ora diangkat
081234567890 3171014502900001 0813 1234 5678 4111 1111 1111 1111 | [phone] [nik] [phone] [card]
"""
KEPT = """
harga Rp 1.250.000, order 20261122-001, jam 08.30
Rp1.500.000 sampai Rp 15.000.000,- sebulan
rekening saya kepotong 12500000, balikin
rekening kepotong Rp 150.000.000 tanggal 22-11-2026 12.30
beli hp 2500000 baru sebulan rusak
call 1500-888 atau 14045 atau 0800-1-123456, nggak diangkat
resi 0212345678 belum sampai
resi JP1234567890, SPXID012345678901, 001234567890
pesanan 2411227ABCDEFG dan INV/20241122/MPL/3948572934
no order 402345678901234 dibatalkan sepihak
tanggal 22-11-2026 10.30 sampai 2026-11-23 08:30
buka 07.30-21.00, 0730-0945 khusus member
https://x.com/a/status/1881234567890123456 dan 1881234567890123456
https://tokopedia.com/p/0812345678901 https://kompas.com/read/3171014502900001
skor 021-022, versi 0.8123456789, IP 192.168.100.200
3171013002900001 bukan tanggal, 1071014502900001 bukan provinsi
4111111111111112 salah satu angka
@kopikita #promo1111 diskon 50% s/d 31/12/2026 untuk 1.000.000 pembeli
menang 3-0 lawan 2-1, total 1234567 suara
"""


@pytest.mark.parametrize("line", MASKED.strip().splitlines())
def test_what_identifies_a_person_is_masked(line: str) -> None:
    """Each private number or address is replaced by what it is, and nothing around it."""
    text, expected = line.split(" | ")
    assert mask(text) == expected
    assert mask(expected) == expected


@pytest.mark.parametrize("text", KEPT.strip().splitlines())
def test_what_identifies_nobody_stays(text: str) -> None:
    """Prices, dates, order and tracking numbers, hotlines and the digits of links stay as they are."""
    assert mask(text) == text


digits = st.text("0123456789", min_size=1, max_size=20)
dates = st.dates().map(lambda day: (day.day, day.month, day.year % 100))


@given(dates, st.booleans(), st.sampled_from([11, 31, 35, 73, 91, 96]), st.integers(0, 9999))
def test_every_nik_is_masked(date: tuple[int, int, int], woman: bool, province: int, serial: int) -> None:
    """A NIK of any region, birthday and sex is masked wherever it stands in a sentence."""
    day, month, year = date
    nik = f"{province}7101{day + 40 * woman:02}{month:02}{year:02}{serial:04}"
    assert is_nik(nik)
    assert mask(f"ini {nik}, tolong") == "ini [nik], tolong"


@given(st.sampled_from(["4", "51", "2221", "36", "34", "3528", "62", "1946"]), st.text("0123456789", min_size=20))
def test_a_card_is_known_by_its_last_digit(begin: str, rest: str) -> None:
    """Of the ten numbers that differ in their last digit exactly one is a card."""
    length = {"36": 14, "34": 15}.get(begin, 16)
    body = (begin + rest)[: length - 1]
    assert sum(is_card(body + last) for last in "0123456789") == 1


@given(
    st.text("0123456789", min_size=7, max_size=9),
    st.sampled_from(["0", "62", "+62", "+62 "]),
    st.sampled_from("123589"),
)
def test_every_mobile_number_is_masked(rest: str, begin: str, operator: str) -> None:
    """A mobile number of any operator is masked in each of its usual forms, and told from the words around it."""
    assert mask(f"wa {begin}8{operator}{rest} ya") == "wa [phone] ya"


@given(st.text(st.sampled_from("0123456789 .-+()/@abcdenorkwa:,Rp\n"), max_size=80))
@example("rekening 4111 1111 1111 1111 111")
def test_masking_settles(text: str) -> None:
    """Masking what is masked changes nothing more once two numbers that a mask parted have been seen apart."""
    once = mask(text)
    assert mask(once) == mask(mask(once))


@given(digits)
def test_no_bare_number_breaks_the_checks(number: str) -> None:
    """The checks answer for any run of digits."""
    assert {is_nik(number), is_npwp(number), is_card(number), luhn(number)} <= {True, False}


def test_a_long_text_is_masked_in_little_time() -> None:
    """Neither digits nor separators without end make masking slow: no expression goes back over what it has read."""
    for piece in ("0812 ", "1-", "+6 ", "(0", "rekening ", "a@", "4111 ", "no rek 1.", "www.", "3.1"):
        mask(piece * (25_000 // len(piece)))


def test_raw_items_are_masked_but_their_ids() -> None:
    """Every string of a raw item is masked, behind a line break too; a source's own number for it stays."""
    raw = {"id": "3171014502900001", "text": "hubungi\n081234567890", "to": [{"wa_id": "6281234567890"}]}
    assert masked(raw) == '{"id": "3171014502900001", "text": "hubungi\\n[phone]", "to": [{"wa_id": "[phone]"}]}'


def test_the_reader_takes_every_mask_for_a_long_number() -> None:
    """A masked number reads as the long number that it was, so that masking changes no verdict."""
    assert clean("nik 3171014502900001 ditolak") == clean(mask("nik 3171014502900001 ditolak"))
    assert clean("[npwp] [kk] [card] [account]") == "[number] " * 3 + "[number]"
    assert clean("[phone] [email] [url] [number]") == "[phone] [email] [url] [number]"


def test_help_does_not_load_the_telephone_book() -> None:
    """Showing the commands, or masking a text without a landline, imports no table of telephone numbers."""
    code = "import sys, simak.cli, domain.masking as m; m.mask('wa 081234567890'); print('phonenumbers' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
