"""What a project declared it needs, and nothing else: only declared FHIR paths leave the house.

A declaration maps each prefetch key to `{"query": …, "fields": [paths], "required": bool, "fr": …, "en": …}`. A path names a
resource and an element of the catalogue (`Observation.component.valueQuantity`, `Patient.gender`); `Type.id` lets the
resource's pseudonym leave.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Union, cast

import msgspec

from colloque.kernel.canonical import Json
from colloque.kernel.errors import InvalidInputError
from colloque.projects.core.elements import CATALOGUE, Leaf, Pseudonym, Tree
from colloque.projects.core.words import Words

MOST_KEYS = 20
MOST_FIELDS = 100
MOST_ENTRIES = 500
DEEPEST_LIST = 4

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}\Z")
_QUERY = re.compile(r"([A-Z][A-Za-z]+)(?:/\{\{[A-Za-z.]+\}\}|\?[A-Za-z0-9_.:=&,|/{}%-]+)?\Z")
_FHIR_ID = re.compile(r"[A-Za-z0-9.-]{1,64}\Z")


class DeclaredKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One prefetch key as a project declares it; `fr` and `en` say in words what it holds."""

    query: str
    fields: tuple[str, ...]
    required: bool = True
    fr: str = ""
    en: str = ""

    @property
    def words(self) -> Words:
        """What the key holds, for people."""
        return Words(self.fr, self.en)


class Minimised(msgspec.Struct, frozen=True):
    """What may leave: `prefetch` by key, and the declared keys that are `missing` though required."""

    prefetch: dict[str, Json]
    missing: tuple[str, ...]


class Declaration:
    """A checked declaration, made once and used for each act; immutable and thread-safe.

    `Declaration(prefetch)` raises `InvalidInputError` (with `path`) for a key, query or field that may not be declared.
    """

    def __init__(self, prefetch: object) -> None:
        try:
            keys = msgspec.convert(prefetch, dict[str, DeclaredKey])
        except msgspec.ValidationError as error:
            raise InvalidInputError(
                f"The declared data cannot be understood: {error}", code="unreadable", path="prefetch"
            ) from error
        if len(keys) > MOST_KEYS:
            raise InvalidInputError(
                f"At most {MOST_KEYS} pieces of data can be declared.", code="too-many", path="prefetch"
            )
        for key, declared in keys.items():
            _check_key(key, declared)
        self.keys: Mapping[str, DeclaredKey] = keys
        self._trees = {
            key: {kind: _Kept(tree) for kind, tree in _tree_of(declared.fields, f"prefetch.{key}.fields").items()}
            for key, declared in keys.items()
        }

    def minimise(self, prefetch: Mapping[str, object], pseudonym: Pseudonym) -> Minimised:
        """Only the declared paths of what came in, ids and references replaced by `pseudonym("Type/id")`.

        Undeclared keys, resources and elements are dropped. A required key that is absent, or of which nothing declared is
        left, is reported as missing.
        """
        kept: dict[str, Json] = {}
        missing = []
        for key, tree in self._trees.items():
            value = _resource(prefetch.get(key), tree, pseudonym)
            if value is not None:
                kept[key] = value
            elif self.keys[key].required:
                missing.append(key)
        return Minimised(kept, tuple(missing))


def minimise(declaration: object, prefetch: Mapping[str, object], pseudonym: Pseudonym) -> Minimised:
    """What may leave of `prefetch` under a declaration as it is stored. Raises `InvalidInputError`; see `Declaration`."""
    return Declaration(declaration).minimise(prefetch, pseudonym)


def _check_key(key: str, declared: DeclaredKey) -> None:
    if not _KEY.match(key):
        raise InvalidInputError(
            "A prefetch key holds letters, digits, - and _.", code="key-characters", path=f"prefetch.{key[:64]}"
        )
    found = _QUERY.match(declared.query)
    if not found or found[1] not in CATALOGUE:
        raise InvalidInputError(
            "The query must be a FHIR query relative to the record's server, for a resource that may be declared.",
            code="query-unknown",
            path=f"prefetch.{key}.query",
        )
    if not declared.fields or len(declared.fields) > MOST_FIELDS:
        raise InvalidInputError(
            f"Declare between 1 and {MOST_FIELDS} fields that may leave.",
            code="fields-count",
            path=f"prefetch.{key}.fields",
        )


_MutableTree = dict[str, Union["_MutableTree", Leaf]]


