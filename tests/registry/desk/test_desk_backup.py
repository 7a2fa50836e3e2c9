"""A lost disk: what was erased or taken back does not come back, and who was blocked stays so."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree, rmtree

from registry.backup import backup
from registry.desk.desk_backup import DATABASE
from registry.recover import recover
from registry.service import Service
from tests.support.desk_clients import Deal
from tests.support.signed_requests import app_at


def filled(deal: Deal) -> str:
    """A desk with something of everything; a draft that Anna and Gina have signed."""
    id = deal.proposed()
    deal.desk.signs(deal.anna, id)
    deal.desk.signs(deal.gina, id)
    deal.desk.does(deal.anna, "POST", "/blocks", {"party": deal.stranger.id})
    deal.desk.does(deal.anna, "POST", f"/{id}/report", {"reason": "odd"})
    deal.desk.does(deal.anna, "POST", "/calendars", {})
    return id


def put_in_place(deal: Deal, copy: Path) -> None:
    """The folder is lost; a copy of it is taken up, which its operator vouches for."""
    deal.served.service.close()
    rmtree(deal.served.root)
    copytree(copy, deal.served.root)
    said: list[str] = []
    recover(deal.served.root, [], trusted=True, say=said.append)
    assert any("desk is erased" in line for line in said)
    deal.served.service = Service.open(deal.served.root, clock=deal.served.clock)
    deal.desk.app = app_at(deal.served.service)


def check(deal: Deal, id: str) -> None:
    assert deal.states(deal.anna) == []
    deal.desk.fails(404, "not_found", deal.brand, "GET", f"/{id}")
    assert deal.desk.does(deal.anna, "GET", "/calendars")["calendars"] == []
    assert [one["party"] for one in deal.desk.does(deal.anna, "GET", "/blocks")["blocks"]] == [deal.stranger.id]
    assert [one["id"] for one in deal.desk.does(deal.served.world.registrar, "GET", "/reports")["reports"]] == [id]


def test_a_backup_holds_blocks_and_reports_alone(deal: Deal, tmp_path: Path) -> None:
    id, copy = filled(deal), tmp_path / "copy"
    text = deal.desk.does(deal.anna, "GET", f"/{id}")["submission"]["disclosures"][0][:200].encode()
    backup(deal.served.root, copy)
    data = (copy / DATABASE).read_bytes()
    assert text not in data and deal.anna.keys[0].public.hex().encode() not in data
    put_in_place(deal, copy)
    check(deal, id)


def test_a_later_backup_lifts_what_was_lifted(deal: Deal, tmp_path: Path) -> None:
    filled(deal)
    copy = tmp_path / "copy"
    backup(deal.served.root, copy)
    deal.desk.does(deal.anna, "DELETE", f"/blocks/{deal.stranger.id}")
    backup(deal.served.root, copy)
    put_in_place(deal, copy)
    assert deal.desk.does(deal.anna, "GET", "/blocks")["blocks"] == []


def test_a_plain_copy_of_the_folder_brings_no_signature_back(deal: Deal, tmp_path: Path) -> None:
    """Anna takes hers back after the copy: with it, the brand's would have been the last."""
    id, copy = filled(deal), tmp_path / "copy"
    copytree(deal.served.root, copy)
    deal.desk.does(deal.anna, "DELETE", f"/{id}/signature")
    put_in_place(deal, copy)
    check(deal, id)
