"""All lists of words that terms are written in, to be searched, and what somebody who wrote another word meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Final

from verifier.base.currencies import EXPONENTS
from verifier.statements.categories import ancestors
from verifier.statements.vocabulary import (
    CHANNELS,
    COUNTRIES,
    MANIPULATIONS,
    ONLINE_CHANNELS,
    PROFILES,
    PURPOSES,
    RIGHTS,
)
from verifier.words.category_names import CATEGORY_NAMES

MOST = 3
"""Suggestions for one word."""
CLOSE = 0.72
"""How alike two words are of which one is taken for the other (difflib's ratio)."""

_SAID: Final[Mapping[str, Mapping[str, str]]] = {
    "channels": {
        "affiliate": "partner",
        "cinema": "movie theatre",
        "ctv": "netflix smart-tv",
        "display": "banner web website webpage homepage online internet",
        "dooh": "screens digital billboard",
        "email": "newsletter mail mailing",
        "gaming": "game games roblox twitch",
        "influencer": "creator",
        "linear_tv": "tv television broadcast",
        "olv": "youtube video vimeo",
        "ooh": "billboard poster outdoor",
        "print": "magazine newspaper flyer catalogue catalog brochure",
        "retail_media": "shop store amazon zalando tokopedia shopee ecommerce",
        "search": "google bing",
        "social": "instagram tiktok facebook meta snapchat pinterest linkedin threads twitter whatsapp",
        "streaming_audio": "spotify music",
    },
    "manipulations": {
        "background": "scene location",
        "body-shape": "body weight size waist slimming",
        "face-swap": "face",
        "garment": "garments clothes clothing outfit dress",
        "lighting": "light",
        "pose": "posture movement",
        "skin-tone": "skin colour color",
        "speech": "talk lipsync",
    },
    "purposes": {"advertising": "ad ads campaign marketing", "ecommerce": "shop webshop", "editorial": "news press"},
    "rights": {"likeness": "face photo picture image portrait", "motion_capture": "motion movement", "voice": "audio"},
}
"""Vocabulary -> code -> other words for it."""


def _names() -> Iterator[tuple[str, dict[str, str]]]:
    yield "rights", dict.fromkeys(sorted(RIGHTS), "")
    yield "purposes", dict.fromkeys(PURPOSES, "")
    yield "channels", {one: "online" if one in ONLINE_CHANNELS else "" for one in sorted(CHANNELS)}
    yield "manipulations", dict.fromkeys(sorted(MANIPULATIONS), "")
    yield "categories", {
        code: " > ".join([*(CATEGORY_NAMES[above] for above in reversed(ancestors(code))), name])
        for code, name in CATEGORY_NAMES.items()
    }
    yield "countries", dict.fromkeys(sorted(COUNTRIES), "")
    yield "profiles", dict.fromkeys(PROFILES, "")
    yield "currencies", {code: f"{EXPONENTS[code]} decimals" for code in sorted(EXPONENTS)}


VOCABULARIES: Final[Mapping[str, Mapping[str, str]]] = dict(_names())
"""Vocabulary -> code -> what it is called, where that is more than the code; of a category with those above it."""


def search(word: str) -> Iterator[tuple[str, str, str]]:
    """(vocabulary, code, name) of every code that has the word in it, in its name, or is meant by it."""
    wanted = word.casefold().strip()
    for vocabulary, names in VOCABULARIES.items():
        close = set(meant(word, vocabulary))
        for code, name in names.items():
            if code in close or wanted in code.casefold() or wanted in name.casefold():
                yield vocabulary, code, name


def meant(word: str, vocabulary: str) -> list[str]:
    """The codes that somebody probably meant who wrote a word that is none, the likeliest first."""
    names = VOCABULARIES[vocabulary]
    wanted = word.casefold().strip().replace("_", " ").replace("-", " ")
    said = {code.casefold().replace("_", " ").replace("-", " "): [code] for code in names}
    for code, words in _SAID.get(vocabulary, {}).items():
        for one in words.split():
            said.setdefault(one, []).append(code)
    if vocabulary == "categories":
        for code in names:
            said.setdefault(CATEGORY_NAMES[code].casefold(), []).append(code)
    close = [] if wanted.isdigit() else get_close_matches(wanted, said, MOST, CLOSE)
    found = dict.fromkeys(code for one in (wanted, *close) for code in said.get(one, ()))
    if vocabulary == "categories" and len(wanted) > 2:
        found |= dict.fromkeys(code for code in names if wanted in CATEGORY_NAMES[code].casefold())
    return list(found)[:MOST]


def called(vocabulary: str, code: str) -> str:
    """A code with its own name, if it has one: ``1059 (Clothing)``."""
    return f"{code} ({CATEGORY_NAMES[code]})" if vocabulary == "categories" else code
