"""Every word that labels, tests, pages and exports share: one stored key, one label a language, one definition.

The definitions restate the labelling guideline that the reader is trained by.
"""

from enum import StrEnum
from typing import Self


class Word(StrEnum):
    """A stored key that carries its Indonesian and English label and what it means (in English)."""

    label_id: str
    label_en: str
    definition: str

    def __new__(cls, key: str, label_id: str = "", label_en: str = "", definition: str = "") -> Self:
        """Make the member: the string value is the key, the rest are attributes; looking one up needs the key alone."""
        word = str.__new__(cls, key)
        word._value_ = key
        word.label_id, word.label_en, word.definition = label_id, label_en, definition
        return word

    def label(self, language: str) -> str:
        """Return the label in ``"id"`` or ``"en"``; any other language reads English."""
        return self.label_id if language == "id" else self.label_en


class Impression(Word):
    """What the experience makes the writer do to the brand's name, from Boo to WOW (MarkPlus' scale)."""

    BOO = "BOO", "Boo", "Boo", "Furious or contemptuous: turns others against the brand."
    ARRGH = "ARRGH", "Arrgh", "Arrgh", "Disappointed or annoyed, but turns nobody against the brand."
    OK = "OK", "OK", "OK", "As expected, or takes no side: a question, a fact, news, an even mix."
    AHA = "AHA", "AHA", "AHA", "Impressed or pleased: satisfied, approves, thanks, finds it works."
    WOW = "WOW", "WOW", "WOW", "Surprised and delighted: speaks for the brand, recommends it to others."

    @property
    def level(self) -> int:
        """The ordered value, -2 (Boo) to +2 (WOW)."""
        return tuple(Impression).index(self) - 2

    @classmethod
    def of_level(cls, level: int) -> "Impression":
        """Return the impression of a level from -2 to +2."""
        return tuple(cls)[level + 2]


class Abstention(Word):
    """Why the reader gives a text no impression."""

    UNSURE = "unsure", "kurang yakin", "unsure", "No impression is likely enough to be named."
    LANGUAGE = "language", "bahasa lain", "other language", "The text is in a language that the reader does not cover."
    NOTHING = "nothing", "tidak ada kata", "nothing to read", "The text has neither a letter nor an emoji."


class Stage(Word):
    """How far the text shows its writer to be on the 5A path, in the path's order (Kotler, Marketing 4.0)."""

    AWARE = "AWARE", "Tahu", "Aware", "Knows of the brand, with no want, question, use or advice."
    APPEAL = "APPEAL", "Tertarik", "Appeal", "Is drawn to it or wants it, and has not got it."
    ASK = "ASK", "Bertanya", "Ask", "Asks, compares or looks for facts before deciding or about how to get it."
    ACT = "ACT", "Membeli", "Act", "Buys, uses or has used it, or is being served."
    ADVOCATE = "ADVOCATE", "Menganjurkan", "Advocate", "Speaks to others for or against it: the impression tells which."

    @property
    def step(self) -> int:
        """Position on the path, 1 (Aware) to 5 (Advocate)."""
        return tuple(Stage).index(self) + 1


class TouchPoint(Word):
    """The point of contact that the text is about; a text has none, one or two."""

    PRODUCT_INFORMATION = (
        "PRODUCT_INFORMATION",
        "Informasi produk",
        "Product information",
        "Facts the brand gives or fails to give: terms, description, promo, advertising.",
    )
    RESPONSE = "RESPONSE", "Respons", "Response", "How the brand answers: service, admin, call centre."
    PROCEDURE = (
        "PROCEDURE",
        "Prosedur",
        "Procedure",
        "Steps and rules: registration, verification, refund, claim, payment, cancellation.",
    )
    BRANCH_LOCATION = "BRANCH_LOCATION", "Lokasi cabang", "Branch location", "A physical place: outlet, ATM, building."
    SALES_OFFICER = (
        "SALES_OFFICER",
        "Petugas",
        "Sales officer",
        "A person of the brand: seller, teller, courier, driver, waiter.",
    )
    WAITING_TIME = "WAITING_TIME", "Waktu tunggu", "Waiting time", "Time: delivery, queue, delay, slow process."
    PRODUCT_QUALITY = (
        "PRODUCT_QUALITY",
        "Mutu produk",
        "Product quality",
        "The thing itself: works or breaks, taste, signal, features, bugs.",
    )
    PRICE = "PRICE", "Harga", "Price", "Cost, fee, promo value, cashback, shipping fee, worth the money."


