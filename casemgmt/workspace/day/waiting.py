"""What waits: put off with a reason, and taken up again."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.core.forms import ConfirmForm
from casemgmt.core.models import Refused
from casemgmt.core.views import done, form_page, page
from casemgmt.workspace.day.forms import SnoozeForm
from casemgmt.workspace.day.kinds import longest, may_wait
from casemgmt.workspace.worklists import items_of
from clients.banner import banner
from clients.models import Client, Snooze


@page("today.view", records=True)
def snooze(request, pk):
    """Let something on one's list rest for a few days; it comes back by itself."""
    staff = request.staff
    client = Client.objects.visible_to(staff).fetch(pk)
    strip = banner(request, client)
    asked = {name: request.GET.get(name, "")[:60] for name in ("kind", "subject")}
    form = SnoozeForm(request.POST or None, staff=staff, initial=asked | {"days": "1"})
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            _put_off(staff, client, said["kind"], said["subject"], form.until(), said["why"])
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, "workspace:today", message=_("It comes back on that day."))
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Put off"),
        submit=_("Put off"),
        plain=True,
        cancel_url=reverse("workspace:today"),
    )


def _put_off(staff, client, kind, subject, until, why):
    """Raises Refused for what is not on the list any more, or may not wait."""
    item = next((i for i in items_of(staff) if i.key == (kind, subject) and i.client == client.pk), None)
    if item is None or not may_wait(item):
        raise Refused(_("This is not on your list any more."))
    Snooze.put_off(
        client, staff=staff, kind=kind, subject=subject, until=until, why=why, longest=longest(kind)
    )


@page("today.view", records=True)
def snooze_end(request, pk):
    """It is on the list again, before its day."""
    rows = Snooze.objects.visible_to(request.staff).of(request.staff).select_related("client")
    row = rows.fetch(pk)
    strip = banner(request, row.client)
    form = ConfirmForm(request.POST or None, staff=request.staff)
    if form.is_bound and form.is_valid():
        row.until = timezone.localdate()
        row.save()
        return done(request, "workspace:today", message=_("It is on your list again."))
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Take up again"),
        intro=row.why,
        submit=_("Take up again"),
        plain=True,
        cancel_url=reverse("workspace:today"),
    )
