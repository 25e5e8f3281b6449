"""The sentences in which a result states what was found."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from colloque.consultations.core.living import rounded_size
from colloque.consultations.core.map_svg import MapText
from colloque.consultations.core.opinion.values import OpinionMap
from colloque.consultations.core.reading import Reading


def headline(opinion_map: OpinionMap | None, reading: Reading | None, least: int) -> str:
    """What came out, in one line: how many ways of seeing, how many ideas that unite.

    A way of seeing is a group of at least `least` people; smaller ones are told as a few views apart.
    """
    if opinion_map is None or reading is None or not opinion_map.people_on_map:
        return gettext("Pas encore assez de réponses pour une carte")
    united = len(reading.agreed) + len(reading.refused)
    shown = sum(group.size >= least for group in opinion_map.groups)
    ways = (
        ngettext("%(count)d façon de voir", "%(count)d façons de voir", shown) % {"count": shown}
        if opinion_map.k > 1
        else gettext("Une même façon de voir")
    )
    if shown < opinion_map.k:
        ways = gettext("%(ways)s et quelques avis à part") % {"ways": ways} if shown else gettext("Des avis épars")
    if opinion_map.k == 1 and opinion_map.k_trials:
        ways = gettext("Pas de groupes nets")
    if not united:
        return gettext("%(ways)s, et rien encore qui unisse tout le monde") % {"ways": ways}
    ideas = ngettext("%(count)d idée qui unit", "%(count)d idées qui unissent", united) % {"count": united}
    return gettext("%(ways)s, %(ideas)s") % {"ways": ways, "ideas": ideas}


def caption(opinion_map: OpinionMap, reading: Reading, texts: dict[int, str]) -> str:
    """What the drawing shows first: which groups differ most, and on what."""
    if opinion_map.k < 2 and opinion_map.k_trials:
        return gettext("Aucun groupe ne se détache : trop peu de personnes pour cela, ou des avis qui se mêlent")
    if opinion_map.k < 2:
        return gettext("Toutes les personnes votent à peu près de la même façon")
    for number in reading.divides:
        gap = reading.lines[number].gap
        if gap is not None and number in texts:
            first, last = (opinion_map.groups[place].label for place in gap)
            return gettext("%(first)s et %(last)s diffèrent surtout sur : « %(text)s »") % {
                "first": first,
                "last": last,
                "text": texts[number].rstrip("."),
            }
    return gettext("Les groupes diffèrent par degrés : aucune affirmation ne les oppose tout à fait")


def map_text(opinion_map: OpinionMap, title: str, least: int, *, is_open: bool, is_dense: bool) -> MapText:
    """The words of the drawing itself."""
    words = (
        gettext("groupe %(label)s, au moins %(size)d personnes")
        if is_open
        else gettext("groupe %(label)s, %(size)d personnes")
    )
    groups = ", ".join(
        words % {"label": group.label, "size": rounded_size(group.size) if is_open else group.size}
        for group in opinion_map.groups
        if group.size >= least
    )
    description = gettext(
        "Carte des opinions. Deux personnes proches ont voté de façon semblable. %(groups)s. "
        "Le tableau dessous dit la même chose en chiffres."
    ) % {"groups": groups}
    if is_dense:
        description += " " + gettext("Plus un signe est grand, plus il y a de personnes à cet endroit.")
    return MapText(title, description)
