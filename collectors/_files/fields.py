"""The fields that a column can be mapped to, and the names that exports give their columns."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Field(StrEnum):
    """What a column can be mapped to: the names of ``domain.records``, and parts that exports keep apart."""

    TEXT = "text"
    TITLE = "title"
    PUBLISHED_AT = "published_at"
    TIME = "time"
    NATIVE_ID = "native_id"
    AUTHOR = "author"
    FOLLOWERS = "followers"
    ROLE = "role"
    STARS = "stars"
    PLATFORM = "platform"
    ABOUT = "about"
    URL = "url"
    LANGUAGE = "language"
    PARENT_ID = "parent_id"
    UPDATED_AT = "updated_at"
    LIKES = "likes"
    REPLIES = "replies"
    REPOSTS = "reposts"
    QUOTES = "quotes"
    VIEWS = "views"


# In the order of preference: a review's own words before a generic name, a platform's id before a running number.
NAMES: Final[Mapping[Field, str]] = {
    Field.TEXT: "text teks full_text tweet_text ulasan isi_ulasan isi review review_text review_body komentar comment "
    "comment_text pesan message content body tweet caption keluhan isi_keluhan aduan catatan transkrip transcript "
    "deskripsi description note notes summary feedback masukan saran post",
    Field.TITLE: "title judul subject perihal review_title judul_ulasan",
    Field.PUBLISHED_AT: "created_at published_at at date tanggal tgl datetime timestamp waktu created created_time "
    "published review_date tanggal_ulasan submission_date posted_at review_submit_date_and_time posted sent_at "
    "received_at call_date tanggal_telepon date_time time_created created_utc tanggal_waktu tanggal_jam "
    "last_modified time",
    Field.TIME: "jam pukul time waktu hour",
    Field.NATIVE_ID: "tweet_key tweet_id post_id review_id comment_id message_id native_id id_str id_ulasan "
    "id_tiket ticket_id nomor_tiket no_tiket call_id id uuid _id guid",
    Field.AUTHOR: "author_key author_id author user_id username user_name screen_name user nama_pengguna penulis "
    "nama nama_pelanggan name customer_name reviewer reviewer_nickname nickname akun account from pengirim sender "
    "nomor msisdn phone no_hp",
    Field.FOLLOWERS: "followers follower_count followers_count pengikut jumlah_pengikut",
    Field.ROLE: "is_brand_account is_brand role peran sender_type direction arah from_me",
    Field.STARS: "stars star bintang rating star_rating rating_bintang penilaian nilai score skor",
    Field.PLATFORM: "platform channel kanal media saluran network sumber source",
    Field.ABOUT: "about brand merek merk nama_merek brand_name",
    Field.URL: "url tautan link permalink post_url tweet_url review_link review_url",
    Field.LANGUAGE: "language lang bahasa reviewer_language",
    Field.PARENT_ID: "parent_id in_reply_to_id in_reply_to_status_id in_reply_to reply_to_id",
    Field.UPDATED_AT: "updated_at last_updated edited_at diperbarui review_last_update_date_and_time",
    Field.LIKES: "likes like_count likes_count favorite_count favorites thumbs_up thumbs_up_count suka jumlah_suka",
    Field.REPLIES: "replies reply_count replies_count comments_count comment_count balasan jumlah_balasan",
    Field.REPOSTS: "reposts retweets retweet_count repost_count shares share_count dibagikan",
    Field.QUOTES: "quotes quote_count kutipan",
    Field.VIEWS: "views view_count impression_count dilihat tayangan",
}
