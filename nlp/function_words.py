"""Words that every complaint has, whatever it is about: Indonesian function words, written as people write them."""

from typing import Final

FUNCTION_WORDS: Final = frozenset(
    """
    yang dan dari dengan untuk pada dalam oleh ini itu ada adalah akan sudah udah udh telah belum blm masih lagi lgi
    juga jg saja aja hanya cuma tidak tdk nggak ngga gak enggak bukan bisa bsa dapat mau pengen ingin harus perlu kalau
    kalo klo jika bila karena karna krn soalnya tapi tetapi namun atau serta agar supaya sangat banget bgt sekali amat
    lebih paling terlalu saya sya aku gue gua kami kita kamu anda dia mereka nya apa apakah kenapa knp mengapa gimana
    bagaimana kapan dimana mana siapa kok sih deh dong lah kan yah min kak admin mohon tolong tlg terima kasih makasih
    maaf padahal malah terus trus jadi jdi sama buat pas saat ketika waktu setelah sebelum sampai sampe hingga kali hari
    jam menit tiap setiap semua banyak sedikit begini begitu gini gitu seperti kayak kaya macam bahwa yaitu para sang
    lain baru lama makin semakin malahan user url the and for you that this with not have are was
    """.split()  # noqa: SIM905 - a list of words reads better as one
)
