"""How one is reminded: the e-mail of the day, the calendar on the phone, and one's own licences."""

from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.agencies.models import CalendarFeed, Credential, StaffMember
from casemgmt.core.views import done, form_page, page
from casemgmt.workspace.day.forms import RemindersForm

NEW = "new feed"  # in the session: the secret address, until it was shown once


@page("account.use")
def reminders(request):
    """When the e-mail comes and what it counts; the address of one's feed, right after it was made."""
    jobs = StaffMember.objects.visible_to(request.staff)
    job = (jobs.select_for_update(of=("self",)) if request.method == "POST" else jobs).fetch(request.staff.pk)
    form = RemindersForm(request.POST or None, staff=request.staff, job=job)
    if form.is_bound and form.is_valid():
        job.mail_daily, job.mail_without = form.cleaned_data["mail_daily"], form.without()
        job.save()
        return done(request, "workspace:reminders", message=_("Saved."))
    token = request.session.pop(NEW, "") if request.method == "GET" else ""
    feeds = CalendarFeed.objects.visible_to(request.staff).live()
    return form_page(
        request,
        form,
        "workspace/reminders.html",
        job=job,
        feed=feeds.first(),
        feed_url=token
        and request.build_absolute_uri(reverse("workspace:calendar-feed", kwargs={"token": token})),
        has_calendar=request.staff.may("today.view"),
        licences=list(Credential.objects.visible_to(request.staff).filter(staff=request.staff)),
        today=timezone.localdate(),
    )


@page("account.use", methods=("POST",))
def feed_open(request):
    """A new secret address, shown once; the one before stops."""
    request.session[NEW] = CalendarFeed.open(request.staff)
    return redirect(reverse("workspace:reminders") + "#feed")


@page("account.use", methods=("POST",))
def feed_end(request):
    """The secret address stops answering."""
    for feed in CalendarFeed.objects.visible_to(request.staff).live():
        feed.end()
    return done(request, "workspace:reminders", message=_("The calendar address no longer answers."))