class Journey(Word):
    """When, on the way from before the purchase to after it."""

    PRE_PURCHASE = "PRE_PURCHASE", "Sebelum beli", "Before purchase", "Before buying or signing up."
    ENCOUNTER = "ENCOUNTER", "Saat beli", "During purchase", "While buying, paying, waiting for delivery or served."
    POST_PURCHASE = "POST_PURCHASE", "Setelah beli", "After purchase", "Owning, using, after-sales."
    NONE = "NONE", "Tidak disebut", "Not told", "The text does not tell."


class Platform(Word):
    """Where a mention was said: what a reader recognises, whichever collector brought it."""

    X = "x", "X", "X", "Posts on X."
    INSTAGRAM = "instagram", "Instagram", "Instagram", "Posts and comments on Instagram."
    FACEBOOK = "facebook", "Facebook", "Facebook", "Posts and comments on Facebook."
    TIKTOK = "tiktok", "TikTok", "TikTok", "Comments on TikTok."
    YOUTUBE = "youtube", "YouTube", "YouTube", "Comments on YouTube."
    THREADS = "threads", "Threads", "Threads", "Posts on Threads."
    REDDIT = "reddit", "Reddit", "Reddit", "Posts and comments on Reddit."
    BLUESKY = "bluesky", "Bluesky", "Bluesky", "Posts on Bluesky."
    MASTODON = "mastodon", "Mastodon", "Mastodon", "Posts on Mastodon."
    TELEGRAM = "telegram", "Telegram", "Telegram", "Messages in chats that invited the bot."
    WHATSAPP = "whatsapp", "WhatsApp", "WhatsApp", "Messages to the brand's WhatsApp number."
    GOOGLE_PLAY = "google_play", "Google Play", "Google Play", "Reviews of the brand's app."
    APP_STORE = "app_store", "App Store", "App Store", "Reviews of the brand's app."
    MAPS = "maps", "Google Maps", "Google Maps", "Reviews of a branch."
    MARKETPLACE = "marketplace", "Lokapasar", "Marketplace", "Reviews of products in an online shop."
    NEWS = "news", "Berita", "News", "News articles."
    FORUM = "forum", "Forum", "Forum", "Letters and threads in a public forum."
    EMAIL = "email", "E-mail", "E-mail", "Messages to the brand's mailbox."
    SMS = "sms", "SMS", "SMS", "Text messages to the brand."
    CALL_CENTRE = "call_centre", "Pusat panggilan", "Call centre", "Notes of calls with the brand."
    REVIEW = "review", "Ulasan", "Review", "Reviews of any other origin."
    OTHER = "other", "Lainnya", "Other", "Anything else."


class SourceFault(Word):
    """What can be wrong with a source although nobody has changed anything here."""

    NO_ANSWER = "no_answer", "tidak menjawab", "no answer", "It has not answered within twice its interval."
    DRIFT = "drift", "format berubah", "format drift", "More than one item in twenty cannot be understood."
    SILENCE = "silence", "mendadak sepi", "sudden silence", "It brings less than a tenth of what it usually does."
    HOLLOW = "hollow", "halaman kosong", "empty pages", "It answers with empty pages that name a next one."


class Severity(Word):
    """What makes fewer people enough for a snowball: harm of a kind that nobody forgives."""

    SAFETY = "safety", "Keselamatan", "Safety", "Somebody was hurt or fell ill, or might have."
    FRAUD = "fraud", "Penipuan", "Fraud", "Somebody says that they were cheated."
    DISCRIMINATION = "discrimination", "Diskriminasi", "Discrimination", "Somebody was treated worse for who they are."
    DATA_LEAK = "data_leak", "Kebocoran data", "Data leak", "Data or an account came into others' hands."
    MONEY_LOST = "money_lost", "Uang hilang", "Money lost", "Money went and what it paid for, or itself, did not come."
    ANGER = "anger", "Amarah", "Anger", "Most who speak are furious rather than sad: anger is what people pass on."


