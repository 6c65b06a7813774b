"""The goals that come with the product: two for each domain, to start from and to make one's own (REQ-96).

How things stand today is left open on purpose: that is the person's to say. An agency changes them as it likes.
"""

from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from assessments.domains import Domain
from casemgmt.core.models import create_many
from serviceplans.models import GoalTemplate


@dataclass(frozen=True)
class Starter:
    """A goal with one objective and a first step, in words that somebody might say."""

    title: str
    objective: str
    measure: str
    unit: str
    target: int
    action: str
    every_days: int = 30
    within_days: int = 90
    maintains: bool = False


STARTERS = {
    Domain.HOUSING: [
        Starter(
            _("I want a place of my own that I can afford."),
            _("I sleep in a place that is mine every night of the month."),
            _("nights in my own place a month"), _("nights"), 28,
            _("Fill in one housing application together"), within_days=180,
        ),
        Starter(
            _("I want to keep the home I have."),
            _("My rent is paid by the day it is due, month after month."),
            _("months in a row with rent paid in time"), _("months"), 3,
            _("Write the day and the amount of the rent on the calendar"),
        ),
    ],
    Domain.FOOD: [
        Starter(
            _("I want enough to eat every day."),
            _("I have at least two proper meals a day."),
            _("days a week with two meals"), _("days"), 7,
            _("Find out which food bank is open near my home"), every_days=7,
        ),
        Starter(
            _("I want to cook for myself."),
            _("I cook a meal at home several times a week."),
            _("meals cooked at home a week"), _("meals"), 4,
            _("Choose one dish and buy what it takes"), every_days=7,
        ),
    ],
    Domain.MONEY: [
        Starter(
            _("I want the money that I have a right to."),
            _("Every benefit that I can get is applied for."),
            _("benefits applied for"), _("applications"), 2,
            _("Go through my papers and list what I can apply for"),
        ),
        Starter(
            _("I want my money to last until the end of the month."),
            _("I still have money for food in the last week of the month."),
            _("months in a row with money left in the last week"), _("months"), 3,
            _("Write down for a week what I spend"),
        ),
    ],
    Domain.LEGAL: [
        Starter(
            _("I want to have my papers in order."),
            _("I hold every paper that I need to apply for things."),
            _("papers in my hands"), _("papers"), 3,
            _("Order the first paper that is missing"),
        ),
        Starter(
            _("I want to get through my court case without new trouble."),
            _("I am there for each of my dates in court and with my officer."),
            _("dates kept out of the last four"), _("dates"), 4,
            _("Put all dates into one calendar with a reminder"), within_days=180,
        ),
    ],
    Domain.PHYSICAL_HEALTH: [
        Starter(
            _("I want a doctor who knows me."),
            _("I see the same doctor twice, and say what worries me."),
            _("appointments with my own doctor"), _("appointments"), 2,
            _("Call one practice that takes new patients"),
        ),
        Starter(
            _("I want to move more and feel fitter."),
            _("I walk for half an hour several days a week."),
            _("days a week with half an hour of walking"), _("days"), 4,
            _("Choose a way that I like and walk it once"), every_days=7,
        ),
    ],
    Domain.MENTAL_HEALTH: [
        Starter(
            _("I want more days on which I can do what I want to do."),
            _("I have good days, as I call them, on most days of the week."),
            _("good days a week, by my own count"), _("days"), 5,
            _("Mark the good days on a calendar for two weeks"), every_days=7,
        ),
        Starter(
            _("I want to notice early when I am getting unwell."),
            _("I use my own list of warning signs every week."),
            _("weeks in a row with the list looked at"), _("weeks"), 8,
            _("Write my first three warning signs together"), every_days=14,
        ),
    ],
    Domain.SUBSTANCE_USE: [
        Starter(
            _("I want to drink or use less than now."),
            _("I have days without it each week."),
            _("days a week without"), _("days"), 5,
            _("Talk about which day would be the easiest to begin with"), every_days=7,
        ),
        Starter(
            _("I want to stay clear of it as I am now."),
            _("I go to my group each week, also in bad weeks."),
            _("group meetings a month"), _("meetings"), 4,
            _("Agree whom I call when it gets hard"), maintains=True,
        ),
    ],
    Domain.TREATMENT: [
        Starter(
            _("I want a treatment that I understand and agree with."),
            _("I have asked my doctor all of my questions about my medication."),
            _("of my own questions answered"), _("questions"), 5,
            _("Write down the questions before the next appointment"),
        ),
        Starter(
            _("I want to take my medication as I agreed to."),
            _("I take it as agreed nearly every day."),
            _("days a week taken as agreed"), _("days"), 6,
            _("Find the best place and time of the day for it"), every_days=7,
        ),
    ],
    Domain.SAFETY: [
        Starter(
            _("I want to be safe where I live."),
            _("I spend every night where nobody threatens me."),
            _("safe nights a month"), _("nights"), 30,
            _("Look through my safety plan together and change what no longer fits"), every_days=7,
        ),
        Starter(
            _("I want to get through hard hours without being hurt."),
            _("I use a step of my safety plan whenever it gets hard."),
            _("hard hours out of ten in which I used a step"), _("hours"), 8,
            _("Carry the safety plan with me and show it to one person"), every_days=14,
        ),
    ],
    Domain.DAILY_LIVING: [
        Starter(
            _("I want my home to be as I like it."),
            _("I clean one room each week without help."),
            _("rooms cleaned a week without help"), _("rooms"), 1,
            _("Choose the room and the day to begin with"), every_days=14,
        ),
        Starter(
            _("I want to run my own days."),
            _("I get up at the time that I chose, most days."),
            _("days a week up at my own time"), _("days"), 5,
            _("Decide on a time and on what gets me up"), every_days=7,
        ),
    ],
    Domain.EMPLOYMENT: [
        Starter(
            _("I want paid work that suits me."),
            _("I work for pay each week."),
            _("paid hours a week"), _("hours"), 10,
            _("Write down what I am good at and what I do not want to do"), within_days=180,
        ),
        Starter(
            _("I want to do something useful, paid or not."),
            _("I am somewhere each week where others count on me."),
            _("hours a week"), _("hours"), 3,
            _("Go and see one place that looks for volunteers"),
        ),
    ],
    Domain.EDUCATION: [
        Starter(
            _("I want to finish what I began to learn."),
            _("I am in class on most of its days."),
            _("days of class out of the last ten"), _("days"), 8,
            _("Ask which courses begin next and what they cost"), within_days=180,
        ),
        Starter(
            _("I want to read, write or reckon better in daily life."),
            _("I practice at fixed times each week."),
            _("practice hours a week"), _("hours"), 2,
            _("Find out where lessons are free near my home"), every_days=14,
        ),
    ],
    Domain.TRANSPORT: [
        Starter(
            _("I want to get where I have to be by myself."),
            _("I go to my appointments on my own."),
            _("appointments out of four that I went to on my own"), _("appointments"), 4,
            _("Ride the way to one appointment together"),
        ),
        Starter(
            _("I want a way to get around that I can afford."),
            _("I have a pass or a ride for every trip that I must make in a month."),
            _("trips a month without a ride"), _("trips"), 0,
            _("Ask for the form for reduced fares"),
        ),
    ],
    Domain.FAMILY: [
        Starter(
            _("I want to be in touch with my family again, as far as I like."),
            _("I talk with somebody of my family each month."),
            _("talks a month"), _("talks"), 2,
            _("Decide whom to write to first, and what"),
        ),
        Starter(
            _("I want to look after my children or relatives without going under."),
            _("I have hours for myself each week while somebody else is there for them."),
            _("free hours a week"), _("hours"), 4,
            _("Ask one person who could take over for two hours"), every_days=14,
        ),
    ],
    Domain.SOCIAL: [
        Starter(
            _("I want to have people to do things with."),
            _("I meet somebody for fun each week."),
            _("meetings for fun a month"), _("meetings"), 4,
            _("Choose one person or one group to begin with"),
        ),
        Starter(
            _("I want to keep going out of the house."),
            _("I go somewhere that I like on several days a week."),
            _("days a week out for something I like"), _("days"), 3,
            _("Write a list of places where I feel well"), every_days=7, maintains=True,
        ),
    ],
    Domain.CULTURE: [
        Starter(
            _("I want to be understood in my own language."),
            _("Somebody interprets at every appointment that matters."),
            _("appointments out of four with an interpreter"), _("appointments"), 4,
            _("Tell each place which language I speak"),
        ),
        Starter(
            _("I want to live by what is sacred or important to me."),
            _("I take part in what matters to me, in a community or alone."),
            _("times a month"), _("times"), 4,
            _("Find out when and where it takes place"),
        ),
    ],
}  # fmt: skip


def take_goals(agency):
    """Give an agency those of these goals that it never had, in the language of the day; returns what was added.

    What it changed or no longer offers stays as it is.
    """
    known = set(GoalTemplate.history.filter(agency=agency).values_list("domain", "title"))
    rows = [
        GoalTemplate(
            agency=agency,
            domain=domain,
            title=gettext(one.title),
            objective=gettext(one.objective),
            measure=gettext(one.measure),
            unit=gettext(one.unit),
            target=one.target,
            action=gettext(one.action),
            every_days=one.every_days,
            within_days=one.within_days,
            maintains=one.maintains,
            position=position,
        )
        for domain, starters in STARTERS.items()
        for position, one in enumerate(starters, start=1)
        if (domain, gettext(one.title)) not in known
    ]
    return create_many(GoalTemplate, rows)
