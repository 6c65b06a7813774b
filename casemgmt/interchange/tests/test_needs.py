"""The directory's needs are those of the review, two floors above it."""

from assessments.domains import Domain
from casemgmt.resources.needs import Need


def test_the_directory_and_the_review_speak_of_the_same_needs():
    assert [(n.value, n.label) for n in Need] == [(d.value, d.label) for d in Domain]