class AlertReason(Word):
    """What an alert is about."""

    SNOWBALL = "snowball", "Bola salju", "Snowball", "A complaint or an issue is about to reach many people."
    MENTION = "mention", "Mention baru", "New mention", "A mention matches a rule that somebody set."
    VOLUME = "volume", "Lonjakan mention", "Volume shift", "Far more or fewer mentions than is usual at this hour."
    IMPRESSION = "impression", "Kesan bergeser", "Impression shift", "Impressions are worse or better than usual."
    USE_GAP = "use_gap", "Lonjakan belum bisa dipakai", "Use-gap surge", "More people bought and cannot use it yet."
    AUTHOR = "author", "Penulis berpengaruh", "Influential author", "Press or somebody with many followers complains."
    COMPETITOR = "competitor", "Peristiwa pesaing", "Competitor event", "A competitor's complaints or volume surge."
    SOURCE = "source", "Sumber bermasalah", "Source failure", "A source does not listen as it should."
    STALE = "stale", "Pembacaan tertunda", "Stale readings", "Counters or readings are late: growth may go unseen."


class AlertLevel(Word):
    """How urgent an alert is, in rising order."""

    WATCH = "watch", "Amati", "Watch", "Worth a look in the day's work."
    WARN = "warn", "Waspada", "Warn", "Somebody should look within the hour."
    CRITICAL = "critical", "Kritis", "Critical", "Somebody should act now, also at night."

    @property
    def step(self) -> int:
        """Position in the order, 1 (watch) to 3 (critical)."""
        return tuple(AlertLevel).index(self) + 1


class AlertState(Word):
    """Where an alert is on its way."""

    WATCHING = "watching", "Diamati", "Watching", "Seen once; a second look decides. Nobody has been told."
    OPEN = "open", "Terbuka", "Open", "Told, and nobody has taken it yet."
    ACKNOWLEDGED = "acknowledged", "Ditangani", "Acknowledged", "Somebody has taken it."
    SNOOZED = "snoozed", "Ditunda", "Snoozed", "Put off by somebody until a time."
    RESOLVED = "resolved", "Selesai", "Resolved", "Over, by itself or by somebody's word."


class AlertCause(Word):
    """Why an alert changed its state or level, or why nothing was sent."""

    SEEN = "seen", "pertama terlihat", "first seen", "It crossed its threshold at one look."
    SECOND_LOOK = "second_look", "dua kali terlihat", "two looks", "It crossed its threshold at two looks in a row."
    STRONG = "strong", "sangat jelas", "beyond doubt", "One look was strong enough, or the reach has been passed."
    VANISHED = "vanished", "tidak terulang", "not seen again", "The second look did not confirm the first."
    ROSE = "rose", "naik", "rose", "Its level rose."
    FELL = "fell", "turun", "fell", "Its level has been lower for an hour."
    UPDATED = "updated", "diperbarui", "updated", "Its figures changed and half an hour has passed."
    REPEATED = "repeated", "diulang", "repeated", "Nobody has taken it in time."
    ESCALATED = "escalated", "diteruskan", "escalated", "Nobody took it in time: the next in the chain is told."
    ACKNOWLEDGED = "acknowledged", "ditangani", "acknowledged", "Somebody took it."
    UNATTENDED = "unattended", "tanpa tindakan", "unattended", "It was taken and nothing was done for four hours."
    ASSIGNED = "assigned", "ditugaskan", "assigned", "Somebody was made its owner."
    SNOOZED = "snoozed", "ditunda", "snoozed", "Somebody put it off."
    WOKEN = "woken", "penundaan habis", "snooze over", "The time it was put off for is over."
    NOT_RELEVANT = "not_relevant", "tidak relevan", "not relevant", "Somebody says that it is a false alarm."
    RESOLVED = "resolved", "diselesaikan", "resolved", "Somebody says that it is over."
    CALMED = "calmed", "mereda", "calmed", "It stopped growing by itself."
    REOPENED = "reopened", "dibuka lagi", "reopened", "It came back within a day of being over."
    INHIBITED = "inhibited", "tercakup alert lain", "covered by another", "An alert about more covers it."
    SILENCED = "silenced", "dibungkam", "silenced", "A silence that somebody set covers it."
    PAST = "past", "sudah berlalu", "in the past", "It was over for hours when it was found: in an archive, or late."
    MERGED = "merged", "digabung", "merged", "Its issue turned out to be another one's."


