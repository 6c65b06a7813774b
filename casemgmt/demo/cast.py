"""The cast: two agencies and the people who work there, the same in every test and in the demo."""

from datetime import timedelta
from types import SimpleNamespace

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from casemgmt.agencies.models import (
    EligibilityCriterion,
    Program,
    ProgramStaff,
    StaffMember,
    SupervisionLink,
    User,
    acting_as,
)
from casemgmt.agencies.models.program import ModelOfPractice
from casemgmt.agencies.roles import Role
from casemgmt.core.models import create_many
from casemgmt.workspace.opening import open_agency
from mentoring.models import Pairing

PASSWORD = "casemgmt-demo"
REASON = "The cast of tests and demo."

# login: name, roles, days at the agency, years of experience before
RIVERSIDE = {
    "dana": ("Dana Whitfield", [Role.DIRECTOR], 3100, 14),
    "sam": ("Samir Haddad", [Role.SUPERVISOR], 2200, 9),
    "wendy": ("Wendy Nakamura", [Role.CASE_MANAGER], 1300, 4),
    "walt": ("Walter Kowalczyk", [Role.CASE_MANAGER], 900, 2),
    "mo": ("Mohamed Abdi", [Role.CASE_MANAGER], 2600, 6),
    "nia": ("Nia Baptiste", [Role.CASE_MANAGER], 42, 0),
    "quinn": ("Quinn Delgado", [Role.QUALITY], 700, 8),
    "eve": ("Eve Lindqvist", [Role.EVALUATOR], 400, 5),
    "ada": ("Ada Mensah", [Role.ADMIN], 1500, 3),
}
LAKESIDE = {
    "olive": ("Olive Tremblay", [Role.DIRECTOR], 1900, 12),
    "lars": ("Lars Eriksen", [Role.CASE_MANAGER], 800, 3),
}
LOGINS = (*RIVERSIDE, *LAKESIDE, "root")
SUPERVISES = {"sam": ["wendy", "walt", "mo", "nia"], "dana": ["sam"], "olive": ["lars"]}
# program: its people. Wendy shares no team with Walt beyond the one that shares no caseload.
TEAMS = {
    "ccm": ["wendy", "walt", "mo", "nia"],
    "act": ["mo", "walt"],
    "rapid": ["wendy", "nia"],
    "recovery": ["walt", "sam"],
    "outreach": ["lars", "olive"],
}


@transaction.atomic
def build_cast():
    """Write both agencies, their programs and staff; returns all of them by their short names.

    `cast.wendy` is a StaffMember (its login is `cast.wendy.user`), `cast.root` a User without a job; `cast.riverside`,
    `cast.lakeside` are agencies, `cast.ccm`, `act`, `rapid`, `recovery` (riverside) and `outreach` (lakeside) programs,
    `cast.pairing` is mo's and nia's.
    """
    cast = SimpleNamespace()
    users = _logins()
    cast.root = users["root"]
    cast.riverside = open_agency("Riverside Community Support", "riverside")
    with acting_as(cast.riverside, by=None, reason=REASON):
        _hire(cast, cast.riverside, RIVERSIDE, users)
        _run_programs(cast, cast.riverside, _riverside_programs(cast.riverside))
        create_many(
            EligibilityCriterion,
            [
                EligibilityCriterion(agency=cast.riverside, program=cast.act, question=question, position=n)
                for n, question in enumerate(
                    ["Is 18 or older", "Lives in the county", "Was in hospital or in crisis care this year"]
                )
            ],
        )
        cast.pairing = _pair(cast)
    cast.lakeside = open_agency("Lakeside Outreach", "lakeside", time_zone="America/Chicago")
    with acting_as(cast.lakeside, by=None, reason=REASON):
        _hire(cast, cast.lakeside, LAKESIDE, users)
        outreach = Program(agency=cast.lakeside, name="Street Outreach", model=ModelOfPractice.BROKER)
        _run_programs(cast, cast.lakeside, {"outreach": outreach})
    return cast


def _logins():
    # One hash for all: Argon2 takes half a second, and the password is in the README.
    password = make_password(PASSWORD)
    names = {login: row[0] for login, row in (RIVERSIDE | LAKESIDE).items()} | {"root": "Robin Platt"}
    rows = []
    for login, name in names.items():
        first, _space, last = name.partition(" ")
        rows.append(
            User(
                username=login,
                first_name=first,
                last_name=last,
                email=f"{login}@casemgmt.example",
                password=password,
                is_superuser=login == "root",
                is_staff=login == "root",
            )
        )
    return {user.username: user for user in create_many(User, rows)}


def _hire(cast, agency, people, users):
    today = timezone.localdate()
    rows = [
        StaffMember(
            agency=agency,
            user=users[login],
            name=name,
            email=users[login].email,
            roles=[role.value for role in roles],
            hired_on=today - timedelta(days=days),
            experience_years=years,
        )
        for login, (name, roles, days, years) in people.items()
    ]
    for login, staff in zip(people, create_many(StaffMember, rows), strict=True):
        setattr(cast, login, staff)
    links = []
    for login, theirs in SUPERVISES.items():
        for other in theirs if login in people else []:
            staff, supervisor = getattr(cast, other), getattr(cast, login)
            since = max(staff.hired_on, supervisor.hired_on)
            links.append(SupervisionLink(agency=agency, staff=staff, supervisor=supervisor, started_on=since))
    create_many(SupervisionLink, links)


def _riverside_programs(agency):
    programs = {
        "ccm": Program(name="Community Case Management", model=ModelOfPractice.INTENSIVE),
        "act": Program(name="ACT Team", model=ModelOfPractice.ACT),
        "rapid": Program(name="Rapid Bridge", model=ModelOfPractice.RAPID),
        "recovery": Program(name="Recovery Path", model=ModelOfPractice.CLINICAL, is_part_2=True),
    }
    for code, program in programs.items():
        program.agency, program.code = agency, code.upper()
    return programs


def _run_programs(cast, agency, programs):
    for program in programs.values():
        program.take_defaults_of_model()
    for name, program in zip(programs, create_many(Program, list(programs.values())), strict=True):
        setattr(cast, name, program)
    for program in programs.values():
        program.take_steps_of_model()
    create_many(
        ProgramStaff,
        [
            ProgramStaff(
                agency=agency,
                program=getattr(cast, name),
                staff=getattr(cast, login),
                started_on=getattr(cast, login).hired_on,
            )
            for name in programs
            for login in TEAMS[name]
        ],
    )


def _pair(cast):
    """Mo and Nia, since her second week; written directly, because the verbs only know today."""
    first_week = timezone.now() - timedelta(days=36)
    return create_many(
        Pairing,
        [
            Pairing(
                agency=cast.riverside,
                mentor=cast.mo,
                mentee=cast.nia,
                weekly_minutes=120,
                learning_needs="Home visits on my own, and notes that say enough without saying too much.",
                proposed_by=cast.sam,
                proposed_at=first_week,
                mentor_accepted_at=first_week + timedelta(hours=3),
                mentee_accepted_at=first_week + timedelta(days=1),
                started_on=timezone.localdate(first_week) + timedelta(days=1),
            )
        ],
    )[0]
