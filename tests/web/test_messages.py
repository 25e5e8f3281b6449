"""Catalogues: what is used is there, in both languages, with the plurals of each."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils.translation import gettext, ngettext, override

from tools import messages


@pytest.fixture
def room(tmp_path: Path) -> Path:
    folder = tmp_path / "room"
    (folder / "templates" / "room").mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "views.py").write_text('from x import gettext as _\nWORDS = _("Bonjour")\n', encoding="utf-8")
    (folder / "templates" / "room" / "page.html").write_text(
        "{% load i18n %}\n  <p>{% translate 'Je suis là' %}</p>\n{% if x %}\n    <p>{% blocktranslate trimmed count n=n %}\n"
        "{{ n }} acte attend{% plural %}{{ n }} actes attendent{% endblocktranslate %}</p>\n{% endif %}\n"
        "{% translate 'Suivi' context 'acte' %}",
        encoding="utf-8",
    )
    return folder


def test_strings_of_code_and_templates_are_found_with_plural_and_context(room: Path) -> None:
    found = {(message.id, message.context) for message in messages.used(room) if message.id}
    assert found == {
        ("Bonjour", None),
        ("Je suis là", None),
        (("%(n)s acte attend", "%(n)s actes attendent"), None),
        ("Suivi", "acte"),
    }


def test_french_is_filled_with_the_source_and_english_waits_for_words(room: Path) -> None:
    assert messages.update(room) == 4
    french = {message.id: message.string for message in messages.kept(room, "fr") if message.id}
    assert french["Bonjour"] == "Bonjour"
    plural = ("%(n)s acte attend", "%(n)s actes attendent")
    assert french[plural] == plural
    said = list(messages.faults(room))
    assert len(said) == 4, said
    assert all("en: not translated" in fault for fault in said), said


def _translate_all(room: Path, words: str = "words %(n)s") -> None:
    path = messages.path_of(room, "en")
    text = path.read_text(encoding="utf-8")
    head, _, body = text.partition("\n\n")
    body = body.replace('msgstr[0] ""', f'msgstr[0] "{words}"').replace('msgstr[1] ""', f'msgstr[1] "{words}"')
    path.write_text(f"{head}\n\n" + body.replace('msgstr ""', 'msgstr "words"'), encoding="utf-8")


def test_words_written_by_people_survive_an_update(room: Path) -> None:
    messages.update(room)
    _translate_all(room)
    assert messages.update(room) == 0
    assert list(messages.faults(room)) == []


def test_check_tells_missing_obsolete_fuzzy_and_wrong_placeholders(room: Path) -> None:
    messages.update(room)
    _translate_all(room)
    views = room / "views.py"
    views.write_text('from x import gettext as _\nWORDS = _("Bonsoir")\n', encoding="utf-8")
    said = "\n".join(messages.faults(room))
    assert "missing 'Bonsoir'" in said
    assert "no longer used 'Bonjour'" in said
    messages.update(room)
    assert not any("no longer used" in fault for fault in messages.faults(room))
    path = messages.path_of(room, "en")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('msgid "Je suis là"', '#, fuzzy\nmsgid "Je suis là"'), encoding="utf-8")
    assert any("fuzzy 'Je suis là'" in fault for fault in messages.faults(room))
    path.write_text(text.replace("words %(n)s", "words %(other)s"), encoding="utf-8")
    assert any("actes attendent" in fault and "%(n)s" in fault for fault in messages.faults(room))


def test_compiling_does_only_what_is_stale(room: Path) -> None:
    messages.update(room)
    assert messages.compile_stale(room.parent) == 2
    assert messages.compile_stale(room.parent) == 0
    assert messages.path_of(room, "fr").with_suffix(".mo").is_file()


def test_french_counts_zero_as_singular_and_english_does_not() -> None:
    with override("fr"):
        assert ngettext("%(count)d jour", "%(count)d jours", 0) % {"count": 0} == "0 jour"
        assert ngettext("%(count)d jour", "%(count)d jours", 2) % {"count": 2} == "2 jours"
        assert gettext("Accueil") == "Accueil"
    with override("en"):
        assert ngettext("%(count)d jour", "%(count)d jours", 0) % {"count": 0} == "0 days"
        assert gettext("Accueil") == "Home"


def test_the_catalogues_of_this_room_are_complete() -> None:
    assert list(messages.faults(messages.ROOMS / "web")) == []
