"""FHIR R4 Questionnaires in and out: what our engine can ask and count is taken, what it cannot is named. No database.

Sums that a Questionnaire carries as a FHIRPath expression over named items become scales; the expressions themselves
are never run. What FHIR has no words for (scales, alerts, needs) goes along in extensions of ours and comes back.
"""

import json
import re
from dataclasses import asdict

from django.utils.translation import gettext as _

from assessments import definition as own
from assessments.definition import CHOICES, Malformed, is_number, parse

ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
ITEM_WEIGHT = "http://hl7.org/fhir/StructureDefinition/itemWeight"
OURS = "urn:casemgmt:instrument"  # JSON text: what the whole has beyond FHIR
OUR_ITEM = "urn:casemgmt:item"  # JSON text: what an item has beyond FHIR
CALCULATED = "calculatedExpression"
A_TOTAL = re.compile(r"\btotal score\b|\bscore total\b|\bsum score\b|\bsum of\b|^total$", re.I)
KINDS = {
    "boolean": "yesno",
    "choice": "single",
    "open-choice": "single",
    "decimal": "number",
    "integer": "number",
    "quantity": "number",
    "date": "date",
    "dateTime": "date",
    "string": "text",
    "text": "text",
    "url": "text",
    "time": "text",
    "display": "info",
}
# Answer lists that LOINC publishes and that files name without repeating them.
KNOWN_LISTS = {
    "http://loinc.org/vs/LL358-3": (
        ("LA6568-5", "Not at all", 0),
        ("LA6569-3", "Several days", 1),
        ("LA6570-1", "More than half the days", 2),
        ("LA6571-9", "Nearly every day", 3),
    ),
    "http://loinc.org/vs/LL365-8": (("LA33-6", "Yes", 1), ("LA32-8", "No", 0)),
}
# What LOINC's answers count where a file leaves that out: of a list whose order is its score.
LOINC_COUNTS = {code: score for code, _label, score in KNOWN_LISTS["http://loinc.org/vs/LL358-3"]}
OPERATORS = {"exists": "answered", "=": "=", "!=": "!=", ">": ">", "<": "<", ">=": ">=", "<=": "<="}


def is_questionnaire(raw):
    return isinstance(raw, dict) and raw.get("resourceType") == "Questionnaire"


def read_questionnaire(raw, code=""):
    """The Definition of a Questionnaire, and what of it was left out, as sentences. Raises Malformed by item."""
    plain, left_out = in_our_format(raw, code)
    return parse(plain), left_out


def in_our_format(raw, code=""):
    """A Questionnaire in our own format, as plain dicts, and what of it was left out. Raises Malformed by item."""
    reader = _Reader(raw)
    return reader.definition(code), reader.left_out


