"""A draft of every kind of statement, as a person writes it, and the statement that it makes."""

from __future__ import annotations

from registry.drafting.drafts.reading import complete, parse_draft
from registry.intake.submission import Submission
from verifier.base.private_keys import SigningKey

NOW = 1795510800  # 2026-11-24T09:00:00Z
REGISTRY, MODEL, BRAND, CREW, AGENCY, TWIN = (f"{place:064x}" for place in range(1, 7))
HEAD = f'kembar = 2\nregistry = "{REGISTRY}"\n'

CONSENT = f"""{HEAD}
type = "consent"
act = "use"
twin = "{TWIN}"
under = "{CREW}"
[parties]
model = "{MODEL}"
licensee = "{BRAND}"
agency = "{AGENCY}"
payees = ["{MODEL}", "{CREW}"]
[terms]
description = "Still pictures of knitwear\\nfor the shop's own pages."
rights = ["likeness"]
purposes = ["ecommerce"]
categories = ["all"]
channels = ["display"]
countries = ["DE"]
starts = 2026-12-01
ends = 2027-12-01
notice = "7 days"
approval = "none"
language = "en"
delivered = 2026-11-20
advice = "union"
[terms.caps]
uses = 10
[money]
currency = "EUR"
due = {{ from = "declared", days = 30 }}
fees = [
  {{ per = "flat", amount = "1250.00 EUR" }},
  {{ per = "image", tiers = [{{ from = 0, amount = "EUR 40" }}, {{ from = 10, amount = "EUR 30" }}], above = 5 }},
]
[[money.splits]]
payee = "{MODEL}"
kind = "model"
parts = 90
gross_bp = 12200
via = "{AGENCY}"
[[money.splits]]
payee = "{CREW}"
kind = "crew"
parts = 10
[exclusive]
categories = ["1093"]
channels = ["display"]
countries = ["DE"]
starts = 2026-12-01
ends = 2027-12-01
except = ["{AGENCY}"]
"""

_FEES = """
  { per = "flat", amount = "EUR 5", owed = "every", months = 1, first = 2027-01-01, rata = true, recoup = "period" },
  { per = "flat", amount = "EUR 5", owed = "every", days = 30 },
  { per = "flat", amount = "EUR 5", owed = "on", at = 2027-01-01, recoup = "all", due_days = 1 },
  { per = "flat", amount = "EUR 5", owed = "signed", for = "exclusive" },
  { per = "day", amount = "EUR 7", once = true, above = 2, channels = ["display"], countries = ["DE"] },
  { per = "value", bp = 750, purposes = ["ecommerce"], placements = ["owned"] },
"""
_NAMED = f'model = "{MODEL}", licensee = "{BRAND}", payees = ["{MODEL}"]'
SECTIONS = (
    CONSENT.replace("fees = [", f"fees = [{_FEES}")
    .replace('approval = "none"', f'approval = "each"\nrun.months = 3\nsilence = 5\nmemo = "{CREW}"\nproducts = ["a"]')
    .replace("[exclusive]", "[exclusive]\nrelease = \"3 days\"")
    .replace("due = {{", "break = {{ notice = \"2 hours\" }}\ndue = {{"),
    f"""{HEAD}type = "consent"
act = "create"
parties = {{ model = "{MODEL}", maker = "{BRAND}" }}
[terms]
description = "Scans of the face and photographs."
methods = ["photo", "scan"]
starts = 2026-12-01
ends = 2026-12-03
language = "id"
delivered = 2026-11-20
advice = "none"
""",
    f"""{HEAD}type = "usage"
consent = "{TWIN}"
twin = "{CREW}"
assets = ["{CREW}", "{TWIN}"]
parties = {{ {_NAMED} }}
[terms]
rights = ["likeness"]
channels = ["display"]
countries = ["WORLD"]
purpose = "ecommerce"
category = "1093"
starts = 2026-12-01
ends = 2026-12-03
targeted = true
units = {{ images = 1234567, days = 1 }}
""",
    f"""{HEAD}type = "report"
consent = "{TWIN}"
usage = "{CREW}"
parties = {{ {_NAMED} }}
[terms]
images = 12
lines = [{{ channel = "display", country = "DE", impressions = 10000 }}]
""",
    f"""{HEAD}type = "mandate"
powers = ["approve", "revoke"]
starts = 2026-12-01
ends = 2027-12-01
parties = {{ model = "{MODEL}", agency = "{AGENCY}" }}
money.commission_bp = 1250
""",
    f"""{HEAD}type = "payment"
consent = "{TWIN}"
parties = {{ {_NAMED}, payer = "{BRAND}", payee = "{MODEL}" }}
evidence.reference = "invoice 2026/7"
[money]
currency = "IDR"
amount = "IDR 1000.50"
settled_at = 2026-11-20T10:00:00Z
lines = [{{ for = "{CREW}", amount = "IDR 1000.50" }}]
""",
    f"""{HEAD}type = "dispute"
consent = "{TWIN}"
of = ["{CREW}", "{TWIN}"]
tag = "quality"
parties = {{ author = "{MODEL}", {_NAMED} }}
evidence = {{ where = "a shop", seen_at = 2026-11-20T10:00:00Z, note = "two\\nlines \\u202e" }}
""",
)
"""Every kind of section, with members that few have."""

