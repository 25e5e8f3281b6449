"""French typography: signs stay with their word, names take « d’ » where one says it; English is left alone."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.template import Context, Template
from django.test import Client
from django.utils.translation import gettext, override
from hypothesis import given
from hypothesis import strategies as st

from colloque.web import typography, words
from colloque.web.typography import elided, spaced
from tools import messages

LOOSE = re.compile(r"\S [;:!?»]|« ")


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("Qui êtes-vous ?", "Qui êtes-vous\u202f?"),
        ("Vite ! Ici ; là", "Vite\u202f! Ici\u202f; là"),
        ("Elle dit : « non »", "Elle dit\u00a0: «\u00a0non\u00a0»"),
        ("Déjà\u00a0? Déjà\u202f:", "Déjà\u202f? Déjà\u00a0:"),
        ("12 % des 10 000 cas, 5 %.", "12\u00a0% des 10\u202f000 cas, 5\u00a0%."),
        ("%(share)s %% de %(name)s : %s", "%(share)s\u00a0%% de %(name)s\u00a0: %s"),
        ("de %(name)s %s %d", "de %(name)s %s %d"),
        ("à 18 h 05, 15 min, 30 €", "à 18\u00a0h 05, 15\u00a0min, 30\u00a0€"),
        ("une heure : 18:05, https://x.fr/?a", "une heure\u00a0: 18:05, https://x.fr/?a"),
        ('<a href="/x/?a=1">où ?</a>', '<a href="/x/?a=1">où\u202f?</a>'),
        ("le 4 octobre 2026 à 12 lits", "le 4 octobre 2026 à 12 lits"),
    ],
)
def test_signs_stay_with_their_word(written: str, printed: str) -> None:
    assert spaced(written) == printed


@given(st.text(alphabet="ab1 2%:;!?«»\u00a0\u202f<>", max_size=30))
def test_spacing_twice_changes_nothing_more_and_only_spaces(text: str) -> None:
    once = spaced(text)
    assert spaced(once) == once
    assert len(once) == len(text)
    assert re.sub(r"[\u00a0\u202f]", " ", once) == re.sub(r"[\u00a0\u202f]", " ", text)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Odette Roux", "d’Odette Roux"),
        ("Irène", "d’Irène"),
        ("Élodie", "d’Élodie"),
        ("Œdipe", "d’Œdipe"),
        ("Marcel", "de Marcel"),
        ("Hélène", "d’Hélène"),
        ("Henri", "d’Henri"),
        ("Hugues-Olivier", "d’Hugues-Olivier"),
        ("Hassan", "de Hassan"),
        ("Heidi", "de Heidi"),
        ("Yves", "d’Yves"),
        ("Yvonne", "d’Yvonne"),
        ("Yann", "de Yann"),
        ("Yasmine", "de Yasmine"),
        ("EHPAD Les Tilleuls", "d’EHPAD Les Tilleuls"),
        ("<strong>Anna</strong>", "d’<strong>Anna</strong>"),
        ("12 personnes", "de 12 personnes"),
        ("onze personnes", "de onze personnes"),
        ("", "de "),
    ],
)
def test_names_take_the_word_before_them_as_one_says_it(name: str, said: str) -> None:
    assert elided(f"auprès de {name}") == f"auprès {said}"
    assert elided(f"ce que {name}").replace("qu", "d").replace("ce ", "auprès ") == f"auprès {said}"


def test_a_sentence_without_a_vowel_after_it_is_left_alone() -> None:
    sentence = "Modeste demande que Marcel reste ; le code 12 de la chambre"
    assert elided(sentence) == sentence


def test_english_is_left_alone() -> None:
    template = Template(
        "{% load i18n colloque %}{% filter elided %}{% blocktranslate trimmed %}Les choix de {{ for_name }}"
        "{% endblocktranslate %}{% endfilter %} {{ rule|spaced }}"
    )
    context = Context({"for_name": "O<Odette>", "rule": "jamais : non"})
    with override("fr"):
        assert template.render(context) == "Les choix d’O&lt;Odette&gt; jamais\u00a0: non"
        assert words.elided("auprès de Odette") == "auprès d’Odette"
    with override("en"):
        assert "O&lt;Odette&gt;" in template.render(context)
        assert template.render(context).endswith("jamais : non")
        assert words.elided("de Odette") == "de Odette"
        assert words.spaced("91 % of 569 cases") == words.spaced("91\u00a0% of 569 cases") == "91% of 569 cases"


def test_every_french_catalogue_is_compiled_with_its_no_break_spaces() -> None:
    installed = {config.name.removeprefix("colloque.") for config in apps.get_app_configs()}
    for room in (folder for folder in messages.rooms() if folder.name in installed):
        for message in messages.kept(room, "fr"):
            if not isinstance(message.id, str) or not message.id or message.context:
                continue
            with override("fr"):
                shown = gettext(message.id)
            assert shown == spaced(message.id), room.name
            assert not LOOSE.search(shown), (room.name, shown)


def test_a_sentence_in_which_a_name_is_put_is_elided() -> None:
    """Each template with « de » or « que » before a name goes through the filter."""
    loose = re.compile(
        r"(?<!\{% filter elided %\})\{% blocktranslate [^%]*%\}(?:(?!\{% endblocktranslate).)*?"
        r"\b(?:[dD]e|[qQ]ue) (?:<[^>]*>)?\{\{ (?:\w*name|house|carer|person) \}\}",
        re.DOTALL,
    )
    for path in messages.ROOMS.rglob("templates/**/*"):
        if path.suffix in {".html", ".txt"}:
            found = loose.search(path.read_text("utf-8"))
            assert found is None, f"{path}: put {{% filter elided %}} around {found[0] if found else ''}"


@pytest.mark.django_db
def test_pages_without_javascript_have_their_no_break_spaces(client: Client) -> None:
    for path in ("/", "/accounts/login/", "/accessibility/", "/accounts/password/reset/"):
        page = client.get(path).content.decode()
        text = re.sub(r"<(script|style).*?</\1>|<[^>]+>", "|", page, flags=re.DOTALL)
        assert LOOSE.findall(text) == [], path
    assert typography.NO_BREAK in client.get("/accessibility/").content.decode()