class _Reader:
    def __init__(self, raw):
        self.raw, self.items, self.left_out, self.faults = raw, [], [], []
        self.calculated, self.links = [], {}

    def definition(self, code):
        raw = self.raw
        if not isinstance(raw.get("item"), list):
            raise Malformed([(_("file"), _("This Questionnaire has no items."))])
        self._walk(raw["item"], "", None, 0)
        if self.faults:
            raise Malformed(self.faults)
        ours = _ours(raw, OURS)
        scales = ours.get("scales", []) if ours else self._scales()
        title = raw.get("title") or raw.get("name") or raw.get("id") or ""
        return {
            "code": code or _slug(raw.get("name") or raw.get("id") or title),
            "version": _text(raw.get("version")) or "1",
            "title": _text(title)[:200],
            "language": _text(raw.get("language"))[:20] or "en",
            "tier": "C",
            "notice": _text(raw.get("copyright"))[:5000],
            "source_url": _text(raw.get("url"))[:300],
            "instructions": _text(raw.get("description"))[:5000],
            "items": self.items,
            "scales": scales,
        } | {name: value for name, value in ours.items() if name in BEYOND and not (code and name == "code")}

    def _walk(self, rows, group, condition, depth):
        for n, row in enumerate(rows, start=1):
            where = _("item %(n)s") % {"n": n}
            if not isinstance(row, dict) or not isinstance(row.get("linkId"), str) or not row["linkId"]:
                self.faults.append((where, _("An item needs a linkId.")))
                continue
            where = _("item %(code)s") % {"code": row["linkId"]}
            if depth > 20:
                self.faults.append((where, _("The groups are nested too deeply.")))
                continue
            shown = _both(condition, self._enabled(where, row))
            children = row.get("item") if isinstance(row.get("item"), list) else []
            if row.get("type") == "group":
                self._walk(children, _text(row.get("text"))[:200] or group, shown, depth + 1)
                continue
            if expression := self._calculated_by(row):
                self.calculated.append((row, expression))
                continue
            if self._is_a_total(row):
                self.calculated.append((row, ""))
                self.left_out.append(
                    _("%(code)s: is counted from the answers instead of asked") % {"code": row["linkId"]}
                )
                continue
            self._take(where, row, group, shown)
            self._walk(children, group, shown, depth + 1)

    def _take(self, where, row, group, shown):
        kind = KINDS.get(_text(row.get("type")))
        more = _ours(row, OUR_ITEM)
        if more.get("kind") in own.KINDS:
            kind = more["kind"]
        if kind is None:
            self.faults.append(
                (where, _("Items of type “%(type)s” cannot be asked here.") % {"type": row.get("type")})
            )
            return
        has_options = kind in (*CHOICES, "multi") and (kind != "yesno" or bool(row.get("answerOption")))
        options = self._options(where, row) if has_options else []
        if kind == "single" and row.get("repeats"):
            kind = "multi"
        if has_options and not options:
            return
        item = {
            "code": row["linkId"][:100],
            "text": _text(row.get("text"))[:2000] or row["linkId"],
            "kind": kind,
            "options": options,
            "group": group,
            "required": bool(row.get("required")) and kind != "info",
            "show_if": shown,
        }
        self._take_ours(item, row, more)
        if row.get("type") == "open-choice":
            self.left_out.append(
                _("%(code)s: an answer of one's own beside the list") % {"code": row["linkId"]}
            )
        self.links[row["linkId"]] = item
        self.items.append(item)

    def _take_ours(self, item, row, more):
        """What our own export wrote beside FHIR's words, as far as they still say the same."""
        item.update({name: more[name] for name in BEYOND_ITEM if name in more})
        if more.get("text") == "":
            item["text"] = ""
        told = more["values"] if isinstance(more.get("values"), list) else []
        values = {str(v): v for v in told if isinstance(v, str | int | float)}
        for option in item["options"]:
            option["value"] = values.get(option["value"], option["value"])
        rule = more.get("show_if")
        if isinstance(rule, dict) and _said_in_fhir(rule) == {
            k: row[k] for k in ("enableWhen", "enableBehavior") if k in row
        }:
            item["show_if"] = rule

    def _options(self, where, row):
        rows = row.get("answerOption")
        if not isinstance(rows, list) or not rows:
            known = KNOWN_LISTS.get(_text(row.get("answerValueSet")))
            if known is None:
                self.faults.append(
                    (
                        where,
                        _("The answers stand in a list that the file does not hold: %(list)s.")
                        % {"list": _text(row.get("answerValueSet"))[:100] or "–"},
                    )
                )
                return []
            return [{"value": value, "label": label, "score": score} for value, label, score in known]
        options = []
        for option in rows:
            found = self._option(option)
            if found is None:
                self.faults.append((where, _("An answer has neither a code nor a text.")))
                return []
            options.append(found)
        if all(o["value"] in LOINC_COUNTS and "score" not in o for o in options):
            return [option | {"score": LOINC_COUNTS[option["value"]]} for option in options]
        return options

    def _option(self, option):
        if not isinstance(option, dict):
            return None
        score = _extension(option, ORDINAL, ITEM_WEIGHT)
        coding = option.get("valueCoding")
        if isinstance(coding, dict):
            score = score if score is not None else _extension(coding, ORDINAL, ITEM_WEIGHT)
            value, label = coding.get("code"), coding.get("display")
        else:
            value = next(
                (option[k] for k in ("valueString", "valueInteger", "valueDate", "valueTime") if k in option),
                None,
            )
            label = value
        if value in (None, ""):
            value = label
        if not isinstance(value, str | int | float) or value == "":
            return None
        found = {"value": value, "label": _text(label)[:300] or str(value)}
        return found | ({"score": score} if score is not None else {})

    def _enabled(self, where, row):
        rows = row.get("enableWhen")
        if any("enableWhenExpression" in _text(e.get("url")) for e in _extensions(row)):
            self.left_out.append(
                _("%(code)s: is always asked; when, stands in FHIRPath") % {"code": row["linkId"]}
            )
        if not isinstance(rows, list) or not rows:
            return None
        parts = []
        for rule in rows:
            if not isinstance(rule, dict) or _text(rule.get("operator")) not in OPERATORS:
                self.faults.append((where, _("“enableWhen” cannot be read.")))
                return None
            said = next((v for k, v in rule.items() if k.startswith("answer")), None)
            if isinstance(said, dict):
                said = said.get("code") or said.get("display") or said.get("value")
            if isinstance(said, bool) and rule["operator"] != "exists":
                said = int(said)
            parts.append({"item": rule.get("question"), "op": OPERATORS[rule["operator"]], "value": said})
        if len(parts) == 1:
            return parts[0]
        return {"all" if row.get("enableBehavior") == "all" else "any": parts}

    def _calculated_by(self, row):
        for extension in _extensions(row):
            if CALCULATED in _text(extension.get("url")):
                expression = extension.get("valueExpression")
                return _text(expression.get("expression")) if isinstance(expression, dict) else ""
        return "" if not row.get("readOnly") else " "

    def _is_a_total(self, row):
        """Whether a number that the file does not mark as calculated is the sum of the choices before it."""
        is_number_item = row.get("type") in ("decimal", "integer", "quantity")
        choices = [item for item in self.items if item["kind"] in CHOICES]
        return (
            is_number_item
            and len(choices) > 1
            and not _ours(row, OUR_ITEM)
            and bool(A_TOTAL.search(_text(row.get("text"))))
        )

    def _scales(self):
        variables = {}
        for extension in _extensions(self.raw):
            expression = extension.get("valueExpression")
            if isinstance(expression, dict) and expression.get("name"):
                variables[f"%{expression['name']}"] = _text(expression.get("expression"))
        scales = []
        for row, expression in self.calculated:
            text = variables.get(expression.strip(), expression)
            items = self._summed(text) if text else self._scored()
            if not items:
                self.left_out.append(
                    _("%(code)s: is calculated in a way that is not a plain sum") % {"code": row["linkId"]}
                )
                continue
            scales.append(
                {
                    "code": row["linkId"][:60],
                    "title": _text(row.get("text"))[:200] or row["linkId"],
                    "items": items,
                    "method": "sum",
                    "higher_is": "neutral",
                }
            )
        return scales or self._one_sum()

    def _summed(self, text):
        """The items whose scores an expression adds up: those it names, or whose link begins as it says."""
        if "ordinalValue" not in text and "sum()" not in text and ".weight()" not in text:
            return []
        named = [link for link in re.findall(r"'([^']+)'", text) if link in self.links]
        starts = re.findall(r"startsWith\('([^']+)'\)", text)
        named += [link for link in self.links for start in starts if link.startswith(start)]
        return [link for link in dict.fromkeys(named) if self._has_scores(self.links[link])]

    def _one_sum(self):
        """Without any calculation in the file: the sum of all items that have scores, where there are several."""
        scored = self._scored()
        if len(scored) < 2:
            return []
        return [
            {"code": "total", "title": _("Total"), "items": scored, "method": "sum", "higher_is": "neutral"}
        ]

    def _scored(self):
        return [link for link, item in self.links.items() if self._has_scores(item)]

    def _has_scores(self, item):
        return item["kind"] in CHOICES and any("score" in option for option in item["options"])


