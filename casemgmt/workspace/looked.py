"""What somebody looked at, in words: the access log keeps URL names, people read this."""

from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.words import worded

PAGES = {
    "workspace:today": _("Today"),
    "workspace:caseload": worded("{Caseload}"),
    "workspace:caseload-of": worded("{Caseload}"),
    "workspace:assignment-list": _("To assign"),
    "workspace:assign": _("To assign"),
    "workspace:review-list": _("To review"),
    "workspace:client": _("Record"),
    "workspace:change": _("Change over time"),
    "workspace:client-history": _("History"),
    "workspace:client-access": _("Who looked"),
    "workspace:emergency-list": _("Emergency access"),
    "workspace:crisis": _("Crisis"),
    "workspace:crisis-over": _("Crisis"),
    "workspace:enrollment-move": _("Change of stage"),
    "workspace:visit-log": worded("{Visit}"),
    "workspace:visit-detail": worded("{Visit}"),
    "workspace:visit-edit": worded("{Visit}"),
    "workspace:visit-sign": worded("{Visit}"),
    "workspace:visit-addendum": worded("{Visit}"),
    "workspace:discharge": _("Discharge"),
    "workspace:share": _("Sharing"),
    "workspace:share-paper": _("Paper that was shared"),
    "workspace:share-file": _("Paper that was shared"),
    "workspace:share-answers": _("Answers that were shared"),
    "record:release": _("Release of the record"),
    "record:file": _("The whole record, given to the person"),
    "tcm:preview": _("Record of a period"),
    "tcm:release": _("Record of a period"),
    "tcm:paper": _("Record of a period, released"),
    "tcm:pdf": _("Record of a period, released"),
    "tcm:csv": _("Record of a period, released"),
    "clients:client-list": worded(_("List of {clients}")),
    "clients:client-edit": _("Details"),
    "clients:client-about": _("Details"),
    "clients:number-show": _("Identity number, in full"),
    "clients:client-restrict": _("Restriction"),
    "clients:client-unrestrict": _("Restriction"),
    "clients:client-conflict": _("Conflict of interest"),
    "clients:conflict-end": _("Conflict of interest"),
    "clients:household-join": _("Details"),
    "clients:fact-list": _("Facts and events"),
    "clients:event-create": _("Facts and events"),
    "clients:event-edit": _("Facts and events"),
    "clients:merge-find": _("Same as another record"),
    "clients:merge": _("Same as another record"),
    "clients:merge-list": _("Merged records"),
    "clients:merge-undo": _("Merged records"),
    "clients:intake-list": _("Front door"),
    "clients:level": _("Level of care"),
    "clients:follow-up": _("Aftercare"),
}
BEGINNINGS = {
    "clients:intake": _("Intake"),
    "clients:around-": _("Details"),
    "clients:referral": _("Referral"),
    "clients:consent": _("Consent"),
    "clients:disclosure": _("What was shared"),
    "assessments:": _("Assessment"),
    "serviceplans:": worded("{Plan}"),
}


def page_name(url_name):
    """The page in words; a page that nobody named is "another page"."""
    found = PAGES.get(url_name)
    found = found or next((words for start, words in BEGINNINGS.items() if url_name.startswith(start)), None)
    return str(found or _("Another page"))
