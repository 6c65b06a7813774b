"""The questionnaire of some screenings, made of the questions and answers that files bring along. No database."""

from dataclasses import dataclass, field

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from assessments import scoring
from assessments.definition import CHOICES
from casemgmt.interchange.hrsn import codes

PREFIX = "hrsn:"
FLAGGED = "flagged"
SAFETY_FROM = 11
MOOD_FROM = 3


@dataclass
class Asked:
    """One question over all screenings of a run: every answer that was given to it."""

    text: str
    category: str = ""
    options: dict = field(default_factory=dict)
    several: bool = False
    is_number: bool = False
    is_flagged: bool = False


@dataclass
class Union:
    """All questions of the screenings with one code."""

    code: str
    title: str = ""
    questions: dict = field(default_factory=dict)

    def add(self, said):
        asked = self.questions.setdefault(said.question, Asked(said.text, said.category))
        asked.several |= said.several
        asked.is_number |= said.number is not None
        asked.is_flagged |= said.is_flagged
        for code, label in said.codes:
            asked.options.setdefault(code, label)

    def fits(self, definition, *, own=False):
        """Whether each answer has its place in a version; in one of the agency's own, sums and marks need none."""
        for code, asked in self.questions.items():
            if own and asked.is_number:
                continue
            item = definition.by_code.get(code)
            if item is None or not _takes(item, asked):
                return False
        marked = {code for code, asked in self.questions.items() if asked.is_flagged}
        if own or not marked:
            return True
        flags = definition.by_code.get(FLAGGED)
        return flags is not None and marked <= set(flags.values)


def _takes(item, asked):
    if asked.is_number and not asked.options:
        return item.kind in ("number", "scale")
    if item.kind == "multi" or (item.kind in CHOICES and not asked.several):
        return asked.options.keys() <= {str(value) for value in item.values}
    return False


def compose(union, before=None, *, version="1"):
    """The definition, as plain data, that holds all that `union` asks and all that the version before it asked."""
    items = {item["code"]: item for item in (before or {}).get("items", ())}
    marked = {option["value"]: option["label"] for option in items.pop(FLAGGED, {}).get("options", ())}
    categories = dict((before or {}).get("categories", {}))
    for code, asked in union.questions.items():
        items[code] = _item(code, asked, items.get(code))
        categories[code] = categories.get(code) or asked.category
        if asked.is_flagged:
            marked.setdefault(code, Truncator(asked.text).chars(100))
    ordered = sorted(items.values(), key=lambda item: (codes.ORDER.get(item["code"], 1000), item["code"]))
    if marked:
        ordered.append(
            {
                "code": FLAGGED,
                "text": _("Marked in the file as a possible need"),
                "kind": "multi",
                "options": [
                    {"value": code, "label": label} for code, label in sorted(marked.items(), key=_order)
                ],
            }
        )
    return {
        "code": f"{PREFIX}{union.code}"[:60],
        "version": version,
        "title": ((before or {}).get("title") or union.title or union.code)[:200],
        "audience": "client",
        "tier": "B",
        "notice": _(
            "Questions as they came with the file. Their words belong to whoever wrote them; LOINC codes are "
            "© Regenstrief Institute. A screen points at something to talk about; it is no diagnosis."
        ),
        "items": ordered,
        "scales": _scales(items),
        "alerts": _alerts(items),
        "needs": _needs(items, marked, categories),
        "categories": categories,
    }


def _order(pair):
    return codes.ORDER.get(pair[0], 1000), pair[0]


def _item(code, asked, before):
    known = codes.QUESTIONS.get(code)
    if asked.is_number and not asked.options and not (before or {}).get("options"):
        return {"code": code, "text": asked.text, "kind": "number"}
    options = {option["value"]: option for option in (before or {}).get("options", ())}
    for value, label in asked.options.items():
        score = known.answers.get(value) if known else None
        options.setdefault(
            value, {"value": value, "label": label} | ({} if score is None else {"score": score})
        )
    for value, score in known.answers.items() if known else ():
        if score is not None:
            options.setdefault(value, {"value": value, "label": str(codes.WORDS[value]), "score": score})
    in_order = list(known.answers) if known else sorted(options)
    return {
        "code": code,
        "text": (before or {}).get("text") or asked.text,
        "kind": "multi" if asked.several or (before or {}).get("kind") == "multi" else "single",
        "options": [options[value] for value in in_order if value in options],
    }


