"""Value types mean what the standard library's dataclasses mean: the same classes, made by both, side by side."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from verifier.base import values
from verifier.base.values import field, value


def _classes(dataclass: Callable[..., Any], field: Callable[..., Any]) -> SimpleNamespace:
    """One of every kind that the package makes."""

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Point:
        x: int
        y: int = 7
        tags: tuple[str, ...] = ()

    @dataclass(frozen=True, slots=True)
    class Pair:
        left: int
        right: int = 2

    @dataclass(slots=True)
    class Bag:
        name: str
        items: list[int] = field(default_factory=list)

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Capped:
        name: str
        caps: Mapping[str, int] = field(default_factory=dict, hash=False)

    @dataclass(frozen=True, slots=True, kw_only=True, eq=False)
    class Base:
        REQUIRED: ClassVar[frozenset[str]] = frozenset()

        id: str
        registry: str | None

        def __eq__(self, other: object) -> bool:
            return self.id == other.id if isinstance(other, Base) else NotImplemented

        def __hash__(self) -> int:
            return hash(self.id)

    @dataclass(frozen=True, slots=True, kw_only=True, eq=False)
    class Derived(Base):
        REQUIRED = frozenset({"terms"})

        registry: None = None
        starts: int
        ends: int

        def __post_init__(self) -> None:
            if self.starts > self.ends:
                raise ValueError("backwards")

    return SimpleNamespace(**{made.__name__: made for made in (Point, Pair, Bag, Capped, Base, Derived)})


def spelled(**words: bool) -> Any:
    """``@value`` as the standard library would be asked: there, nothing is frozen or named unless it is said."""
    assert words.pop("slots")
    return value(**{"frozen": False, "kw_only": False, **words})


OURS = _classes(spelled, values.field)
THEIRS = _classes(dataclasses.dataclass, dataclasses.field)

both = pytest.mark.parametrize("made", [OURS, THEIRS], ids=["ours", "theirs"])


@value
class Kept:
    """At the top of a module, so that it can be pickled."""

    name: str
    numbers: tuple[int, ...] = ()


class TestSideBySide:
    """Each test holds for both."""

    @both
    def test_defaults(self, made: SimpleNamespace) -> None:
        point = made.Point(x=1)
        assert (point.x, point.y, point.tags) == (1, 7, ())
        assert made.Bag("a").items == []
        assert made.Bag("a").items is not made.Bag("a").items

    @both
    def test_repr(self, made: SimpleNamespace) -> None:
        assert repr(made.Point(x=1)).endswith("Point(x=1, y=7, tags=())")

    @both
    def test_equality(self, made: SimpleNamespace) -> None:
        assert made.Point(x=1) == made.Point(x=1)
        assert made.Point(x=1) != made.Point(x=2)
        assert made.Pair(1) != made.Point(x=1)
        assert made.Pair(1) != (1, 2)

    @both
    def test_equality_of_its_own(self, made: SimpleNamespace) -> None:
        one, other = made.Derived(id="a", starts=1, ends=2), made.Derived(id="a", starts=3, ends=4)
        assert one == other
        assert hash(one) == hash(other)

    @both
    def test_hash(self, made: SimpleNamespace) -> None:
        assert len({made.Point(x=1), made.Point(x=1), made.Point(x=2)}) == 2
        assert hash(made.Capped(name="a", caps={"uses": 1})) == hash(made.Capped(name="a"))
        assert made.Capped(name="a", caps={"uses": 1}) != made.Capped(name="a")
        with pytest.raises(TypeError, match="unhashable"):
            hash(made.Bag("a"))

    @both
    def test_frozen(self, made: SimpleNamespace) -> None:
        point = made.Point(x=1)
        with pytest.raises(AttributeError):
            point.x = 2
        with pytest.raises(AttributeError):
            del point.x
        assert point.x == 1

    @both
    def test_slots(self, made: SimpleNamespace) -> None:
        assert not hasattr(made.Point(x=1), "__dict__")
        assert not hasattr(made.Derived(id="a", starts=1, ends=2), "__dict__")
        bag = made.Bag("a")
        bag.name = "b"
        with pytest.raises(AttributeError):
            bag.other = 1

    @both
    @pytest.mark.parametrize(
        "make",
        [
            lambda made: made.Point(),
            lambda made: made.Point(1),
            lambda made: made.Point(x=1, z=2),
            lambda made: made.Pair(),
            lambda made: made.Pair(1, 2, 3),
            lambda made: made.Pair(1, left=2),
            lambda made: made.Derived(id="a"),
        ],
    )
    def test_wrong_arguments(self, made: SimpleNamespace, make: Callable[[SimpleNamespace], object]) -> None:
        with pytest.raises(TypeError):
            make(made)

    @both
    def test_arguments_without_a_name(self, made: SimpleNamespace) -> None:
        assert made.Pair(1, 3) == made.Pair(left=1, right=3)
        match made.Pair(1, 3):
            case made.Pair(left, right):
                assert (left, right) == (1, 3)

    @both
    def test_inheritance(self, made: SimpleNamespace) -> None:
        assert made.Base(id="a", registry="b").registry == "b"  # what its class keeps is not what the next one keeps
        derived = made.Derived(id="a", starts=1, ends=2)
        assert (derived.id, derived.registry, derived.starts, derived.ends) == ("a", None, 1, 2)
        assert sorted(made.Derived.REQUIRED) == ["terms"]
        assert isinstance(derived, made.Base)

    @both
    def test_checks_of_its_own(self, made: SimpleNamespace) -> None:
        with pytest.raises(ValueError, match="backwards"):
            made.Derived(id="a", starts=2, ends=1)

    @both
    def test_copies(self, made: SimpleNamespace) -> None:
        point = made.Point(x=1, tags=("a",))
        assert copy.copy(point) == copy.deepcopy(point) == point

    @pytest.mark.parametrize("make", [spelled, dataclasses.dataclass], ids=["ours", "theirs"])
    def test_a_shared_default_is_refused(self, make: Callable[..., Any]) -> None:
        class Shared:
            items: list[int] = []  # noqa: RUF012 -- what is refused

        with pytest.raises((TypeError, ValueError), match="default_factory"):
            make(slots=True)(Shared)

    @pytest.mark.parametrize(
        "fields, replace", [(values.fields, values.replace), (dataclasses.fields, dataclasses.replace)]
    )
    def test_fields_and_replace(self, fields: Callable[..., Any], replace: Callable[..., Any]) -> None:
        made = OURS if fields is values.fields else THEIRS
        assert [one.name for one in fields(made.Derived)] == ["id", "registry", "starts", "ends"]
        assert [one.name for one in fields(made.Point(x=1))] == ["x", "y", "tags"]
        assert replace(made.Point(x=1), y=9) == made.Point(x=1, y=9)
        with pytest.raises(ValueError, match="backwards"):
            replace(made.Derived(id="a", starts=1, ends=2), ends=0)
        with pytest.raises(TypeError):
            replace(made.Point(x=1), z=1)


class TestOurs:
    def test_pickle(self) -> None:
        kept = Kept(name="a", numbers=(1, 2))
        assert pickle.loads(pickle.dumps(kept)) == kept

    def test_without_a_word_it_is_frozen_and_its_fields_are_named(self) -> None:
        @value
        class Bare:
            x: int

        @value()
        class Called:
            x: int

        for made in (Bare, Called):
            with pytest.raises(TypeError):
                made(1)  # type: ignore[call-arg]
            with pytest.raises(AttributeError):
                made(x=1).x = 2  # type: ignore[misc]
            assert hash(made(x=1)) == hash(made(x=1))

    def test_factory_of_a_field_is_asked_each_time(self) -> None:
        @value(frozen=False)
        class Counted:
            number: int = field(default_factory=iter(range(10)).__next__)

        assert [Counted().number, Counted(number=5).number, Counted().number] == [0, 5, 1]
