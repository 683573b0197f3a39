"""What harm a complaint tells of, by the words that Indonesians tell it with.

Rules and not a model: each kind is rare (three in a hundred complaints), has few ways to be said, and a person must be
able to see why a complaint was taken for grave.
"""

import re

from domain.vocabulary import Severity

_GAP = r"[^.!?\n]{0,30}"
_NOT = r"(?:ga|gak|gk|nggak|ngga|enggak|tidak|tdk|belum|blm|blom)"
_WORDS = {
    Severity.SAFETY: (
        r"keracunan|\bdiare\b|muntah-muntah|(?:sampai|sampe|jadi|langsung|habis|abis) muntah",
        r"masuk (?:rs|rumah sakit|igd)\b|kecelakaan|terluka|luka bakar|(?<!alarm )(?<!pemadam )(?<!evakuasi )kebakaran",
        r"terbakar|korslet\w*|kesetrum|tersetrum|(?:hp|baterai|charger) meledak",
        r"belatung|(?:makanan|minuman|nasi|ayam|daging|susu|kopi|roti|kue)\w*\b[^.!?\n]{0,20}(?<!basa )\bbasi\b",
        rf"(?:makanan|minuman|kopi|produk|susu|obat)\w*\b{_GAP}\b(?:kadalu?[wr]s?arsa|kedaluwarsa|expired)",
        r"pelecehan|dilecehkan|melecehkan|dipukul\w*|pecahan kaca|beling",
    ),
    Severity.FRAUD: (
        r"\b(?:di|ke|ter|pe|me)?n?ipu(?:an|in)?\b|\bpenipu\w*|\bscam\w*|\b(?:di|ke)bobol\w*|pembobol\w*",
        r"(?:barang|produk|tiket|promo) palsu",
    ),
    Severity.DISCRIMINATION: (r"diskriminasi\w*|diskriminatif|\brasis\w*|\bintoleran\w*",),
    Severity.DATA_LEAK: (
        rf"\bdata\b{_GAP}\b(?:bocor|dibocor\w*|disalahgun\w*|dijual|tersebar|dicuri)|kebocoran data|bocor(?:nya)? data",
        r"\bdiretas\b|\b(?:kena|di) ?-?hack\b|\bakun\w* (?:saya |aku |gue |gw )?(?:dibajak|diambil alih)",
    ),
    Severity.MONEY_LOST: (
        rf"\b(?:saldo|uang|duit|dana|tabungan)\w*\b{_GAP}\b(?:hilang|raib|lenyap|ludes|hangus)",
        rf"\b(?:saldo|uang|duit|dana|tabungan)\w*\b{_GAP}\b{_NOT} (?:balik|kembali)",
        rf"\b(?:saldo|uang|dana)\w*\b[^.!?\n]{{0,12}}\b(?:ter|ke|di)(?:potong|debe?t|sedot)\w*|refund\w* {_NOT}\b",
        r"(?:ter|ke)(?:potong|debet|debit)\w* (?:dua kali|2 ?x|2 kali|dobel|double)",
        # What it was, and what became of it, often stand in two sentences.
        (
            r"\b(?:saldo|uang|dana|tabungan)\w*\b[^!?\n]{0,90}"
            r"\b(?:jadi|menjadi|tinggal|malah)\s+(?:nol|rp\.? ?0|0)\b(?![.,]\d)"
        ),
    ),
}
_KINDS = {kind: re.compile("|".join(patterns), re.IGNORECASE) for kind, patterns in _WORDS.items()}


def severities(text: str) -> frozenset[Severity]:
    """Return the kinds of harm that a complaint tells of; anger is the reader's to tell, and never among them."""
    return frozenset(kind for kind, words in _KINDS.items() if words.search(text))
