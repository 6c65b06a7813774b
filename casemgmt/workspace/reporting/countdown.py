"""How much time is left to report something, in words that are understood in a hurry."""

from datetime import timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.models.incident import Submitted

MINUTE, HOUR = 60, 3600
WEEK = timedelta(days=6)


def left(due, now):
    """“5 hours left”, “40 minutes left”, “2 days late”."""
    seconds = round((due - now).total_seconds())
    minutes = max(abs(seconds) // MINUTE, 1)
    if minutes < 60:
        late = ngettext("%(n)d minute late", "%(n)d minutes late", minutes)
        ahead = ngettext("%(n)d minute left", "%(n)d minutes left", minutes)
    elif (minutes := minutes // 60) < 48:
        late = ngettext("%(n)d hour late", "%(n)d hours late", minutes)
        ahead = ngettext("%(n)d hour left", "%(n)d hours left", minutes)
    else:
        minutes //= 24
        late = ngettext("%(n)d day late", "%(n)d days late", minutes)
        ahead = ngettext("%(n)d day left", "%(n)d days left", minutes)
    return (late if seconds < 0 else ahead) % {"n": minutes}


def moment(due, now):
    """“Tue 17:00” within a week, else with the date; midnight is the end of the day before."""
    local = timezone.localtime(due)
    near = abs(due - now) < WEEK
    if local.hour == local.minute == 0:
        day = local - timedelta(minutes=1)
        return _("the end of %(day)s") % {"day": date_format(day, "D" if near else "D j M")}
    return date_format(local, "D H:i" if near else "D j M, H:i")


def lines(row, now=None):
    """What is to be sent of an incident or a mandated report, and what was: one line a duty, the next one first."""
    now = now or timezone.now()
    found = [_line(row, how, due, sent, now) for how, due, sent in row.duties()]
    return sorted(found, key=lambda line: (line["sent"] is not None, line["due"]))


def _line(row, how, due, sent, now):
    verbal = how == Submitted.How.VERBAL
    if sent is not None:
        words = _("Reported by word of mouth") if verbal else _("Reported in writing")
    elif due <= row.counted_from:
        words = _("Report by word of mouth at once") if verbal else _("Report in writing at once")
    else:
        words = _("Report by word of mouth by %(when)s") if verbal else _("Report in writing by %(when)s")
        words %= {"when": moment(due, now)}
    return {
        "how": how,
        "words": words,
        "to": row.recipient,
        "due": due,
        "sent": sent,
        "in_time": sent is not None and sent <= due,
        "left": "" if sent is not None else left(due, now),
        "late": sent is None and due < now,
    }
