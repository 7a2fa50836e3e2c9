"""What the desk calls parties: only what its reader may read, and that she read it is shown to them."""

from __future__ import annotations

from typing import Any

from tests.support.asking import value
from tests.support.desk_clients import DeskCaller
from tests.support.served import Served
from tests.support.signed_requests import asking_as


def called(said: Any) -> dict[str, str]:
    return {one["party"]: one["name"] for one in said["names"]}


def test_names_by_who_may_read_them(served: Served) -> None:
    world = served.world
    anna = world.party("anna", roles=["model"], called={"name": "Anna", "public": False})
    brand = world.party("brand", roles=["licensee"], called={"name": "Brand", "public": True})
    maker = world.party("maker", roles=["maker"])
    creation = world.creation(model=anna, maker=maker)
    twin = world.twin(anna, creation=creation)
    served.accept(anna, brand, maker, creation, twin)
    desk = DeskCaller(served)
    id = desk.proposes(brand, world.consent(model=anna, licensee=brand, twin=twin))
    assert called(desk.does(anna, "GET", f"/{id}")) == {anna.id: "Anna", brand.id: "Brand"}
    assert called(desk.does(brand, "GET")) == {brand.id: "Brand"}, "they have not signed anything together yet"
    for who in (anna, brand):
        said = desk.signs(who, id)
    assert said["state"] == "logged"
    assert called(desk.does(brand, "GET")) == {anna.id: "Anna", brand.id: "Brand"}
    reads = value(asking_as(desk.app, anna).get("/reads").data)["reads"]
    assert [one["by"] for one in reads] == [brand.id]