TEXTS = {
    "party": f"""{HEAD}type = "party"
roles = ["model"]
keys = ["{SigningKey(bytes(32)).public.hex()}"]
recovery = {{ keys = ["{SigningKey(bytes([1] * 32)).public.hex()}"], threshold = 1 }}
person.name = "Ayu"
""",
    "add": f'{HEAD}type = "key"\nadd = ["{CREW}"]\nparties.author = "{MODEL}"\n',
    "retire": f'{HEAD}type = "key"\nretire = ["{CREW}"]\nparties.author = "{MODEL}"\n',
    "recover": f'{HEAD}type = "key"\nkeys = ["{CREW}"]\nparties.author = "{MODEL}"\n',
    "guardian": f"""{HEAD}type = "guardian"
until = 2028-04-01
parties = {{ model = "{MODEL}", guardian = "{BRAND}" }}
""",
    "reject": f"""{HEAD}type = "approval"
consent = "{TWIN}"
assets = ["{CREW}"]
decision = "reject"
parties = {{ model = "{MODEL}", guardian = "{AGENCY}", licensee = "{BRAND}", payees = ["{MODEL}"] }}
""",
    "approve under a mandate": f"""{HEAD}type = "approval"
consent = "{TWIN}"
assets = ["{CREW}"]
decision = "approve"
under = "{REGISTRY}"
parties = {{ model = "{MODEL}", author = "{AGENCY}", licensee = "{BRAND}", payees = ["{MODEL}"] }}
""",
    "end a mandate": f"""{HEAD}type = "revocation"
mandate = "{TWIN}"
effective = 2026-12-01
ground = "withdrawal"
parties = {{ model = "{MODEL}", agency = "{AGENCY}" }}
""",
    "suspension": f"""{HEAD}type = "suspension"
consent = "{TWIN}"
effective = 2026-12-01
ground = "strike"
parties = {{ model = "{MODEL}", union = "{AGENCY}", licensee = "{BRAND}", payees = ["{MODEL}"] }}
""",
    "return": f"""{HEAD}type = "adjustment"
consent = "{TWIN}"
kind = "return"
of = ["{CREW}"]
parties = {{ model = "{MODEL}", payer = "{BRAND}", payee = "{MODEL}", licensee = "{BRAND}", payees = ["{MODEL}"] }}
money = {{ currency = "EUR", amount = "0.01 EUR" }}
""",
    "resumption of a ward's consent": f"""{HEAD}type = "resumption"
consent = "{TWIN}"
effective = 2026-12-01
parties = {{ model = "{MODEL}", guardian = "{CREW}", licensee = "{BRAND}", payees = ["{MODEL}"] }}
""",
    "resumption that a union may sign": f"""{HEAD}type = "resumption"
consent = "{TWIN}"
effective = 2026-12-01
parties = {{ model = "{MODEL}", guardian = "{CREW}", union = "{AGENCY}", payees = ["{MODEL}"] }}
""",
    "ward's receipt": f"""{HEAD}type = "receipt"
consent = "{TWIN}"
parties = {{ model = "{MODEL}", guardian = "{CREW}", payer = "{BRAND}", payee = "{MODEL}", payees = ["{MODEL}"] }}
money = {{ currency = "EUR", amount = "0.01 EUR", received_at = 2026-12-01 }}
evidence = {{ reference = "K1" }}
""",
    "receipt of another payee": f"""{HEAD}type = "receipt"
consent = "{TWIN}"
parties = {{ model = "{MODEL}", payer = "{BRAND}", payee = "{CREW}", payees = ["{CREW}"] }}
money = {{ currency = "EUR", amount = "0.01 EUR", received_at = 2026-12-01 }}
evidence = {{ reference = "K1" }}
""",
    "ward's dispute": f"""{HEAD}type = "dispute"
consent = "{TWIN}"
of = ["{TWIN}"]
tag = "other"
parties = {{ model = "{MODEL}", guardian = "{CREW}", author = "{MODEL}", payees = ["{MODEL}"] }}
""",
    "dispute of another": f"""{HEAD}type = "dispute"
consent = "{TWIN}"
of = ["{TWIN}"]
tag = "other"
parties = {{ model = "{MODEL}", author = "{CREW}", payees = ["{CREW}"] }}
""",
    "ward's first keys": f"""{HEAD}type = "key"
keys = ["{CREW}"]
recovery = {{ keys = ["{BRAND}"], threshold = 1 }}
parties = {{ author = "{MODEL}", guardian = "{AGENCY}" }}
""",
    "erasure": f"""{HEAD}type = "erasure"
of = "{MODEL}"
erased = ["person"]
ground = "request"
parties.author = "{MODEL}"
""",
}


def made(text: str) -> Submission:
    return complete(parse_draft(text), text, NOW)