def _extensions(row):
    found = row.get("extension")
    return [e for e in found if isinstance(e, dict)] if isinstance(found, list) else []


def _extension(row, *urls):
    for extension in _extensions(row):
        if extension.get("url") in urls:
            for key in ("valueDecimal", "valueInteger"):
                if isinstance(extension.get(key), int | float) and not isinstance(extension[key], bool):
                    return extension[key]
    return None


def _ours(row, url):
    """What our own export wrote into an extension; nothing where it is not ours or cannot be read."""
    for extension in _extensions(row):
        if extension.get("url") == url:
            try:
                found = own.load(_text(extension.get("valueString")))
            except Malformed:
                return {}
            return found if isinstance(found, dict) else {}
    return {}


def _both(outer, inner):
    return {"all": [outer, inner]} if outer and inner else outer or inner


def _text(value):
    return value if isinstance(value, str) else "" if value is None else str(value)


def _slug(text):
    return re.sub(r"[^A-Za-z0-9]+", "-", _text(text)).strip("-").upper()[:60]


# --- Out --------------------------------------------------------------------------------------------------------------


# Fields of our own format that FHIR has no place for, of the whole and of an item.
BEYOND = (
    "code",
    "audience",
    "respondent",
    "tier",
    "requires",
    "private",
    "reassess_days",
    "scales",
    "alerts",
    "needs",
)
BEYOND_ITEM = ("reverse", "weight", "low", "high", "low_label", "high_label", "group")


