"""Finds the collectors: every module of this package that defines a class with a ``name`` of its own."""

import pkgutil
from functools import cache
from importlib import import_module

import collectors
from collectors.base import Collector
from domain.errors import ConfigError

_FRAME = frozenset({"base", "http", "registry", "runner"})


def names() -> tuple[str, ...]:
    """Return the collectors there are, by module name, without importing one."""
    found = (module.name for module in pkgutil.iter_modules(collectors.__path__) if not module.name.startswith("_"))
    return tuple(sorted(set(found) - _FRAME))


@cache
def find(name: str) -> type[Collector]:
    """Return the collector of that name; raises ConfigError when there is none."""
    if name not in names():
        raise ConfigError(f"There is no collector “{name}”; there are: {', '.join(names())}.")
    module = import_module(f"collectors.{name}")
    kind: type[Collector] = next(
        value
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__ == module.__name__ and getattr(value, "name", None) == name
    )
    return kind
