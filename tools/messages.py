"""Catalogues of each room: `python -m tools.messages update | compile | check [ROOM …]`.

Source strings are French. The English catalogue is written by people; the French one holds the source itself, because French
plurals count 0 as singular and the source string alone cannot say so. No gettext program is needed: Babel does all of it.
Source strings have plain spaces before : ; ! ? » and after «; the compiled French catalogues have the no-break ones.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from runpy import run_path

from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOMS = Path(__file__).resolve().parents[1] / "src" / "colloque"
TYPOGRAPHY = ROOMS / "web" / "typography.py"
LANGUAGES = ("fr", "en")
PLURALS = {"fr": "nplurals=2; plural=(n > 1);", "en": "nplurals=2; plural=(n != 1);"}
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
TEMPLATES = {".html", ".txt"}
Key = tuple[str | tuple[str, ...] | list[str], str | None]


def rooms(names: Iterable[str] = ()) -> list[Path]:
    """The folders of the rooms, all of them without names."""
    wanted = set(names)
    found = [folder for folder in sorted(ROOMS.iterdir()) if (folder / "__init__.py").is_file()]
    return [folder for folder in found if not wanted or folder.name in wanted]


def used(room: Path) -> Catalog:
    """Every string for people in a room's code and templates, without translation."""
    catalog = Catalog(charset="utf-8")
    for file in sorted(room.rglob("*")):
        if "migrations" in file.parts or "reference_ai" in file.parts:
            continue
        if file.suffix == ".py" or (file.suffix in TEMPLATES and "templates" in file.parts):
            for _line, message, comments, context in _strings(file):
                place = str(file.relative_to(room).as_posix())
                catalog.add(message, None, [(place, 0)], auto_comments=comments, context=context)
    return catalog


def _strings(file: Path) -> Iterator[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    text = file.read_text(encoding="utf-8")
    if file.suffix != ".py":
        from django.utils.translation.template import templatize

        text = f"(\n{templatize(text, origin=str(file))}\n)"  # inside brackets, indentation means nothing
    yield from extract(
        "python", io.BytesIO(text.encode()), KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
    )


def path_of(room: Path, language: str) -> Path:
    """Where a room's catalogue in a language lies."""
    return room / "locale" / language / "LC_MESSAGES" / "django.po"


def kept(room: Path, language: str) -> Catalog:
    """A room's catalogue as it stands, empty where there is none."""
    path = path_of(room, language)
    if not path.is_file():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language, charset="utf-8", abort_invalid=True)


def _messages(catalog: Catalog) -> dict[Key, Message]:
    return {(message.id, message.context): message for message in catalog if message.id}


def update(room: Path) -> int:
    """Bring a room's catalogues to the strings it uses; the number of English sentences still to be written."""
    source = _messages(used(room))
    missing = 0
    for language in LANGUAGES:
        before = _messages(kept(room, language))
        catalog = Catalog(locale=language, charset="utf-8")
        for key, message in sorted(source.items(), key=lambda item: (str(item[0][0]), item[0][1] or "")):
            old = before.get(key)
            words = message.id if language == "fr" else (old.string if old else "")
            places = sorted({(place, 0) for place, _line in message.locations})
            catalog.add(
                message.id, words, places, auto_comments=message.auto_comments, context=message.context,
                user_comments=old.user_comments if old else (),
            )  # fmt: skip
            missing += language == "en" and not _is_filled(words)
        path = path_of(room, language)
        if source:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_as_po(catalog, language))
        elif path.is_file():
            path.unlink()
    return missing


def _is_filled(words: object) -> bool:
    return all(words) and bool(words) if isinstance(words, list | tuple) else bool(words)


def _as_po(catalog: Catalog, language: str) -> bytes:
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: {PLURALS[language]}\\n"\n\n'
    )
    body = io.BytesIO()
    write_po(body, catalog, width=110, omit_header=True, include_lineno=False)
    return header.encode() + body.getvalue().rstrip() + b"\n"


