"""The closed lists of words that terms are written in (docs/rules.md, "Vocabularies").

Rights and channels are AdCP's enumerations ``right-use`` and ``channels`` (adcontextprotocol/adcp @4439b1871,
Apache-2.0). Countries are ISO 3166-1 alpha-2. The categories, being many, are in :mod:`verifier.statements.categories`.
The manipulations, rights, channels and countries that a section may *spell* are not limited to these lists: an unknown
code makes the rules that read it UNKNOWN (``bad_terms``); it does not make the disclosure wrong.
"""

from __future__ import annotations

from typing import Final

PURPOSES: Final = ("advertising", "ecommerce", "editorial", "internal", "lookbook", "pitch", "portfolio")
PLACEMENTS: Final = ("creator", "organic", "owned", "paid")
PROFILES: Final = ("equity-uk", "eu", "ny", "open", "sag-aftra")

RIGHTS: Final = frozenset(
    "ai_generated_image background_music catchphrase commercial editorial endorsement likeness motion_capture name "
    "signature sync voice".split()
)

CHANNELS: Final = frozenset(
    "affiliate cinema ctv display dooh email gaming influencer linear_tv olv ooh podcast print product_placement radio "
    "retail_media search social sponsored_intelligence streaming_audio".split()
)

ONLINE_CHANNELS: Final = frozenset(
    "affiliate display email gaming influencer olv podcast search social streaming_audio".split()
)
"""Channels that reach the whole world unless the use is ``targeted`` (rule A9)."""

MANIPULATIONS: Final = frozenset(
    "age background body-shape face-swap garment hair lighting lingerie nudity pose skin-tone speech voice".split()
)

COUNTRIES: Final = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO
    JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR
    MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO
    RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV
    TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
    """.split()
)

EU_COUNTRIES: Final = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()
)
"""The 27 member states, where the EU AI Act's art. 50(4) asks for a label (rule A15)."""
