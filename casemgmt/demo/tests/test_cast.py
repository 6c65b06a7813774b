from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from casemgmt.agencies.models import (
    Agency,
    PickItem,
    ServiceType,
    StaffMember,
    SupervisionLink,
    User,
    acting_as,
)
from casemgmt.agencies.models.program import PickList
from casemgmt.demo.builders import (
    activate,
    assess,
    begin_intake,
    discharge,
    enroll,
    log_visit,
    make_client,
    plan_for,
    refer,
)
from casemgmt.demo.cast import LAKESIDE, PASSWORD, RIVERSIDE
from clients.models import Client, Enrollment, VisitParticipant
from clients.pipeline import Stage
from mentoring.models import ActivityType, MentoringActivity, Pairing


@pytest.mark.parametrize("login", [*RIVERSIDE, *LAKESIDE, "root"])
def test_everybody_in_the_cast_can_sign_in(cast, login):
    assert authenticate(username=login, password=PASSWORD).username == login


def test_everybody_has_one_job_save_the_operator(cast):
    for login in RIVERSIDE | LAKESIDE:
        staff = getattr(cast, login)
        assert list(StaffMember.objects.jobs_of(staff.user)) == [staff]
    assert not StaffMember.objects.filter(user=cast.root).exists()
    assert cast.root.is_superuser


def test_sam_supervises_the_case_managers_and_dana_sam(cast):
    theirs = StaffMember.objects.supervised_by(cast.sam)
    assert set(theirs) == {cast.wendy, cast.walt, cast.mo, cast.nia}
    assert set(StaffMember.objects.supervised_by(cast.dana)) == {cast.sam}


def test_no_supervision_begins_before_somebody_was_hired(cast):
    for link in SupervisionLink.objects.select_related("staff", "supervisor"):
        assert link.started_on >= max(link.staff.hired_on, link.supervisor.hired_on)


def test_mo_and_nia_are_a_running_pair(cast):
    assert list(Pairing.objects.running()) == [cast.pairing]
    assert cast.pairing.mentee == cast.nia


def test_an_agency_opens_with_every_list(cast):
    for agency in (cast.riverside, cast.lakeside):
        for pick_list in PickList:
            assert PickItem.objects.filter(agency=agency).of(pick_list).count() >= 5
        assert ServiceType.objects.filter(agency=agency).count() >= 7
        assert ActivityType.objects.filter(agency=agency, code="SHADOW").exists()


def test_the_session_finds_its_job(as_, cast):
    browser = as_("wendy")
    assert browser.session["_auth_user_id"] == str(cast.wendy.user_id)


def test_one_person_walks_from_referral_to_discharge(cast):
    person = make_client(cast.riverside, by=cast.wendy)
    refer(person, by=cast.sam, assigned_to=cast.wendy)
    begin_intake(person, by=cast.wendy)
    enrollment = enroll(person, cast.ccm, cast.wendy)
    assess(enrollment, by=cast.wendy)
    plan_for(enrollment, by=cast.wendy)
    activate(enrollment, by=cast.wendy)
    log_visit(enrollment, by=cast.wendy, days_ago=0)
    discharge(enrollment, by=cast.wendy)
    enrollment.refresh_from_db()
    assert enrollment.stage == Stage.DISCHARGED
    assert [c.to_stage for c in enrollment.stage_changes.all()] == [
        "assessed",
        "planned",
        "active",
        "concluding",
        "discharged",
    ]


def test_builders_write_as_the_person_they_are_given(cast):
    enrollment = activate(enroll(make_client(cast.riverside), cast.act, cast.mo), by=cast.mo)
    visit = log_visit(
        enrollment, by=cast.mo, others={cast.nia: VisitParticipant.Role.SHADOWING}, signed=False
    )
    assert visit.history.get().history_user == cast.mo
    assert visit.participants.count() == 2
    with acting_as(cast.riverside, by=cast.mo):
        assert MentoringActivity.from_joint_visit(visit, by=cast.mo).kinds.get().type.code == "SHADOW"


def test_walt_does_not_see_wendys_people(cast):
    hers = enroll(make_client(cast.riverside), cast.ccm, cast.wendy)
    assert Enrollment.objects.visible_to(cast.wendy).get() == hers
    assert not Client.objects.visible_to(cast.walt).exists()
    assert not Client.objects.visible_to(cast.olive).exists()


def test_open_agency_gives_its_admin_a_password_that_works(db):
    said = StringIO()
    options = {"slug": "harbor", "admin": "hal", "email": "hal@harbor.example", "stdout": said}
    call_command("open_agency", "Harbor House", **options)
    password = said.getvalue().split()[-1]
    assert authenticate(username="hal", password=password)
    job = StaffMember.objects.get(user__username="hal")
    assert job.roles == ["admin"]
    assert job.agency == Agency.objects.get(slug="harbor")
    with pytest.raises(CommandError, match="already"):
        call_command("open_agency", "Harbor House", **options)
    with pytest.raises(CommandError, match="exists already"):
        call_command("open_agency", "Harbor House", **options | {"slug": "harbor-2"})
    assert User.objects.filter(username="hal").count() == 1


def test_the_demo_refuses_a_database_that_holds_anything(cast):
    with pytest.raises(CommandError, match="holds data already"):
        call_command("demo")
    call_command("demo", if_empty=True)
    assert Agency.objects.count() == 2
    assert not Client.objects.exists()
