"""Going on in another program of the same agency (REQ-141)."""

import pytest
from django.utils import timezone

from assessments.models import Need
from casemgmt.agencies.models import acting_as
from casemgmt.core.models import Refused
from casemgmt.demo.builders import assess, enroll, make_client
from casemgmt.workspace import verbs
from clients.models import AftercareFollowUp, Intake
from clients.pipeline import Stage


@pytest.fixture
def served(cast):
    enrollment = enroll(make_client(cast.riverside, by=cast.wendy), cast.ccm, cast.wendy)
    assess(enrollment, by=cast.wendy)
    with acting_as(cast.riverside, by=cast.wendy):
        enrollment.refresh_from_db()
        yield enrollment


def test_one_period_ends_and_the_next_begins_the_same_day_without_an_intake(cast, served):
    following = verbs.transfer(
        served, by=cast.wendy, program=cast.rapid, worker=cast.wendy, reason="Needs twelve weeks, no more."
    )
    served.refresh_from_db()
    assert (served.stage, served.ended_on) == (Stage.CLOSED, timezone.localdate())
    assert served.discharge.disposition.code == "TRANSFERRED"
    assert (following.continues, following.enrolled_on) == (served, served.ended_on)
    assert following.worker() == cast.wendy
    assert following.milestones.exists()
    assert Intake.objects.filter(client=served.client_id).count() == 1
    assert not AftercareFollowUp.objects.exists()


def test_what_was_needed_before_is_still_seen(cast, served, as_):
    need = Need.objects.filter(enrollment=served).open().first()
    verbs.transfer(served, by=cast.wendy, program=cast.rapid, worker=cast.wendy, reason="Shorter.")
    assert need.get_domain_display() in as_("wendy").get(f"/clients/{served.client_id}/").text


@pytest.mark.parametrize(
    ("program", "reason", "why"), [("ccm", "Shorter.", "another program"), ("rapid", " ", "why")]
)
def test_a_move_wants_another_program_and_a_reason(cast, served, program, reason, why):
    with pytest.raises(Refused, match=why):
        verbs.transfer(served, by=cast.wendy, program=getattr(cast, program), reason=reason)


def test_nobody_moves_twice(cast, served):
    verbs.transfer(served, by=cast.wendy, program=cast.rapid, reason="Shorter.")
    with pytest.raises(Refused, match="ended"):
        verbs.transfer(served, by=cast.wendy, program=cast.act, reason="Longer.")