class MessageKind(Word):
    """What a message tells."""

    OPENED = "opened", "Alert baru", "New alert", "An alert was opened."
    ROSE = "rose", "Naik tingkat", "Level raised", "An alert's level rose."
    UPDATED = "updated", "Perkembangan", "Update", "An open alert's figures changed."
    REPEATED = "repeated", "Pengingat", "Reminder", "Nobody has taken an alert."
    ESCALATED = "escalated", "Eskalasi", "Escalation", "Nobody took an alert, and the next person is told."
    REOPENED = "reopened", "Dibuka lagi", "Reopened", "An alert that was over is back."
    RESOLVED = "resolved", "Selesai", "Resolved", "An alert is over."
    DIGEST = "digest", "Rangkuman pagi", "Morning digest", "What came in quiet hours."
    SUMMARY = "summary", "Rangkuman", "Summary", "What came after a person's limit of messages was reached."
    REPORT = "report", "Laporan mingguan", "Weekly report", "The week of a brand, with its files."
    TEST = "test", "Uji coba", "Test", "A trial of the way to a person."


class Priority(Word):
    """How soon a mention should be looked after, in rising order."""

    LOW = "low", "Rendah", "Low", "When there is time."
    NORMAL = "normal", "Biasa", "Normal", "In its turn."
    HIGH = "high", "Tinggi", "High", "Before others."
    URGENT = "urgent", "Mendesak", "Urgent", "Now."


class Archetype(Word):
    """The shape that the steps from Aware to Advocate draw (Kotler, Kartajaya, Setiawan, Marketing 4.0)."""

    DOOR_KNOB = "door_knob", "Gagang pintu", "Door knob", "Bought without much asking: commitment high, curiosity low."
    GOLDFISH = "goldfish", "Ikan mas", "Goldfish", "Much asked before it is bought: curiosity above all."
    TRUMPET = "trumpet", "Terompet", "Trumpet", "Advocated by more than buy it: affinity above all."
    FUNNEL = "funnel", "Corong", "Funnel", "Every step is passed, by fewer at each."


class UserRole(Word):
    """What somebody who uses Simak may do."""

    VIEWER = "viewer", "Pembaca", "Viewer", "Reads the pages and the weekly report."
    MANAGER = "manager", "Manajer", "Manager", "Takes alerts, cases and mentions in hand as well."
    ANALYST = "analyst", "Analis", "Analyst", "Corrects labels and exports rows as well."
    ADMIN = "admin", "Admin", "Admin", "Changes settings and users, and sees where a mention came from."


class CaseStatus(Word):
    """How far people have come with a case."""

    NEW = "new", "Baru", "New", "Nobody works on it yet."
    IN_PROGRESS = "in_progress", "Dikerjakan", "In progress", "Somebody works on it."
    WAITING = "waiting", "Menunggu", "Waiting", "It waits for somebody else."
    DONE = "done", "Selesai", "Done", "There is nothing left to do."


class CaseEntryKind(Word):
    """What stands in the timeline of a case or of a mention in hand."""

    ALERT = "alert", "Alert", "Alert", "What became of the alert."
    STATUS = "status", "Status", "Status", "The status was changed."
    OWNER = "owner", "Penanggung jawab", "Owner", "The owner was changed."
    PRIORITY = "priority", "Prioritas", "Priority", "The priority was changed."
    TAG = "tag", "Tag", "Tag", "A tag was put on (+) or taken off (-)."
    DUE = "due", "Tenggat", "Due", "The due time was changed."
    NOTE = "note", "Catatan", "Note", "What somebody noted."
    REPLY = "reply", "Balasan", "Reply", "What the brand answered, and when."


class Role(Word):
    """Whose voice a mention is; advocacy counts customers only."""

    CUSTOMER = "customer", "Pelanggan", "Customer", "A member of the public."
    BRAND = "brand", "Akun merek", "Brand account", "The brand's own account or agent."
    PRESS = "press", "Media", "Press", "A newsroom."
