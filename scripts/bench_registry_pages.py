"""How long a registry's own pages take for readers of one model with many uses: the first after a start, and again.

    scripts/bench_registry_pages.py                   2,000 usages under 20 consents, three starts for each page
    scripts/bench_registry_pages.py --usages 200 --starts 1

Server time alone, in this process, each page asked by the party whose it is, and each as the first after a start of its
own: nothing is at hand but the templates, which a server reads in its first two seconds. What has to be added up is
worked out beside, so that the page says so (``worked_out_ms`` is until it is there). *Again* is once it is kept. Of
several starts the median is told.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from flask.testing import FlaskClient  # noqa: E402

from registry.web.pages.rendering import read_templates  # noqa: E402
from tests.support.served import Served  # noqa: E402
from tests.support.signed_requests import app_at, asking_as  # noqa: E402
from tests.support.world import Actor  # noqa: E402
from verifier.programs.collecting import settle  # noqa: E402
from verifier.statements.types import SECTION_NAMES  # noqa: E402

CONSENTS = 20
NAMES = ("first_ms", "worked_out_ms", "again_ms", "bytes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--usages", type=int, default=2_000, metavar="N", help="of one model's twin")
    parser.add_argument("--starts", type=int, default=3, metavar="N", help="for each page")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(pages(Path(folder) / "registry", options.usages, options.starts)))


def pages(root: Path, usages: int, starts: int) -> dict[str, object]:
    """Of each page milliseconds and bytes, and of all the largest."""
    served = Served(root)
    found = {}
    for who, paths in made(served, usages):
        for path in paths:
            each = [started(served, who, path) for _ in range(starts)]
            found[path.split("?")[0]] = {name: median(one[name] for one in each) for name in NAMES}
    served.service.close()
    return {"usages": usages, **{name: max(one[name] for one in found.values()) for name in NAMES}, "pages": found}


def started(served: Served, who: Actor, path: str) -> dict[str, float]:
    """A page as the first after a start."""
    served.reopen()
    settle()
    app = app_at(served.service)
    read_templates(app)
    try:
        return measured(asking_as(app, who), path)
    finally:
        gc.unfreeze()


def measured(client: FlaskClient, path: str) -> dict[str, float]:
    began = time.perf_counter()
    answer = client.get(path)
    first = time.perf_counter() - began
    while answer.status_code == 503:
        time.sleep(0.01)
        answer = client.get(path)
    worked_out = time.perf_counter() - began
    assert answer.status_code == 200, answer.text
    began = time.perf_counter()
    client.get(path)
    again = time.perf_counter() - began
    times = {"first_ms": first, "worked_out_ms": worked_out, "again_ms": again}
    return {**{name: round(1_000 * one, 1) for name, one in times.items()}, "bytes": len(answer.data)}


def made(served: Served, usages: int) -> list[tuple[Actor, list[str]]]:
    """Who asks for which pages, once a registry is filled."""
    world = served.world
    anna = world.party("anna", roles=["model"], called={"name": "Anna Lestari"})
    agency = world.party("senja", roles=["agency"], called={"name": "Senja", "public": True})
    brand = world.party("kaca", roles=["licensee"], called={"name": "Kaca", "public": True})
    maker = world.party("maker", roles=["maker"])
    union = world.party("laut", roles=["union"], called={"name": "Laut", "public": True})
    mandate, creation = world.mandate(model=anna, agency=agency), world.creation(model=anna, maker=maker)
    twin = world.twin(anna, creation=creation)
    money = {"fees": [{"per": "use", "amount": 1_000}]}
    consents = [
        world.consent(model=anna, licensee=brand, twin=twin, under=mandate, money=money, union=union)
        for _ in range(CONSENTS)
    ]
    served.accept(anna, agency, brand, maker, union, mandate, creation, twin, *consents)
    now = served.service.now()
    served.service.readers.store.grant(anna.id, union.id, sorted(SECTION_NAMES), now, now + 100 * 86_400)
    uses = [world.usage(consents[n % CONSENTS], assets=[f"{n}.jpg"]) for n in range(usages)]
    for at in range(0, usages, 500):
        served.accept(*uses[at : at + 500])
    consent, use = consents[0].id, uses[0].id
    of_one = [f"/model/consents/{consent}", f"/model/consents/{consent}/withdraw"]
    return [
        (
            anna,
            ["/model", "/model/consents", "/model/uses", "/model/money", f"/model/uses/{use}", *of_one, "/model/reads"],
        ),
        (union, ["/union", "/union/consents", f"/union/consents/{consent}/suspend"]),
        (brand, ["/brand", "/brand/uses", "/brand/money", "/brand/clear", f"/brand/may?consent={consent}"]),
        (agency, ["/agency", "/agency/consents", "/agency/money", "/agency/draft"]),
    ]


if __name__ == "__main__":
    main()
