"""What the model sees of a text: the same function before training and before reading."""

import html
import re

from domain.text import gate

# The encoder sees at most 96 tokens, so four thousand characters are more than enough to choose them from.
HEAD, TAIL = 3_000, 1_000

_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_URL = re.compile(r"(?:https?://|www\.|pic\.twitter\.com/|t\.co/)\S+", re.IGNORECASE)
_EMAIL = re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_HANDLE = re.compile(r"(?<![\w@])@\w{1,50}")
_HANDLES = re.compile(r"(?:@user\s+){3,}")
_PHONE = re.compile(r"(?<![\w.])(?:\+62|62|0)8\d[\d -]{6,13}\d\b")
_NUMBER = re.compile(r"\d{10,}")
# What the store masks has no word of its own in the training data: there all of these are long numbers.
_MASKED = re.compile(r"\[(?:nik|npwp|kk|card|account)\]")
# Joiners, variation selectors and skin tones multiply emoji without changing what they say.
_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]")
_RUN = re.compile(r"(\S)\1{3,}")


def clean(text: str) -> str:
    """Return a text as the model is shown it: masked, unescaped, single-spaced, runs capped at three.

    Links, addresses, handles, phone and long numbers stand as ``[url]``, ``[email]``, ``@user``, ``[phone]`` and
    ``[number]``, as in the labelled data. Case and emoji stay: both carry feeling. Of a text longer than
    ``HEAD + TAIL`` characters the beginning and the end are kept, for the verdict often comes last.
    """
    if len(text) > HEAD + TAIL:
        text = f"{text[:HEAD]} {text[-TAIL:]}"
    text = _TAG.sub(" ", gate(html.unescape(text)))
    text = _mask(text)
    text = _RUN.sub(r"\1\1\1", _INVISIBLE.sub("", text))
    return " ".join(_HANDLES.sub("@user @user ", text).split())


def _mask(text: str) -> str:
    """Replace what names a person or a place on the net by the word that the training data has for it."""
    text = _EMAIL.sub("[email]", _URL.sub("[url]", text))
    text = _HANDLE.sub("@user", text)
    return _MASKED.sub("[number]", _NUMBER.sub("[number]", _PHONE.sub("[phone]", text)))