def _tree_of(fields: tuple[str, ...], path: str) -> dict[str, Tree]:
    trees: dict[str, _MutableTree] = {}
    for position, field in enumerate(fields):
        resource, *steps = field.split(".")
        known: Tree | Leaf | None = CATALOGUE.get(resource)
        if known is None or not steps:
            raise _not_declarable(field, f"{path}.{position}")
        branch = trees.setdefault(resource, {})
        if steps == ["id"]:
            branch["id"] = _keep_nothing
            continue
        for step in steps[:-1]:
            known = known.get(step) if isinstance(known, Mapping) else None
            inner = branch.setdefault(step, {})
            if not isinstance(inner, dict):
                raise _not_declarable(field, f"{path}.{position}")
            branch = inner
        known = known.get(steps[-1]) if isinstance(known, Mapping) else None
        if known is None:
            raise _not_declarable(field, f"{path}.{position}")
        branch[steps[-1]] = _copied(known)
    return cast(dict[str, Tree], trees)


def _copied(known: Tree | Leaf) -> _MutableTree | Leaf:
    if isinstance(known, Mapping):
        return {name: _copied(part) for name, part in known.items()}
    return known


def _keep_nothing(_value: object, _pseudonym: Pseudonym) -> Json:
    return None


def _not_declarable(field: str, path: str) -> InvalidInputError:
    return InvalidInputError(
        f"“{field[:120]}” cannot be declared: it is not among the FHIR elements that may leave the house.",
        code="not-declarable",
        path=path,
    )


Cleaner = Callable[[object, Pseudonym, int], Json]
"""What may leave of a value at some depth of lists, or `None`."""


class _Kept:
    """What may leave of one kind of resource: its tree as a function, made once, and whether its id may leave too."""

    def __init__(self, tree: Tree) -> None:
        self.clean = _cleaner(tree)
        self.with_id = "id" in tree


def _resource(value: object, trees: Mapping[str, _Kept], pseudonym: Pseudonym) -> Json:
    if not isinstance(value, dict):
        return None
    if value.get("resourceType") != "Bundle":
        return _single(value, trees, pseudonym)
    entries = value.get("entry")
    entries = entries[:MOST_ENTRIES] if isinstance(entries, list) else []
    resources = [_single(entry.get("resource"), trees, pseudonym) for entry in entries if isinstance(entry, dict)]
    kept = [{"resource": resource} for resource in resources if resource is not None]
    return {"resourceType": "Bundle", "type": "searchset", "entry": kept} if kept else None


def _single(value: object, trees: Mapping[str, _Kept], pseudonym: Pseudonym) -> Json:
    if not isinstance(value, dict):
        return None
    kind = value.get("resourceType")
    if not isinstance(kind, str) or kind not in trees:
        return None
    kept = trees[kind]
    parts = kept.clean(value, pseudonym, 0)
    own_id = value.get("id")
    if kept.with_id and isinstance(own_id, str) and _FHIR_ID.match(own_id):
        parts = {"id": pseudonym(f"{kind}/{own_id}"), **(cast(dict[str, Json], parts) if parts else {})}
    return {"resourceType": kind, **cast(dict[str, Json], parts)} if parts else None


def _cleaner(tree: Tree | Leaf) -> Cleaner:
    """Cleans what may be one value or a list of them."""
    one = _one_cleaner(tree)
    many = _list_cleaner(one)
    return lambda value, pseudonym, depth: (many if type(value) is list else one)(value, pseudonym, depth)


def _one_cleaner(tree: Tree | Leaf) -> Cleaner:
    if isinstance(tree, Mapping):
        return _branch_cleaner(tree)
    leaf = tree
    return lambda value, pseudonym, _depth: leaf(value, pseudonym)


def _list_cleaner(one: Cleaner) -> Cleaner:
    def clean(value: object, pseudonym: Pseudonym, depth: int) -> Json:
        if depth >= DEEPEST_LIST:
            return None
        kept: list[Json] = []
        for item in cast(list[object], value)[:MOST_ENTRIES]:
            cleaned = (clean if type(item) is list else one)(item, pseudonym, depth + 1)
            if cleaned is not None:
                kept.append(cleaned)
        return kept or None

    return clean


def _branch_cleaner(tree: Tree) -> Cleaner:
    ones = [(name, _one_cleaner(part)) for name, part in tree.items()]
    parts = tuple((name, one, _list_cleaner(one)) for name, one in ones)

    def clean(value: object, pseudonym: Pseudonym, depth: int) -> Json:
        if not isinstance(value, dict):
            return None
        kept: dict[str, Json] = {}
        for name, one, many in parts:
            inner = value.get(name)
            if inner is not None:
                cleaned = (many if type(inner) is list else one)(inner, pseudonym, depth)
                if cleaned is not None:
                    kept[name] = cleaned
        return kept or None

    return clean
