"""When each person is to be assessed next (PR-29, REQ-117)."""

from datetime import timedelta

from django.db.models import Max

from assessments.models import Administration


def assessment_due(enrollments, at=None):
    """The day of the next assessment of each enrollment (fetched with its program), by its key. One query.

    The first is due some days after enrolling (or coming from another system), later ones after the last that was
    signed, as the program says.
    """
    signed = Administration.objects.filter(enrollment__in=[e.pk for e in enrollments]).signed()
    if at is not None:
        signed = signed.filter(held_on__lte=at)
    last = dict(signed.order_by().values_list("enrollment").annotate(on=Max("held_on")))
    return {
        e.pk: last[e.pk] + timedelta(days=e.program.reassess_every_days)
        if e.pk in last
        else e.counted_from + timedelta(days=e.program.assess_within_days)
        for e in enrollments
    }
