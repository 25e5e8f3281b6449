"""An opinion map as one page that needs nothing else: drawing, tables and words, in French or in English.

The same finding stands in the drawing, in tables and in sentences. A group of fewer than `least` people is not shown, nor
what could be subtracted to find it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Final

import msgspec

from colloque.consultations.core.map_svg import Drawing, GroupLabel, MapText, draw_map, swatch
from colloque.consultations.core.opinion.values import OpinionMap, Placements, Representative
from colloque.consultations.core.reading import Line, Reading, Shares, read_map

LANGUAGES: Final = ("fr", "en")
MOST_LISTED: Final = 10

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("Carte des opinions", "Opinion map"),
    "skip": ("Aller au contenu", "Skip to content"),
    "people": ("personnes ont voté", "people voted"),
    "on_map": ("sont sur la carte", "are on the map"),
    "votes": ("votes comptés (le dernier de chacun)", "votes counted (the last one of each)"),
    "asked": ("affirmations", "statements"),
    "groups": ("groupes d’opinion", "opinion groups"),
    "map": ("La carte", "The map"),
    "map_says": (
        "Deux personnes proches ont voté de façon semblable. Les distances comptent ; la gauche et la droite ne disent rien.",
        "Two people who stand near each other voted alike. Distances matter; left and right mean nothing.",
    ),
    "dense": ("Une marque représente jusqu’à {n} personnes.", "One mark stands for up to {n} people."),
    "group": ("Groupe", "Group"),
    "size": ("Personnes", "People"),
    "share": ("Part", "Share"),
    "stability": ("Retrouvé quand on écarte une personne sur cinq", "Found again when one person in five is left out"),
    "small": ("petit groupe : à lire avec prudence", "small group: read with care"),
    "table": ("La carte en tableau", "The map as a table"),
    "unites": ("Ce qui unit", "What unites"),
    "refused": ("Ce que tous les groupes refusent", "What all groups refuse"),
    "divides": ("Ce qui divise", "What divides"),
    "nothing": ("Rien ici, avec ces votes.", "Nothing here, with these votes."),
    "describes": ("Ce que pense chaque groupe", "What each group thinks"),
    "agrees": ("est d’accord", "agrees"),
    "disagrees": ("n’est pas d’accord", "disagrees"),
    "here": ("dans ce groupe", "in this group"),
    "between": ("entre {low} et {high} % (95 %)", "between {low} and {high}% (95%)"),
    "hidden": ("Ce groupe est trop petit pour être montré.", "This group is too small to be shown."),
    "minorities": ("Minorités visibles", "Minorities in view"),
    "minority": (
        "Dans le groupe {within}, {size} personnes votent de façon semblable.",
        "Within group {within}, {size} people vote alike.",
    ),
    "all": ("Toutes les affirmations", "All statements"),
    "statement": ("Affirmation", "Statement"),
    "agree": ("D’accord", "Agree"),
    "disagree": ("Pas d’accord", "Disagree"),
    "passed": ("Passent", "Pass"),
    "seen": ("Votes", "Votes"),
    "everyone": ("Tout le monde", "Everyone"),
    "not_shown": ("non montré", "not shown"),
    "without": ("affirmation n° {number}", "statement no. {number}"),
    "moderated": (
        "{n} affirmations écartées par la modération ne sont pas listées.",
        "{n} statements set aside by moderation are not listed.",
    ),
    "how": ("Comment la carte est faite", "How the map is made"),
    "how_words": (
        "Moteur {engine}, graine {seed}. Les deux axes portent {first} % et {second} % de la variance.",
        "Engine {engine}, seed {seed}. Both axes carry {first}% and {second}% of the variance.",
    ),
    "same": (
        "Les mêmes votes redonnent la même carte, au bit près.",
        "The same votes give the same map again, to the bit.",
    ),
    "trials": ("Nombre de groupes essayé", "Number of groups tried"),
    "silhouette": ("Netteté (silhouette)", "Clearness (silhouette)"),
    "again": ("Stabilité (indice de Rand ajusté)", "Stability (adjusted Rand index)"),
    "one_group": ("Tout le monde est proche : il n’y a qu’un groupe.", "Everyone is close: there is one group."),
    "nobody": ("Personne n’est encore sur la carte.", "Nobody is on the map yet."),
    "sizes": ("Les groupes : {groups}.", "The groups: {groups}."),
}

_STYLE: Final = """
:root{color-scheme:light dark;--ink:#1c1b19;--paper:#fffdf9;--soft:#6b665e;--line:#d8d2c6;
--yes:#1d5a48;--no:#98281b;--pass:#b9b2a4}
@media(prefers-color-scheme:dark){:root{--ink:#f2eee6;--paper:#1b1a18;--soft:#b8b1a5;--line:#46423b;--yes:#6cc3a3;--no:#ef8f80;--pass:#6d675d}
.opinion-map{background:#fffdf9;border-radius:.5rem}}
*{box-sizing:border-box}body{margin:0;font:1.0625rem/1.55 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
main{max-width:62rem;margin:0 auto;padding:1rem}h1{font-size:1.8rem;line-height:1.2}h2{margin-top:2.5rem}
.skip{position:absolute;left:-99rem}.skip:focus{position:static}
dl{display:flex;flex-wrap:wrap;gap:.5rem 2rem;margin:1rem 0}dl div{display:flex;gap:.4rem}dt{order:2}dd{margin:0;font-weight:700}
svg.opinion-map{width:100%;height:auto;max-height:85vh}.opinion-swatch{vertical-align:-.25em}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}caption{text-align:left;color:var(--soft);padding:.3rem 0}
th,td{border-bottom:1px solid var(--line);padding:.4rem .6rem;text-align:left;vertical-align:top}
td.n{text-align:right;font-variant-numeric:tabular-nums}
td.words,th.words{min-width:16rem;font-weight:400}.bar{display:block;width:8rem;height:.7rem}.yes{fill:var(--yes)}.no{fill:var(--no)}.pass{fill:var(--pass)}
.soft{color:var(--soft)}li{margin:.5rem 0}@media print{main{max-width:none}.skip{display:none}}
"""


class _Page(msgspec.Struct, frozen=True):
    found: OpinionMap
    reading: Reading
    texts: Mapping[int, str]
    language: str

    def say(self, key: str, **values: object) -> str:
        """The words for a key in the page's language, escaped."""
        return escape(_WORDS[key][LANGUAGES.index(self.language)].format(**values))

    def number(self, value: int) -> str:
        """A whole number as the language groups it."""
        return f"{value:,}".replace(",", "\u202f" if self.language == "fr" else ",")

    def decimal(self, value: float) -> str:
        """Two decimals, with the language's point."""
        return f"{value:.2f}".replace(".", "," if self.language == "fr" else ".")

    def percent(self, value: int) -> str:
        """A share in whole percent."""
        return f"{value}\u202f%" if self.language == "fr" else f"{value}%"

    def text(self, number: int) -> str:
        """What a statement says, or its number where the export has no words."""
        words = self.texts.get(number, "").strip()
        return escape(words) if words else self.say("without", number=number)

    def letter(self, place: int) -> str:
        """A group's name with its sign."""
        return f"{swatch(place)} {self.say('group')} {escape(self.found.groups[place].label)}"


def report_html(
    found: OpinionMap,
    placed: Placements,
    texts: Mapping[int, str],
    *,
    title: str = "",
    language: str = "fr",
    least: int = 5,
) -> str:
    """The whole page as HTML text. `texts`: words of statements by number; `title`: the consultation's own."""
    page = _Page(found, read_map(found, least), texts, language)
    heading = escape(title) or page.say("title")
    parts = [
        _figures(page),
        _drawing(page, placed),
        _listed(page, "unites", page.reading.agreed),
        _listed(page, "refused", page.reading.refused) if page.reading.refused else "",
        _listed(page, "divides", page.reading.divides),
        _groups(page),
        _minorities(page, least),
        _all(page),
        _how(page),
    ]
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{heading}</title>'
        f'<style>{_STYLE}</style></head><body><a class="skip" href="#main">{page.say("skip")}</a>'
        f'<main id="main"><h1>{heading}</h1>{"".join(parts)}</main></body></html>\n'
    )


def _figures(page: _Page) -> str:
    found = page.found
    listed = (
        ("people", found.people),
        ("on_map", found.people_on_map),
        ("votes", found.votes),
        ("asked", len(page.reading.lines)),
        ("groups", found.k),
    )
    rows = "".join(f"<div><dt>{page.say(key)}</dt><dd>{page.number(value)}</dd></div>" for key, value in listed)
    return f"<dl>{rows}</dl>"


def _drawing(page: _Page, placed: Placements) -> str:
    found = page.found
    sizes = ", ".join(f"{group.label} ({page.number(group.size)})" for group in found.groups)
    says = (
        page.say("nobody")
        if not found.k
        else page.say("one_group")
        if found.k == 1
        else page.say("sizes", groups=sizes)
    )
    labels = [
        GroupLabel(place, group.label, f"{group.label} · {page.number(group.size)}")
        for place, group in enumerate(found.groups)
    ]
    plain = _WORDS["map_says"][LANGUAGES.index(page.language)]
    drawn: Drawing = draw_map(placed.x, placed.y, placed.group, labels, MapText(says, plain))
    dense = f" {page.say('dense', n=page.number(drawn.per_mark))}" if drawn.is_dense else ""
    rows = "".join(
        f'<tr><th scope="row">{page.letter(place)}{_small(page, place)}</th><td class="n">{page.number(group.size)}</td>'
        f'<td class="n">{page.percent(round(100 * group.size / max(1, found.people_on_map)))}</td>'
        f'<td class="n">{page.percent(round(100 * group.stability))}</td></tr>'
        for place, group in enumerate(found.groups)
    )
    heads = "".join(f'<th scope="col">{page.say(key)}</th>' for key in ("group", "size", "share", "stability"))
    return (
        f'<h2>{page.say("map")}</h2><p>{says}</p>{drawn.svg}<p class="soft">{page.say("map_says")}{dense}</p>'
        f"{_scroll(page.say('table'))}<table><caption>{page.say('table')}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _small(page: _Page, place: int) -> str:
    return f' <span class="soft">({page.say("small")})</span>' if page.found.groups[place].is_small else ""


def _listed(page: _Page, key: str, numbers: Sequence[int]) -> str:
    if not numbers:
        return f"<h2>{page.say(key)}</h2><p>{page.say('nothing')}</p>"
    return f"<h2>{page.say(key)}</h2>{_table(page, key, numbers[:MOST_LISTED])}"


def _table(page: _Page, caption: str, numbers: Iterable[int]) -> str:
    """Statements with the votes of everyone and of each group."""
    heads = [page.say("statement"), page.say("everyone"), *map(page.letter, range(page.found.k))]
    rows = "".join(_row(page, page.reading.lines[number]) for number in numbers)
    return (
        f"{_scroll(page.say(caption))}<table><caption>{page.say(caption)}</caption><thead><tr>"
        + "".join(f'<th scope="col">{head}</th>' for head in heads)
        + f"</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _scroll(name: str) -> str:
    """The opening of a part that scrolls sideways on a narrow screen, with the keyboard too."""
    return f'<div class="scroll" role="region" tabindex="0" aria-label="{name}">'


def _row(page: _Page, line: Line) -> str:
    cells = "".join(f"<td>{_bar(page, shares)}</td>" for shares in (line.everyone, *line.by_group))
    return f'<tr><th scope="row" class="words">{page.text(line.number)}</th>{cells}</tr>'


def _bar(page: _Page, shares: Shares | None) -> str:
    if shares is None:
        return f'<span class="soft">{page.say("not_shown")}</span>'
    yes, no = shares.agree_percent, shares.disagree_percent
    words = f"{page.say('agree')} {page.percent(yes)}, {page.say('disagree').lower()} {page.percent(no)}"
    return (
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<rect class="yes" width="{yes}" height="8"/><rect class="no" x="{yes}" width="{no}" height="8"/>'
        f'<rect class="pass" x="{yes + no}" width="{shares.pass_percent}" height="8"/></svg>'
        f'{words} <span class="soft">({page.number(shares.seen)} {page.say("seen").lower()})</span>'
    )


def _groups(page: _Page) -> str:
    parts = [f"<h2>{page.say('describes')}</h2>"] if page.found.groups else []
    for place, group in enumerate(page.found.groups):
        parts.append(f"<h3>{page.letter(place)}{_small(page, place)}</h3>")
        if place in page.reading.hidden:
            parts.append(f"<p>{page.say('hidden')}</p>")
        elif not group.representative:
            parts.append(f"<p>{page.say('nothing')}</p>")
        else:
            parts.append(_sentences(page, group.representative))
    return "".join(parts)


def _sentences(page: _Page, representative: Iterable[Representative]) -> str:
    items = []
    colon = "\u202f:" if page.language == "fr" else ":"
    for one in representative:
        votes = one.agree if one.direction == "agree" else one.disagree
        share = page.percent(round(100 * votes / max(1, one.seen)))
        bounds = page.say("between", low=int(100 * one.low), high=-int(-100 * one.high // 1))
        way = page.say("agrees" if one.direction == "agree" else "disagrees")
        items.append(
            f"<li><strong>{share} {way}</strong>{colon} {page.text(one.statement)} "
            f'<span class="soft">({page.number(votes)}/{page.number(one.seen)} {page.say("here")}, {bounds})</span></li>'
        )
    return f"<ul>{''.join(items)}</ul>"


def _minorities(page: _Page, least: int) -> str:
    shown = [one for one in page.found.minorities if one.size >= least]
    parts = [f"<h2>{page.say('minorities')}</h2>"] if shown else []
    for one in shown:
        words = page.say("minority", within=one.within, size=page.number(one.size))
        parts.append(f"<p>{words}</p>{_sentences(page, one.representative)}")
    return "".join(parts)


def _all(page: _Page) -> str:
    aside = sum(one.is_moderated_out for one in page.found.statements)
    note = f'<p class="soft">{page.say("moderated", n=aside)}</p>' if aside else ""
    return f"<h2>{page.say('all')}</h2>{note}{_table(page, 'all', sorted(page.reading.lines))}"


def _how(page: _Page) -> str:
    found = page.found
    first, second = (round(100 * share) for share in found.variance_explained)
    words = page.say("how_words", engine=found.engine, seed=found.seed, first=first, second=second)
    heads = "".join(f'<th scope="col">{page.say(key)}</th>' for key in ("trials", "silhouette", "again"))
    rows = "".join(
        f'<tr><th scope="row">{trial.k}</th><td class="n">{page.decimal(trial.silhouette)}</td>'
        f'<td class="n">{page.decimal(trial.stability)}</td></tr>'
        for trial in found.k_trials
    )
    return (
        f"<h2>{page.say('how')}</h2><p>{words} {page.say('same')}</p>"
        f"{_scroll(page.say('trials'))}<table><caption>{page.say('trials')}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )
