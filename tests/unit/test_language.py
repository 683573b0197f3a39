"""Which language a text is in."""

import pytest

from nlp.language import COVERED, UNKNOWN, detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("aplikasinya bagus tapi loading lama sekali di jam sibuk", "id"),
        ("min gmn nih kok gabisa login dr td pagi, udh dicoba brkali2", "id"),
        ("Saya sangat berpuas hati dengan perkhidmatan yang diberikan oleh kedai ini", "id"),
        ("Pelayanane apik tenan, mbake grapyak lan panganane enak banget", "jv"),
        ("Kuring mah resep pisan ka ieu warung, dahareunana ngeunah pisan euy", "su"),
        ("the staff were friendly but the room smelled of smoke all night", "en"),
    ],
)
def test_covered_languages_are_named(text: str, language: str) -> None:
    """Indonesian (Malay with it), Javanese, Sundanese and English are told apart."""
    assert detect(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "这个品牌的服务太差了我再也不会买了请大家不要购买这个品牌的任何东西",
        "El servicio es muy malo y no lo recomiendo a nadie",
        "บริการแย่มาก ไม่แนะนำให้ใครใช้เลย",
        "Обслуживание ужасное, больше никогда сюда не приду",
        "الخدمة سيئة جدا ولن أشتري منهم مرة أخرى",
    ],
)
def test_plainly_foreign_texts_are_not_covered(text: str) -> None:
    """A sentence plainly in another language is named as such and not covered."""
    assert detect(text) not in COVERED


@pytest.mark.parametrize("text", ["mantap", "ok", "👍👍", "@user @user [url] [phone]", "", "good job min"])
def test_short_texts_name_no_language(text: str) -> None:
    """Below twenty letters, masks not counted, the language is unknown."""
    assert detect(text) == UNKNOWN


@pytest.mark.parametrize(
    "text",
    [
        "wkwkwkwk anjirrr lemot bgt sumpah ga boong",
        "Respon & shipping lamaaa bgt",
        "My telkomsel ni napaaa dahhh",
        "kopken less sugar best bgt nder hahaha",
        "yg open cv pulsa via top up dmn ya kak?",
        "gokil sih promo buy 1 get 1 nya, auto checkout",
    ],
)
def test_slang_is_never_thrown_out(text: str) -> None:
    """Informal, code-mixed Indonesian is always in a covered language."""
    assert detect(text) in COVERED
