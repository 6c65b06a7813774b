"""Opening hours of a directory, row by row there, in the few lines a person reads. No database."""

import re

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_BY_CODE = {"mo": 0, "tu": 1, "we": 2, "th": 3, "fr": 4, "sa": 5, "su": 6}


def hours_text(rows):
    """Lines such as “Mon–Fri 9:00–17:00” from (weekdays, opens, closes, text) rows; a text of its own comes first."""
    texts, times = [], {}
    for days, opens, closes, text in rows:
        if text:
            texts.append(text)
            continue
        span = "–".join(filter(None, (_clock(opens), _clock(closes))))
        for day in _days(days):
            if span and span not in times.setdefault(day, []):
                times[day].append(span)
    lines = list(dict.fromkeys(" ".join(text.split()) for text in texts))
    return "\n".join([*lines, *_spans({day: ", ".join(spans) for day, spans in times.items() if spans})])


def _spans(times):
    """Neighbouring days with the same hours share a line."""
    run = []
    for day in range(8):
        if run and times.get(day) != times[run[0]]:
            name = DAYS[run[0]] if len(run) == 1 else f"{DAYS[run[0]]}–{DAYS[run[-1]]}"
            yield f"{name} {times[run[0]]}"
            run = []
        if day in times:
            run.append(day)


def _days(text):
    """Numbers of weekdays: a name, codes such as TH,FR, or 1 for Monday to 7 for Sunday."""
    for word in re.split(r"[,;\s]+", text.strip().casefold()):
        if word.isdigit() and 1 <= int(word) <= 7:
            yield int(word) - 1
            continue
        code = re.sub(r"^[-+\d]+", "", word)[:2]
        if code in _BY_CODE:
            yield _BY_CODE[code]


def _clock(text):
    """Without leading zeros and seconds; words stay."""
    found = re.fullmatch(r"0?(\d{1,2}:\d{2})(?::\d{2})?(.*)", text.strip())
    return (found[1] + found[2])[:40] if found else text.strip()[:40]
