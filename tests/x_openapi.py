"""Judges requests and answers by X's own interface description."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Self

from loopback import Asked
from openapi_schema_validator import OAS30Validator, oas30_format_checker

# The description that speaks each vocabulary.
VERSIONS = {"tweet": "2.166", "post": "2.167"}


class Interface:
    """One version of X's interface description; every method returns what is wrong, in words."""

    def __init__(self, description: Mapping[str, Any]) -> None:
        """Keep the description."""
        self._description = description

    @classmethod
    @cache
    def of(cls, shared: Path, vocabulary: str) -> Self:
        """Return the interface that speaks a vocabulary, read from the recorded material."""
        path = shared / "fixtures" / "x" / f"openapi-{VERSIONS[vocabulary]}.json"
        return cls(json.loads(path.read_text(encoding="utf-8")))

    def violations(self, asked: Asked) -> list[str]:
        """Return what is wrong with a request: path, key, parameters unknown, missing or out of range."""
        operation = self._operation(asked.method, asked.path)
        if operation is None:
            return [f"{asked.method} {asked.path} is not in the interface"]
        named = map(self._resolved, operation.get("parameters", ()))
        known = {parameter["name"]: parameter for parameter in named if parameter["in"] == "query"}
        found = [f"{name} is not a parameter" for name in asked.query.keys() - known]
        found += [f"{name} is missing" for name, it in known.items() if it.get("required") and name not in asked.query]
        if not asked.headers.get("authorization", "").startswith("Bearer "):
            found.append("the bearer token is missing")
        for name in asked.query.keys() & known:
            schema = known[name]["schema"]
            found += [f"{name}: {fault}" for fault in self._faults(_decoded(asked.query[name], schema), schema)]
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            found += [f"the body: {fault}" for fault in self._faults(json.loads(asked.body), schema)]
        return found

    def misanswers(self, path: str, body: Any, method: str = "GET") -> list[str]:
        """Return what is wrong with the body of a 200 answer."""
        operation = self._operation(method, path) or {}
        answer = operation["responses"]["200"]
        return [f"{path}: {fault}" for fault in self._faults(body, answer["content"]["application/json"]["schema"])]

    def _operation(self, method: str, path: str) -> Mapping[str, Any] | None:
        """Return what the interface says of an address, by its name or by a pattern such as /2/tweets/{id}."""
        paths = self._description["paths"]
        fits = (name for name in paths if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", name), path))
        operations = paths.get(path) or paths.get(next(fits, ""), {})
        found: Mapping[str, Any] | None = operations.get(method.lower())
        return found

    def _resolved(self, parameter: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" not in parameter:
            return parameter
        found: Mapping[str, Any] = self._description["components"]["parameters"][parameter["$ref"].split("/")[-1]]
        return found

    def _faults(self, value: Any, schema: Mapping[str, Any]) -> Iterator[str]:
        whole = {"allOf": [schema], "components": self._description["components"]}
        for error in OAS30Validator(whole, format_checker=oas30_format_checker).iter_errors(value):
            yield f"{error.json_path}: {error.message}"


def _decoded(value: str, schema: Mapping[str, Any]) -> Any:
    if schema.get("type") == "array":
        return value.split(",")
    return int(value) if schema.get("type") == "integer" and value.isdigit() else value
