"""The set-up of plans and billing: goals to start from, who pays by which rule. No record is seen here."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.admin import AgencyAdmin, InUse, OwnRows
from serviceplans.models import CoveredWork, FundingSource, GoalTemplate


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


class CoveredInline(OwnRows):
    model = CoveredWork
    fields = ("service_type",)
    verbose_name_plural = _("only these kinds of work; none: all that the rules above let in")


@admin.register(FundingSource)
class FundingSourceAdmin(AgencyAdmin):
    inlines = (CoveredInline,)
    list_display = ("name", "payer", "code", "unit_rule", "counts_only", "ended_on")
    list_filter = ("unit_rule", InUse)
    search_fields = ("name", "code")
    fieldsets = (
        (None, {"fields": ("name", "payer", ("code", "modifier"), "counts_only", "ended_on")}),
        (
            _("From minutes to units"),
            {"fields": ("unit_rule", ("unit_minutes", "together"), ("least_minutes", "least_contacts"))},
        ),
        (_("At most"), {"fields": (("most_a_day", "most_a_month"), "needs_authorization")}),
        (
            _("What counts"),
            {"fields": ("components_only", "pays_for_messages", "pays_for_collateral")},
        ),
    )