def _scales(items):
    scales = []
    if all(code in items for code in codes.SAFETY):
        scales.append(
            {
                "code": "safety",
                "title": _("Safety from others"),
                "items": list(codes.SAFETY),
                "method": "sum",
                "higher_is": "worse",
                "bands": [
                    {"low": 4, "high": SAFETY_FROM - 1, "label": _("below the line"), "severity": 0},
                    {"low": SAFETY_FROM, "high": 20, "label": _("not safe"), "severity": 4},
                ],
            }
        )
    if all(code in items for code in codes.MOOD):
        scales.append(
            {
                "code": "mood",
                "title": _("Low mood, two questions"),
                "items": list(codes.MOOD),
                "method": "sum",
                "higher_is": "worse",
                "bands": [
                    {"low": 0, "high": MOOD_FROM - 1, "label": _("below the line"), "severity": 0},
                    {"low": MOOD_FROM, "high": 6, "label": _("ask further"), "severity": 2},
                ],
            }
        )
    return scales


def _alerts(items):
    if not all(code in items for code in codes.SAFETY):
        return []
    return [
        {
            "when": {"scale": "safety", "op": ">=", "value": SAFETY_FROM},
            "text": _("In a screening they said that somebody hurts or threatens them"),
            "severity": 4,
            "actions": ["task", "notify"],
        }
    ]


def _needs(items, marked, categories):
    """What points at a need: an answer where we know the question, a score, else the mark that the file made."""
    needs = []
    scales = {
        "safety": (codes.SAFETY, SAFETY_FROM, codes.HARMED),
        "mood": (codes.MOOD, MOOD_FROM, _("Low mood")),
    }
    for scale, (of, least, words) in scales.items():
        if all(code in items for code in of):
            needs.append(
                {
                    "when": {"scale": scale, "op": ">=", "value": least},
                    "domain": str(codes.QUESTIONS[of[0]].domain),
                    "words": str(words),
                }
            )
    for code in sorted(items, key=lambda code: codes.ORDER.get(code, 1000)):
        known = codes.QUESTIONS.get(code)
        if known and known.points:
            op = "includes" if known.several else "="
            when = {"any": [{"item": code, "op": op, "value": value} for value in known.points]}
            needs.append({"when": when, "domain": str(known.domain), "words": str(known.words)})
    for code, label in sorted(marked.items(), key=_order):
        if domain := codes.domain_of(code, categories.get(code, "")):
            needs.append(
                {
                    "when": {"item": FLAGGED, "op": "includes", "value": code},
                    "domain": str(domain),
                    "words": label,
                }
            )
    return needs


def answers_in(definition, answered):
    """These answers as a version keeps them, and the questions for which it has no place."""
    kept, left = {}, []
    for code, said in answered.items():
        item = definition.by_code.get(code)
        values = [value for value, _label in said.codes] or [said.number]
        if item is None or (item.options and not set(map(str, values)) <= {str(v) for v in item.values}):
            left.append(code)
        elif item.kind == "multi":
            kept[code] = [value for value in item.values if str(value) in values]
        elif len(values) == 1:
            kept[code] = next((v for v in item.values if str(v) == values[0]), values[0])
        else:
            left.append(code)
    flags = definition.by_code.get(FLAGGED)
    marked = {code for code, said in answered.items() if said.is_flagged}
    if marked - set(flags.values if flags else ()):
        left.append(FLAGGED)
    if flags is not None and marked:
        kept[FLAGGED] = [value for value in flags.values if value in marked]
    asked = {item.code for item in scoring.asked(definition, kept)}
    return {code: value for code, value in kept.items() if code in asked}, left


def is_own(definition):
    """Whether the agency had this questionnaire by itself: then sums and marks of a file need no place in it."""
    return not definition.code.startswith(PREFIX)


def lacks(definition, answered, left):
    """What of these answers would be lost in this version, though it should not be."""
    if not is_own(definition):
        return left
    return [code for code in left if code != FLAGGED and answered[code].codes]
