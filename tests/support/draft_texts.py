"""Drafts as a person writes them."""

from __future__ import annotations

NOW = 1795510800  # 2026-11-24T09:00:00Z
IDS = {name: f"{place:064x}" for place, name in enumerate("abcdefghij", start=1)}

MANDATE = f"""
kembar = 2
type = "mandate"
registry = "{IDS['a']}"
powers = ["revoke", "approve"]
starts = 2026-12-01
ends = 2028-12-01T00:30:00+02:00

[parties]
model = "{IDS['b']}"
agency = "{IDS['c']}"

[money]
commission_bp = 2000
"""

RECEIPT = f"""
kembar = 2
type = "receipt"
registry = "{IDS['a']}"
consent = "{IDS['d']}"

[parties]
model = "{IDS['b']}"
licensee = "{IDS['c']}"
payees = ["{IDS['b']}"]
payer = "{IDS['c']}"
payee = "{IDS['b']}"

[money]
currency = "EUR"
amount = "480.00 EUR"
received_at = 2026-11-20T10:00:00Z

[evidence]
reference = "invoice 2026/7"
"""

CONSENT = f"""
kembar = 2
type = "consent"
registry = "{IDS['a']}"
at = 2026-11-24T08:00:00Z
act = "use"
twin = "{IDS['d']}"

[parties]
model = "{IDS['b']}"
licensee = "{IDS['c']}"
payees = ["{IDS['e']}", "{IDS['b']}"]

[terms]
description = "Still pictures of knitwear for the shop's own pages."
rights = ["likeness"]
purposes = ["lookbook", "ecommerce"]
categories = ["all"]
channels = ["social", "display"]
countries = ["FR", "DE"]
starts = 2026-12-01
ends = "2027-12-01"
late_window = "2 days"
notice = "36 hours"
sell_off = 3600
approval = "none"
language = "en"
delivered = 2026-11-20T10:00:00Z
advice = "union"

[terms.caps]
uses = 10

[money]
currency = "EUR"

[money.due]
from = "declared"
days = 30

[[money.fees]]
per = "flat"
amount = "1250.00 EUR"

[[money.fees]]
per = "use"
tiers = [{{ from = 0, amount = "40.00 EUR" }}, {{ from = 10, amount = "30.50 EUR" }}]

[[money.splits]]
payee = "{IDS['b']}"
kind = "model"
parts = 90

[[money.splits]]
payee = "{IDS['e']}"
kind = "crew"
parts = 10
"""
