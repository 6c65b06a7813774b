"""FHIR R4 Questionnaires in and out: what our engine can ask and count is taken, what it cannot is named. No database.

Sums that a Questionnaire carries as a FHIRPath expression over named items become scales; the expressions themselves
are never run.
"""

import re

from django.utils.translation import gettext as _

from assessments.definition import CHOICES, Malformed, parse

ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
ITEM_WEIGHT = "http://hl7.org/fhir/StructureDefinition/itemWeight"
CALCULATED = "calculatedExpression"
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
OPERATORS = {"exists": "answered", "=": "=", "!=": "!=", ">": ">", "<": "<", ">=": ">=", "<=": "<="}


def is_questionnaire(raw):
    return isinstance(raw, dict) and raw.get("resourceType") == "Questionnaire"


def read_questionnaire(raw, code=""):
    """The Definition of a Questionnaire, and what of it was left out, as sentences. Raises Malformed by item."""
    reader = _Reader(raw)
    return parse(reader.definition(code)), reader.left_out


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
        scales = self._scales()
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
        }

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
            self._take(where, row, group, shown)
            self._walk(children, group, shown, depth + 1)

    def _take(self, where, row, group, shown):
        kind = KINDS.get(row.get("type"))
        if kind is None:
            self.faults.append(
                (where, _("Items of type “%(type)s” cannot be asked here.") % {"type": row.get("type")})
            )
            return
        options = self._options(where, row) if kind == "single" else []
        if kind == "single" and row.get("repeats"):
            kind = "multi"
        if kind in ("single", "multi") and not options:
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
        if row.get("type") == "open-choice":
            self.left_out.append(
                _("%(code)s: an answer of one's own beside the list") % {"code": row["linkId"]}
            )
        self.links[row["linkId"]] = item
        self.items.append(item)

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
            if not isinstance(rule, dict) or rule.get("operator") not in OPERATORS:
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
                return _text((extension.get("valueExpression") or {}).get("expression"))
        return "" if not row.get("readOnly") else " "

    def _scales(self):
        variables = {}
        for extension in _extensions(self.raw):
            expression = extension.get("valueExpression")
            if isinstance(expression, dict) and expression.get("name"):
                variables[f"%{expression['name']}"] = _text(expression.get("expression"))
        scales = []
        for row, expression in self.calculated:
            text = variables.get(expression.strip(), expression)
            items = self._summed(text)
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
        scored = [link for link, item in self.links.items() if self._has_scores(item)]
        if len(scored) < 2:
            return []
        return [
            {"code": "total", "title": _("Total"), "items": scored, "method": "sum", "higher_is": "neutral"}
        ]

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


def _both(outer, inner):
    return {"all": [outer, inner]} if outer and inner else outer or inner


def _text(value):
    return value if isinstance(value, str) else "" if value is None else str(value)


def _slug(text):
    return re.sub(r"[^A-Za-z0-9]+", "-", _text(text)).strip("-").upper()[:60]


# --- Out --------------------------------------------------------------------------------------------------------------


def questionnaire(definition):
    """The Questionnaire resource of a definition; scores travel as ordinal values."""
    return {
        "resourceType": "Questionnaire",
        "name": re.sub(r"[^A-Za-z0-9]", "_", definition.code),
        "title": definition.title,
        "version": definition.version,
        "language": definition.language,
        "status": "active",
        **({"copyright": definition.notice} if definition.notice else {}),
        **({"url": definition.source_url} if definition.source_url else {}),
        "item": [_item_out(item) for item in definition.items],
    }


def _item_out(item):
    types = {"number": "decimal", "scale": "integer", "date": "date", "text": "text", "info": "display"}
    row = {"linkId": item.code, "text": item.text or item.code, "type": types.get(item.kind, "choice")}
    if item.required:
        row["required"] = True
    if item.kind == "multi":
        row["repeats"] = True
    if item.options:
        row["answerOption"] = [_option_out(option) for option in item.options]
    when = _enable_when(item.show_if)
    if when:
        row["enableWhen"], behavior = when
        if len(row["enableWhen"]) > 1:
            row["enableBehavior"] = behavior
    return row


def _option_out(option):
    row = {"valueCoding": {"code": str(option.value), "display": option.label}}
    if option.score is not None:
        row["extension"] = [{"url": ORDINAL, "valueDecimal": option.score}]
    return row


def _enable_when(rule):
    """(`enableWhen`, behavior) of a condition that FHIR can say: one level of all or any."""
    if rule is None:
        return None
    behavior = "any" if "any" in rule else "all"
    parts = rule.get(behavior, [rule])
    if not all("item" in part for part in parts):
        return None
    back = {"answered": "exists", "includes": "="}
    rows = []
    for part in parts:
        said = part.get("value", True)
        answer = {"answerBoolean": bool(said)} if part["op"] == "answered" else {"answerString": str(said)}
        rows.append({"question": part["item"], "operator": back.get(part["op"], part["op"]), **answer})
    return rows, behavior


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