def faults(room: Path) -> Iterator[str]:
    """What stops a room's catalogues from being complete: missing, empty, fuzzy, obsolete or ill-formed messages."""
    source = _messages(used(room))
    for language in LANGUAGES:
        path = path_of(room, language)
        catalog = kept(room, language)
        messages = _messages(catalog)
        where = f"{room.name}/{language}"
        for key in source.keys() - messages.keys():
            yield f"{where}: missing {key[0]!r}; run `python -m tools.messages update {room.name}`"
        for key in messages.keys() - source.keys():
            yield f"{where}: no longer used {key[0]!r}; run `python -m tools.messages update {room.name}`"
        if catalog.obsolete:
            yield f"{where}: {len(catalog.obsolete)} obsolete messages kept; run update"
        for key, message in messages.items():
            if message.fuzzy:
                yield f"{where}: fuzzy {key[0]!r}"
            elif not _is_filled(message.string):
                yield f"{where}: not translated {key[0]!r}"
            elif language == "fr" and message.string != message.id:
                yield f"{where}: the French words differ from the source {key[0]!r}; change the source instead"
            for error in message.check(catalog):
                yield f"{where}: {key[0]!r}: {error}"
        if path.is_file() and f"Plural-Forms: {PLURALS[language]}" not in path.read_text(encoding="utf-8"):
            yield f"{where}: the plural rule is not {PLURALS[language]}"


def contradictions(folders: Iterable[Path]) -> Iterator[str]:
    """The same French words said differently in English by two rooms: Django would show one of them everywhere."""
    said: dict[Key, tuple[str, object]] = {}
    for room in folders:
        for key, message in _messages(kept(room, "en")).items():
            if not _is_filled(message.string):
                continue
            first = said.setdefault(key, (room.name, message.string))
            if first[1] != message.string:
                yield f"{first[0]} and {room.name} translate {key[0]!r} differently: {first[1]!r}, {message.string!r}"


def compile_stale(root: Path = ROOMS, *, every: bool = False) -> int:
    """Compile the catalogues whose compiled form is absent or older; the number compiled."""
    count = 0
    for path in sorted(root.glob("*/locale/*/LC_MESSAGES/django.po")):
        compiled = path.with_suffix(".mo")
        newest = max(path.stat().st_mtime_ns, TYPOGRAPHY.stat().st_mtime_ns)
        if not every and compiled.is_file() and compiled.stat().st_mtime_ns >= newest:
            continue
        with path.open("rb") as file:
            catalog = read_po(file, locale=path.parts[-3], charset="utf-8", abort_invalid=True)
        if path.parts[-3] == "fr":
            _keep_signs_with_words(catalog)
        draft = compiled.with_suffix(f".{os.getpid()}.new")  # two processes may compile at once
        with draft.open("wb") as file:
            write_mo(file, catalog)
        draft.replace(compiled)
        count += 1
    return count


def _keep_signs_with_words(catalog: Catalog) -> None:
    spaced = run_path(str(TYPOGRAPHY))["spaced"]  # by path: where a package is built, Colloque is not importable
    for message in catalog:
        if message.id:
            words = message.string or ""
            message.string = spaced(words) if isinstance(words, str) else tuple(spaced(form) for form in words)


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.messages", description=__doc__)
    parser.add_argument("verb", choices=["update", "compile", "check"])
    parser.add_argument("rooms", nargs="*", metavar="ROOM")
    options = parser.parse_args(arguments)
    folders = rooms(options.rooms)
    if options.verb == "compile":
        sys.stdout.write(f"{compile_stale(every=True)} catalogues compiled\n")
        return 0
    if options.verb == "update":
        for room in folders:
            if missing := update(room):
                sys.stdout.write(f"{room.name}: {missing} to write in {path_of(room, 'en').relative_to(ROOMS)}\n")
        compile_stale()
        return 0
    found = [fault for room in folders for fault in faults(room)] + list(contradictions(rooms()))
    for fault in found:
        sys.stderr.write(f"{fault}\n")
    sys.stdout.write(f"{len(found)} faults in {len(folders)} rooms\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
