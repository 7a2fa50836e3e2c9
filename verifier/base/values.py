"""Value types: what this package uses of the standard library's ``dataclasses``, at a tenth of its cost.

Checking one evidence file is a process of its own, which makes more than a hundred classes and most of them for a few
values. ``dataclasses`` writes and compiles six methods for each, which was half of a check's 140 ms (Python 3.11). Here
no code is written: all classes share their methods, which follow the list of fields, and what only a value needs is
worked out with the first value. The meaning is that of ``dataclasses``, for classes with slots in modules whose
annotations are text (PEP 563); tests hold the two side by side. The spelling is ``@value``, since nearly every class
here is frozen and takes its fields by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, cast, dataclass_transform, overload

T = TypeVar("T")


class _NoDefault:
    """The type of :data:`NO_DEFAULT`."""


NO_DEFAULT: Final = _NoDefault()
"""Stands where a field has no default."""


class Field:
    """What is known of one field: its default, or a function that makes one, and whether it counts in the hash."""

    __slots__ = ("default", "default_factory", "hash", "name")

    def __init__(self, default: Any = NO_DEFAULT, default_factory: Any = NO_DEFAULT, hash: bool = True) -> None:
        self.name = ""
        self.default = default
        self.default_factory = default_factory
        self.hash = hash


def field(*, default_factory: Callable[[], T], hash: bool = True) -> T:
    """A field whose default is made anew for each value; without ``hash`` it is left out of the value's hash."""
    return cast(T, Field(default_factory=default_factory, hash=hash))  # what the class body is to see is its type


@overload
def value(cls: type[T], /) -> type[T]: ...
@overload
def value(*, frozen: bool = True, kw_only: bool = True, eq: bool = True) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def value(cls: Any = None, /, *, frozen: bool = True, kw_only: bool = True, eq: bool = True) -> Any:
    """Make a class of values out of its annotations: ``@value``, or ``@value(kw_only=False)`` and the like.

    What the words mean is what ``dataclasses.dataclass`` means by them. There are always slots; unless it is said, a
    value does not change and its fields are given by name.
    """
    if cls is None:
        return lambda cls: _make(cls, frozen, kw_only, eq)
    return _make(cls, frozen, kw_only, eq)


def fields(cls: Any) -> tuple[Field, ...]:
    """The fields of a value or its class, in order."""
    return tuple([_field(name, default) for name, default in cls.__value_fields__.items()])


def replace(value: T, **changes: Any) -> T:
    """A value like this one but for some fields."""
    kind: Any = type(value)
    kept = {name: getattr(value, name) for name in kind.__value_fields__}
    return cast(T, kind(**{**kept, **changes}))


def _make(cls: Any, frozen: bool, kw_only: bool, eq: bool) -> Any:
    inherited: Mapping[str, Any] = getattr(cls, "__value_fields__", {})
    members = {**cls.__dict__}
    members.pop("__dict__", None)
    members.pop("__weakref__", None)
    own = {}
    for name, annotation in members.get("__annotations__", {}).items():
        if not annotation.startswith("ClassVar"):
            own[name] = default = members.pop(name, NO_DEFAULT)
            if default.__hash__ is None:
                raise TypeError(f"all values would share the default of {name}: use a default_factory")
    members["__value_fields__"] = {**inherited, **own} if inherited else own
    members["__value_setters__"] = ()
    members["__slots__"] = tuple([name for name in own if name not in inherited])
    members["__match_args__"] = () if kw_only else tuple(members["__value_fields__"])
    members["__init__"] = _Methods.__init__
    members["__reduce__"] = _Methods.__reduce__
    members.setdefault("__repr__", _Methods.__repr__)
    members.setdefault("__post_init__", getattr(cls, "__post_init__", _Methods.__post_init__))
    if frozen:
        members["__setattr__"] = members["__delattr__"] = _Methods.refuse
    if eq:
        members.setdefault("__eq__", _Methods.__eq__)
        members.setdefault("__hash__", _Methods.__hash__ if frozen else None)
    return type(cls)(cls.__name__, cls.__bases__, members)  # again, for slots can only be given when a class is made


def _field(name: str, default: Any) -> Field:
    """The field that stands in a class as ``name`` with a default, :data:`NO_DEFAULT` or what :func:`field` gave."""
    found = default if isinstance(default, Field) else Field(default)
    found.name = name
    return found


def _setters(kind: Any) -> tuple[tuple[str, Callable[[Any, Any], None], Any, Any], ...]:
    """How each field is put past the frozen ``__setattr__``, its default and what makes one (else NO_DEFAULT).

    Found with the first value of a class, and kept in it: of most classes a check makes none.
    """
    setters = tuple(
        [(one.name, getattr(kind, one.name).__set__, one.default, one.default_factory) for one in fields(kind)]
    )
    kind.__value_setters__ = setters
    return setters


class _Methods:
    """What all value types share; ``self`` is one of theirs, not of this class."""

    def __init__(self: Any, *values: Any, **named: Any) -> None:
        kind = type(self)
        setters = kind.__value_setters__ or _setters(kind)
        if not named and len(values) == len(setters) == len(kind.__match_args__):
            for setter, value in zip(setters, values, strict=True):
                setter[1](self, value)
            self.__post_init__()
            return
        if values:
            if len(values) > len(kind.__match_args__):
                raise TypeError(f"{kind.__name__} takes {len(kind.__match_args__)} values without a name")
            for name, value in zip(kind.__match_args__, values, strict=False):
                if name in named:
                    raise TypeError(f"{kind.__name__} is given {name} twice")
                named[name] = value
        known = 0
        for name, put, default, factory in setters:
            if name in named:
                put(self, named[name])
                known += 1
            elif default is not NO_DEFAULT:
                put(self, default)
            elif factory is not NO_DEFAULT:
                put(self, factory())
            else:
                raise TypeError(f"{kind.__name__} is not given {name}")
        if known < len(named):
            raise TypeError(f"{kind.__name__} has no {min(named.keys() - kind.__value_fields__.keys())}")
        self.__post_init__()

    def __post_init__(self) -> None:
        """Of a class that has none of its own."""

    def __repr__(self: Any) -> str:
        inside = ", ".join([f"{name}={getattr(self, name)!r}" for name in self.__value_fields__])
        return f"{type(self).__qualname__}({inside})"

    def __eq__(self, other: object) -> bool:
        return _items(self) == _items(other) if type(other) is type(self) else NotImplemented

    def __hash__(self: Any) -> int:
        named = self.__value_fields__.items()
        return hash(tuple([getattr(self, name) for name, one in named if type(one) is not Field or one.hash]))

    def __reduce__(self) -> tuple[Any, ...]:
        """How a value is copied and pickled: past ``__init__``, whose checks it has seen."""
        return _restore, (type(self), _items(self))

    def refuse(self, name: str, value: object = None) -> None:
        """Nobody changes a frozen value."""
        raise AttributeError(f"a {type(self).__name__} does not change: {name} is set once")


def _items(value: Any) -> tuple[Any, ...]:
    return tuple([getattr(value, name) for name in value.__value_fields__])


def _restore(cls: Any, items: tuple[Any, ...]) -> Any:
    value = cls.__new__(cls)
    for (_, put, _, _), item in zip(cls.__value_setters__ or _setters(cls), items, strict=True):
        put(value, item)
    return value
