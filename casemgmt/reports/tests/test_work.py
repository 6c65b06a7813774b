"""How the work was done, in figures: time, places, distance, help and counts."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casemgmt.agencies.models import Agency, PickItem, acting_as
from casemgmt.demo.builders import enroll, log_visit, make_client
from casemgmt.reports.outcomes import Period
from casemgmt.reports.work import work_tables
from clients.models import Visit
from serviceplans.models import EnrollmentFunding, FundingSource

PROGRAM = "Community Case Management"


def tables(cast, who="sam", limit=1):
    staff, today = getattr(cast, who), timezone.localdate()
    with acting_as(staff.agency, by=staff):
        found = work_tables(staff, Period(today - timedelta(days=30), today), limit)
    return {
        t.id: {row["label"]: {str(c["label"]): c["value"] for c in row["cells"]} for row in t.rows}
        for t in found
    }


@pytest.fixture
def served(cast):
    return enroll(make_client(cast.riverside), cast.ccm, cast.wendy)


def month():
    return timezone.localtime(timezone.now() - timedelta(days=1, hours=1)).strftime("%b %Y")


def test_eight_of_ten_contacts_at_home_or_in_the_community_are_80_percent(cast, served):
    for n in range(10):
        place = (Visit.Place.HOME, Visit.Place.COMMUNITY, Visit.Place.OFFICE)[min(n // 4, 2)]
        log_visit(served, by=cast.wendy, place=place)
    log_visit(served, by=cast.wendy, mode=Visit.Mode.PHONE, place="")
    found = tables(cast)
    assert found["places"][PROGRAM]["In the community, %"] == 80
    assert found["places-workers"]["Wendy Nakamura"]["In the community, %"] == 80


def test_drives_are_added_up_by_worker_and_month_in_the_agencys_unit(cast, served):
    for meters in (16_093, 8_047):
        log_visit(served, by=cast.wendy, distance_m=meters, travel_minutes=20)
    row = tables(cast)["mileage"][f"{month()}, Wendy Nakamura"]
    assert row == {"Drives": 2, "miles": 15.0, "Minutes": 40}
    cast.riverside.distance_unit = Agency.Distance.KILOMETERS
    cast.riverside.save()
    cast.sam.agency.refresh_from_db()
    assert tables(cast)["mileage"][f"{month()}, Wendy Nakamura"]["kilometers"] == 24.1


def test_the_share_of_notes_and_travel_is_told(cast, served):
    log_visit(served, by=cast.wendy, direct_minutes=60, travel_minutes=30, documentation_minutes=10)
    row = tables(cast)["time"][PROGRAM]
    assert (row["With people, %"], row["Travel, %"], row["Notes, %"]) == (60, 30, 10)


def test_levels_of_help_stand_month_by_month(cast, served):
    for level in (Visit.Help.WENT_ALONG, Visit.Help.WENT_ALONG, Visit.Help.INFORMED):
        log_visit(served, by=cast.wendy, help=level)
    row = tables(cast)["help"][month()]
    assert (row["Went along"], row["Told how"], row["All"]) == (2, 1, 3)


def test_what_was_handed_out_is_counted_each_month(cast, served):
    log_visit(served, by=cast.wendy, materials="Crisis card")
    log_visit(served, by=cast.wendy)
    assert tables(cast)["education"][month()]["Handed out"] == 1


def test_where_contacts_are_counted_and_not_billed_the_counts_are_told(cast, served):
    with acting_as(cast.riverside, by=cast.wendy):
        payer = PickItem.objects.get(agency=cast.riverside, pick_list="funding", code="COUNTY")
        source = FundingSource.objects.create(name="Ministry", payer=payer, counts_only=True)
        EnrollmentFunding.objects.create(
            enrollment=served, source=source, started_on=timezone.localdate() - timedelta(days=20)
        )
    for mode in (Visit.Mode.IN_PERSON, Visit.Mode.IN_PERSON, Visit.Mode.PHONE):
        log_visit(served, by=cast.wendy, mode=mode)
    log_visit(served, by=cast.wendy, mode=Visit.Mode.PHONE, held_with=Visit.With.PROVIDER)
    row = tables(cast)["counted"][f"{PROGRAM}, {month()}"]
    assert row == {
        "Face to face": 2,
        "Not face to face": 2,
        "All": 4,
        "People served": 1,
        "Interactions with them": 3,
        "Days of attendance": 1,
    }


def test_small_groups_are_hidden_and_names_are_for_those_who_see_them(cast, served):
    log_visit(served, by=cast.wendy, distance_m=5000)
    found = tables(cast, "eve", limit=5)
    assert "mileage" not in found
    assert str(found["places"][PROGRAM]["All"]) == "fewer than 5"


def test_the_page_and_its_file_answer(as_):
    sam = as_("sam")
    assert "Mileage" in sam.get(reverse("reports:work")).text
    file = sam.get(reverse("reports:work-csv"), {"start": "2026-01-01", "end": "2026-02-01"})
    assert file["Content-Type"].startswith("text/csv")
