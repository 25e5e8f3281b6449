"""Words of statements, codes people type, what seems personal, what says nearly the same."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from colloque.consultations.core.codes import SHEET_SIGNS, SIGNS, check_sign, new_code, read_code, shown
from colloque.consultations.core.likeness import NEAR, denies, likeness, near, repeated, stem, stems
from colloque.consultations.core.limits import IN_A_ROW, wait_before_writing
from colloque.consultations.core.moderation import LONGEST_STATEMENT
from colloque.consultations.core.personal_data import Personal, seems_to_name, warnings_of
from colloque.consultations.core.words import cleaned, statement_words
from colloque.kernel.errors import InvalidInputError
from tests.consultations.story import NOW

SAID = st.text(alphabet=st.characters(codec="utf-8"), max_size=300)
SENTENCES = [
    "Une IA ne doit jamais annoncer un résultat grave.",
    "L’IA peut préparer les piluliers si quelqu’un vérifie.",
    "Un robot de compagnie aide contre la solitude.",
    "The carer always takes the final decision.",
]


@given(SAID)
@example("\u202eabc def\u202c")
@example("a\u2066b\u2069\x00c\ufeff\u200b")
def test_cleaning_leaves_no_sign_that_deceives_and_is_done_once(text: str) -> None:
    words = cleaned(text)
    assert not set(words) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\x00\n\r\t\ufeff")
    assert cleaned(words) == words


def test_html_is_only_text() -> None:
    assert statement_words("<script>alert(1)</script> bonjour") == "<script>alert(1)</script> bonjour"


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "empty"), ("   \u202e ", "empty"), ("????????????", "empty"), ("Oui.", "short"), ("a" * 10_000, "long")],
)
def test_what_is_not_a_statement_is_refused(text: str, code: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        statement_words(text)
    assert refused.value.code == code


def test_the_longest_statement_is_taken() -> None:
    assert len(statement_words("é" * LONGEST_STATEMENT)) == LONGEST_STATEMENT
    assert len(statement_words("e\u0301" * LONGEST_STATEMENT)) == LONGEST_STATEMENT, "accents are not counted twice"


@given(st.randoms(use_true_random=False), st.integers(1, 12))
def test_a_code_is_read_back_however_it_is_typed(chance: random.Random, signs: int) -> None:
    code = new_code(signs, chance.randbytes)
    assert read_code(f" {shown(code).lower()} ", signs) == code


@given(st.randoms(use_true_random=False), st.data())
def test_a_slip_of_one_sign_or_two_neighbours_exchanged_is_seen(chance: random.Random, data: st.DataObject) -> None:
    code = new_code(SHEET_SIGNS, chance.randbytes)
    place = data.draw(st.integers(0, len(code) - 1))
    other = data.draw(st.sampled_from([sign for sign in SIGNS if sign != code[place]]))
    slipped = code[:place] + other + code[place + 1 :]
    with pytest.raises(InvalidInputError):
        read_code(slipped, SHEET_SIGNS)
    if place and code[place] != code[place - 1]:
        exchanged = code[: place - 1] + code[place] + code[place - 1] + code[place + 1 :]
        with pytest.raises(InvalidInputError):
            read_code(exchanged, SHEET_SIGNS)


def test_codes_are_uniform_and_their_signs_distinct() -> None:
    assert len(set(SIGNS)) == 31
    assert not set("01OIL") & set(SIGNS)
    assert check_sign("22222") == "2"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Appelez le 06 12 34 56 78 pour en parler.", {Personal.PHONE}),
        ("Écrivez à nadia.b@exemple.fr si vous voulez.", {Personal.EMAIL}),
        ("La dame de la chambre 12 ne veut pas du robot.", {Personal.ROOM}),
        ("Le numéro 2 39 05 35 123 456 06 est le mien.", set()),
        ("Tout est sur www.exemple.fr depuis hier.", {Personal.LINK}),
        ("Mme Aubry ne veut pas être levée par un robot.", {Personal.NAME}),
        ("Je trouve que madame Aubry a raison.", {Personal.NAME}),
        ("Jeanne ne veut pas être levée par un robot.", {Personal.NAME}),
        ("Demandez à Sarah avant de brancher l’IA.", {Personal.NAME}),
        ("Le dr Lenoir décide, pas la machine.", {Personal.NAME}),
        *((sentence, set()) for sentence in SENTENCES),
        ("À l’EHPAD comme à l’hôpital, l’IA aide.", set()),
        ("Contre la maladie d’Alzheimer, l’IA ne peut rien.", set()),
    ],
)
def test_what_seems_personal_is_flagged(text: str, kinds: set[Personal]) -> None:
    assert set(warnings_of(text)) == kinds


def test_a_national_number_is_known_by_its_key() -> None:
    number = 2390535123456
    key = 97 - number % 97
    assert warnings_of(f"Mon numéro : 2 39 05 35 123 456 {key:02d}") == (Personal.NATIONAL_NUMBER,)


def test_the_houses_own_name_names_nobody() -> None:
    text = "Aux Tilleuls, un robot suffit bien."
    assert Personal.NAME in warnings_of("Ici aux Tilleuls, un robot suffit.")
    assert warnings_of(text, house_words=["Résidence", "Les", "Tilleuls"]) == ()


def test_a_known_name_in_small_letters_is_found_and_the_form_alone_does_not_tell() -> None:
    text = "la dame aubry ne veut pas du robot"
    assert warnings_of(text, names=["Aubry"]) == (Personal.NAME,)
    assert not seems_to_name(text), "what decides to publish must not depend on who lives here"
    assert warnings_of("l’aubergine ne parle pas", names=["Auber"]) == ()


@given(st.sampled_from(SENTENCES), st.sampled_from(SENTENCES))
def test_likeness_is_a_share_the_same_from_both_sides(one: str, other: str) -> None:
    assert 0.0 <= likeness(one, other) <= 1.0
    assert likeness(one, other) == likeness(other, one)
    assert likeness(one, one.upper()) == 1.0


@given(SAID, SAID)
def test_likeness_holds_for_any_text(one: str, other: str) -> None:
    assert 0.0 <= likeness(one, other) <= 1.0
    assert likeness(one, other) == likeness(other, one)
    assert likeness(one, one) == 1.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Les décisions graves sont annoncées par un humain.",
            "Une décision grave doit être annoncée par des humains.",
        ),
        ("Il faut former les soignants à l’IA.", "La formation des soignants à l’IA est nécessaire."),
        ("Un robot de compagnie aide contre la solitude.", "Les robots de compagnie aident contre la solitude."),
    ],
)
def test_two_ways_of_saying_the_same_are_near(one: str, other: str) -> None:
    found = near(one, [(7, other), *enumerate(SENTENCES[:2], start=1)])
    assert [like.number for like in found] == [7], f"{stems(one)} {stems(other)}"
    assert not found[0].denies


@given(
    st.lists(st.sampled_from([*SENTENCES, "Un robot aide contre la solitude.", "Les robots aident.", ""]), max_size=12)
)
def test_repeated_pairs_are_those_that_comparing_all_would_find(texts: list[str]) -> None:
    numbered = list(enumerate(texts, start=1))
    slow = {
        (number, other)
        for number, text in numbered
        for other, elder in numbered[: number - 1]
        if stems(text) and likeness(text, elder) >= NEAR and denies(text) == denies(elder)
    }
    assert {(number, like.number) for number, like in repeated(numbered, most=1_000)} == slow


def test_what_denies_a_statement_is_told_apart_from_what_repeats_it() -> None:
    found = near("L’IA doit annoncer un résultat grave.", enumerate(SENTENCES, start=1))
    assert found[0].number == 1
    assert found[0].denies
    assert denies("Elle ne décide jamais.")
    assert not denies("Elle décide.")


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", max_size=20))
def test_a_stem_begins_its_word_and_keeps_four_letters(word: str) -> None:
    assert word.startswith(stem(word))
    assert len(stem(word)) >= min(4, len(word))


@given(st.lists(st.integers(0, 3600), max_size=12))
def test_nobody_writes_more_than_three_in_ten_minutes(moments: list[int]) -> None:
    written: list[datetime] = []
    for second in sorted(moments):
        at = NOW + timedelta(seconds=second)
        if not wait_before_writing(written, at):
            written.append(at)
    for moment in written:
        assert sum(moment <= other < moment + IN_A_ROW for other in written) <= 3