def questionnaire(definition):
    """The Questionnaire resource of a definition; scores travel as ordinal values."""
    return {
        "resourceType": "Questionnaire",
        "extension": [_extension_out(OURS, _beyond(definition))],
        "name": re.sub(r"[^A-Za-z0-9]", "_", definition.code),
        "title": definition.title,
        "version": definition.version,
        "language": definition.language,
        "status": "active",
        **({"copyright": definition.notice} if definition.notice else {}),
        **({"url": definition.source_url} if definition.source_url else {}),
        **({"description": definition.instructions} if definition.instructions else {}),
        "item": [_item_out(item) for item in definition.items],
    }


def _extension_out(url, said):
    return {"url": url, "valueString": json.dumps(said, ensure_ascii=False)}


def _beyond(definition):
    parts = {name: getattr(definition, name) for name in BEYOND}
    for name in ("scales", "alerts", "needs"):
        parts[name] = [asdict(part) for part in parts[name]]
    return parts


def _item_out(item):
    types = {"number": "decimal", "scale": "decimal", "date": "date", "text": "text", "info": "display"}
    row = {"linkId": item.code, "text": item.text or item.code, "type": types.get(item.kind, "choice")}
    if item.required:
        row["required"] = True
    if item.kind == "multi":
        row["repeats"] = True
    if item.options:
        row["answerOption"] = [_option_out(option) for option in item.options]
    row |= _said_in_fhir(item.show_if)
    more = {name: getattr(item, name) for name in BEYOND_ITEM}
    more = {"kind": item.kind, **more, "values": item.values, "show_if": item.show_if}
    row["extension"] = [_extension_out(OUR_ITEM, more if item.text else more | {"text": ""})]
    return row


def _option_out(option):
    row = {"valueCoding": {"code": str(option.value), "display": option.label}}
    if option.score is not None:
        row["extension"] = [{"url": ORDINAL, "valueDecimal": option.score}]
    return row


def _said_in_fhir(rule):
    """`enableWhen` and its behaviour, of a condition that FHIR can say: one level of all or any."""
    if rule is None:
        return {}
    behavior = "any" if "any" in rule else "all"
    parts = rule.get(behavior, [rule])
    if not isinstance(parts, list) or not all(isinstance(part, dict) and "item" in part for part in parts):
        return {}
    rows = [_enable_when(part) for part in parts]
    return {"enableWhen": rows} | ({"enableBehavior": behavior} if len(rows) > 1 else {})


def _enable_when(part):
    said, op = part.get("value", True), part.get("op")
    if op == "answered":
        return {"question": part["item"], "operator": "exists", "answerBoolean": bool(said)}
    answer = {"answerDecimal": said} if is_number(said) else {"answerString": str(said)}
    return {"question": part["item"], "operator": "=" if op == "includes" else op, **answer}


def response(definition, answers, *, authored=None, questionnaire_url=""):
    """The QuestionnaireResponse of stored answers."""
    items = []
    for item in definition.items:
        said = answers.get(item.code)
        if said in (None, "", []):
            continue
        values = said if isinstance(said, list) else [said]
        items.append(
            {"linkId": item.code, "text": item.text, "answer": [_answer_out(item, value) for value in values]}
        )
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"{questionnaire_url or definition.source_url or definition.code}|{definition.version}",
        "status": "completed",
        **({"authored": authored.isoformat()} if authored else {}),
        "item": items,
    }


def _answer_out(item, value):
    if item.options:
        label = next((o.label for o in item.options if o.value == value), str(value))
        return {"valueCoding": {"code": str(value), "display": label}}
    if item.kind in ("number", "scale"):
        return {"valueDecimal": value}
    return {"valueDate": value} if item.kind == "date" else {"valueString": str(value)}
