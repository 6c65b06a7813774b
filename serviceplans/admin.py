"""The set-up of plans: the goals that an agency offers to start from. No record is seen here."""

from django.contrib import admin

from casemgmt.agencies.admin import AgencyAdmin, InUse
from serviceplans.models import GoalTemplate


@admin.register(GoalTemplate)
class GoalTemplateAdmin(AgencyAdmin):
    list_display = ("title", "domain", "position", "ended_on")
    list_filter = ("domain", InUse)
    search_fields = ("title", "objective")
    fields = (
        "domain",
        "title",
        "objective",
        "is_outcome",
        ("measure", "unit"),
        ("baseline", "target"),
        "maintains",
        ("within_days", "every_days"),
        "action",
        "position",
        "ended_on",
    )
