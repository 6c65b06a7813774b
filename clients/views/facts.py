"""What happened to a person, and what was found to be so on a day: read topic by topic, newest first."""

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casemgmt.core.views import check_version, done, form_page, page
from clients.banner import banner
from clients.forms.facts import KeyEventForm
from clients.models import Client, DatedFact, Enrollment, KeyEvent
from clients.rates import HEADINGS, YEAR, before_and_since, stays_of

READ = ("GET", "HEAD")
# Years of nights in a shelter; what is older stands in the history.
MOST = 3000
EARLIER = 12


def _day(when):
    return date_format(when, "j M Y")


def _found(fact):
    """What was found, with the amount; a “yes” beside an amount says nothing more."""
    if fact.cents is None:
        return fact.said
    amount = f"${fact.cents // 100:,}.{fact.cents % 100:02}"
    return _("%(amount)s a month") % {"amount": amount}


def _topics(facts):
    """For each topic its facts, the latest of each kind first and the earlier ones below it."""
    topics = {}
    for fact in facts:
        lines = topics.setdefault(fact.topic, {"label": fact.get_topic_display(), "lines": {}})["lines"]
        said = {"said": _found(fact), "on": _day(fact.on), "occasion": fact.occasion}
        line = lines.setdefault(fact.label, said | {"label": fact.label, "earlier": [], "more": 0})
        if line["on"] == said["on"] and line["said"] == said["said"] and not line["earlier"]:
            continue
        if len(line["earlier"]) < EARLIER:
            line["earlier"].append(said)
        else:
            line["more"] += 1
    order = [topic for topic in DatedFact.Topic.values if topic in topics]
    return [
        {**topics[topic], "key": topic, "lines": list(topics[topic]["lines"].values())} for topic in order
    ]


def _period(event):
    if event.ended_on and event.ended_on != event.started_on:
        return _("%(from)s to %(to)s") % {"from": _day(event.started_on), "to": _day(event.ended_on)}
    return _day(event.started_on)


def _rates(request, client, events):
    """Hospital, arrests and the like before this person came to us and since; None where there is nothing to say."""
    first = Enrollment.objects.visible_to(request.staff).filter(client=client).order_by("enrolled_on", "pk")
    enrollment = first.select_related("program").first()
    if enrollment is None:
        return None
    begun, today = enrollment.enrolled_on, timezone.localdate()
    happened = list(events.order_by().values_list("kind", "started_on", "ended_on"))
    lines = []
    for name, words, kinds, lasts in HEADINGS:
        before, since = before_and_since(stays_of(happened, kinds), begun, today)
        if not any((before.count, before.days, since.count, since.days)):
            continue
        rate = since.a_year(since.count)
        lines.append(
            {
                "id": name,
                "words": words,
                "before": before,
                "since": since,
                "lasts": lasts,
                "rate": rate,
                "rate_days": since.a_year(since.days) if lasts else None,
                "most": max(before.days, since.days) if lasts else max(before.count, since.count),
            }
        )
    return {
        "begun": begun,
        "program": enrollment.program,
        "until": min(begun + YEAR, today),
        "is_whole": begun + YEAR <= today,
        "lines": lines,
    }


@page("client.view", records=True, methods=READ)
def fact_list(request, pk):
    """Key events, and the latest of every fact with its day."""
    client = Client.objects.visible_to(request.staff).fetch(pk)
    facts = DatedFact.objects.visible_to(request.staff).filter(client=client).exclude(said="", cents=None)
    events = KeyEvent.objects.visible_to(request.staff).filter(client=client)
    context = {
        "client": client,
        "banner": banner(request, client),
        "events": [{"row": event, "when": _period(event)} for event in events[:200]],
        "rates": _rates(request, client, events),
        "topics": _topics(facts[:MOST]),
    }
    return render(request, "clients/fact_list.html", context)


@page("client.edit", records=True)
def event_create(request, pk):
    """Write down what happened."""
    client = Client.objects.visible_to(request.staff).fetch(pk)
    return _event_page(request, KeyEvent(client=client), title=_("What happened"))


@page("client.edit", records=True)
def event_edit(request, pk):
    """Mend it, or say until when it lasted."""
    events = KeyEvent.objects.visible_to(request.staff).select_related("client")
    event = (events.select_for_update(of=("self",)) if request.method == "POST" else events).fetch(pk)
    return _event_page(request, event, title=_("Change what happened"))


def _event_page(request, event, title):
    is_new = event.pk is None
    strip = banner(request, event.client)
    form = KeyEventForm(request.POST or None, instance=event, client=event.client, staff=request.staff)
    if form.is_bound:
        if not is_new:
            check_version(form, event)
        if form.is_valid():
            form.save()
            return done(request, "clients:fact-list", pk=event.client_id, message=_("Saved."))
    back = reverse("clients:fact-list", kwargs={"pk": event.client_id})
    return form_page(request, form, banner=strip, title=title, cancel_url=back)
