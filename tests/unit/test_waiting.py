"""How long people say that they wait: real-looking sentences labelled by hand, and what holds for every text."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.products import product
from nlp.waiting import promised, waited

# A Wednesday afternoon in Jakarta.
NOW = datetime(2026, 11, 18, 15, 30, tzinfo=ZoneInfo("Asia/Jakarta"))
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WAITED = {
    "sudah 3 hari paket belum sampai juga min": 3 * DAY,
    "udh 2 minggu stnk gak keluar-keluar": 14 * DAY,
    "Udah dua bulan kartu ATM belum saya terima": 60 * DAY,
    "nunggu seminggu lebih tetep ga aktif": 7 * DAY,
    "sdh 3 hr blm ada kabar": 3 * DAY,
    "sejam lebih kaga nyampe": HOUR,
    "berhari-hari nunggu ga diproses": 2 * DAY,
    "berjam2 nunggu otp gak masuk": 2 * HOUR,
    "udah lewat 1x24 jam akun belum aktif": DAY,
    "sudah 3x24 jam belum juga diverifikasi": 3 * DAY,
    "3-4 hari stuck di gudang cirebon": 3 * DAY,
    "pengajuan saya sudah masuk hari ke 28, belum ada hasil": 28 * DAY,
    "ini udah H+5 dan modem belum dipasang": 5 * DAY,
    "30 menitan driver gak gerak": 30 * MINUTE,
    "2,5 jam makanan gak dateng": 2.5 * HOUR,
    "2 jam setengah nungguin pesanan": 2.5 * HOUR,
    "setengah jam antri belum dilayani": 30 * MINUTE,
    "seharian nunggu kurir ga dateng": 12 * HOUR,
    "pesen seminggu yang lalu sampe skrg blm dikirim": 7 * DAY,
    "isi pulsa dari kemarin belum masuk": DAY,
    "dari kemarin lusa saldo ga masuk": 2 * DAY,
    "kemarin saya transfer, sampai sekarang saldo belum masuk": DAY,
    "order minggu lalu belum dikirim": 7 * DAY,
    "sejak tanggal 3 belum aktif": 15 * DAY,
    "pesan tgl 28 sampai sekarang belum datang": 21 * DAY,
    "saya CO tgl 24 Oktober belum juga dikirim": 25 * DAY,
    "bayar 10/11 sampai hari ini belum aktif": 8 * DAY,
    "dari tanggal 8 ini sudah tanggal 16 belum datang": 8 * DAY,
    "nunggu paket dari tanggal 23okt sampe 7nov belom dateng": 15 * DAY,
    "dari tanggal 04-11-2026 saya pesan, hingga tanggal 09-11-2026 belum sampai": 5 * DAY,
    "dari jam 10 sampai jam 6 sore belum dikirim": 8 * HOUR,
    "psen jm 11 sampe jam 3 blm di cariin driver": 4 * HOUR,
    "pesan dari jam 1 siang sampai sekarang belum datang": 2.5 * HOUR,
    "dari pagi isi saldo belum masuk": 8.5 * HOUR,
    "dr semalam isi pulsa kaga masuk": 18.5 * HOUR,
    "paket ku dari jum'at stop di prabumulih": 5 * DAY,
    "dari awal bulan akun gak bisa dipakai": 17 * DAY,
    "Katanya 15menit,1 jam lebih juga belum sampai": HOUR,
    "kata nya 2 hari sampai dan 1 minggu belum juga sampai": 7 * DAY,
    "harusnya datang 3-4 hari harus delay sampai 10 hari": 10 * DAY,
    "nunggu estimasi 30mnt ditungguin sampe 1 jam lebih": HOUR,
    "SUDAH 15 HARI GAK SAMPAI2 !!!!": 15 * DAY,
    "sampe udah brp 3 hari ttp gakebaca": 3 * DAY,
    "udah hampir 2 mgg aktivasi pending": 14 * DAY,
    "pesan dari hari jumat sampai senin belum dikirim": 3 * DAY,
    "dari pagi sampai sore dicoba tetap gagal": 9 * HOUR,
    "paket udah dari 3 sampe sekarang ga dikirim": 15 * DAY,
    "waktu kirim paket tgl 7, padahal udah tgl 10": 3 * DAY,
    "harusnya 3h sampai ini 14h blm sampai": 14 * DAY,
    "udah lewat 24h saldo belum masuk": DAY,
    "udh nunggu ½ jam kode ga muncul": 30 * MINUTE,
    'berhari" paket stuck': 2 * DAY,
    "ditinggal tidur semaleman belum dikirim juga": 8 * HOUR,
    "nunggu 2 tahun belum jadi sertifikatnya": 730 * DAY,
    "baru top up 2 hari lalu, saldo belum masuk": 2 * DAY,
    "saya membeli paket tanggal 2 lalu, belum bisa dipakai": 16 * DAY,
    "it's been 3 days, still not activated": 3 * DAY,
    "2 hari kerja udah lewat, lebih dari 2 hari kerja belum aktif": 2 * DAY,
}
NOT_WAITED = [
    "katanya 1x24 jam aktif",
    "maksimal 3 hari kerja",
    "disuruh nunggu 2 hari lagi",
    "estimasi 5 hari",
    "cs bilang 2 hari kerja",
    "harus nunggu 2 hari kerja ???",
    "cs 24 jam tapi ga bales",
    "10 tahun pakai lazada baru kali ini kesal",
    "udah 3 bulan langganan tapi kok begini",
    "3 bulan sekali harus upgrade",
    "sehari 3x dicoba tetap gagal",
    "di toko sebelah tidak sampai 3 jam barang udah sampai",
    "bisa selesai satu hari?",
    "belum juga seminggu udah gak bisa login",
    "tanggal 5 bulan 3 saya ke sana",
    "paket data 4G 50 rb belum masuk",
    "otp gak masuk-masuk, tolong min",
    "sudah chat admin dari tadi belum dibalas",
    "jam 3 jemput ya",
    "kuota 30 hari belum bisa dipakai",
    "estimasi tiba tgl 20",
    "beli 3-4 item belum dikirim",
    "dah 3 tahun aku pake bank ini",
    "login setahun lalu lancar",
    "di sebelah 2 hari sampai",
    "dikasih waktu 3 menit",
    "nyuruh berkala nunggu 45 hari",
]


@pytest.mark.parametrize(("text", "length"), WAITED.items())
def test_a_stated_wait_is_found(text: str, length: timedelta) -> None:
    """The longest wait that a sentence states is what is returned."""
    assert waited(text, NOW) == length


@pytest.mark.parametrize("text", NOT_WAITED)
def test_what_is_no_wait_is_none(text: str) -> None:
    """Promises, opening hours, years as a customer, prices and habits are no waits."""
    assert waited(text, NOW) is None


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("katanya 1x24 jam, ini udah 3 hari", DAY),
        ("maksimal 3 hari kerja", 3 * DAY),
        ("dijanjikan 2 minggu sampai", 14 * DAY),
        ("sudah 3 hari", None),
    ],
)
def test_a_promise_is_told_apart(text: str, length: timedelta | None) -> None:
    """What was promised is no wait, and a wait no promise."""
    assert promised(text) == length


@given(st.text(max_size=300))
def test_any_text_is_taken(text: str) -> None:
    """No text fails, and a wait is longer than nothing and no longer than five years."""
    found = waited(text, NOW)
    assert found is None or timedelta() < found <= timedelta(days=5 * 365)


@given(st.integers(2, 99), st.sampled_from(["hari", "jam", "minggu", "hr", "mgg"]), st.sampled_from(["sudah", "udh"]))
def test_any_number_of_units_is_that_long(number: int, unit: str, word: str) -> None:
    """N units are N times the unit, glued to the number or not, in capitals or not."""
    one = {"jam": HOUR, "hari": DAY, "hr": DAY, "minggu": 7 * DAY, "mgg": 7 * DAY}[unit]
    for text in (f"{word} {number} {unit} belum", f"{word} {number}{unit} BELUM".upper()):
        assert waited(text, NOW) == number * one


@given(st.dates(NOW.date() - 200 * DAY, NOW.date() - DAY))
def test_any_date_is_counted_from(day: object) -> None:
    """A full date is that many days ago, whichever way it is written."""
    assert waited(f"pesan tanggal {day:%d-%m-%Y} belum sampai", NOW) == NOW.date() - day  # type: ignore[operator]


PRODUCTS = {"Kartu Senja": ("senja card",), "Senja": (), "Kopi Literan": ("literan", "1 liter")}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("kartu-senjanya belum aktif", "Kartu Senja"),
        ("SENJA CARD gw mana", "Kartu Senja"),
        ("senja belum dikirim", "Senja"),
        ("pesan literan 2", "Kopi Literan"),
        ("beli senjata", None),
        ("", None),
    ],
)
def test_a_product_is_found_by_its_names(text: str, name: str | None) -> None:
    """A product is found by any of its names as words of their own; the longest name wins."""
    assert product(text, PRODUCTS) == name


def test_without_products_none_is_found() -> None:
    """A brand without products, or one with a name of signs only, finds none."""
    assert product("kartu", {}) is None
    assert product("kartu", {"!!": ()}) is None
