"""What changed between two versions, told of parts without a database."""

from serviceplans.compared import changes
from serviceplans.inwords import Part


def plan(*parts, **said):
    return Part("Plan", "plan", agreed=list(said.items()), parts=list(parts))


def goal(name, *parts, over="", alike=(), **said):
    return Part("Goal", name, agreed=list(said.items()), parts=list(parts), over=over, alike=alike)


def told(was, now):
    return [(change.how, change.name, change.lines or change.why) for change in changes(was, now)]


def test_nothing_changed_says_nothing():
    assert told(plan(goal("A", Why="x"), vision="y"), plan(goal("A", Why="x"), vision="y")) == []


def test_what_stands_above_the_goals_is_told_field_by_field():
    assert told(plan(vision="a"), plan(vision="b")) == [("changed", "", [("vision", "a", "b")])]


def test_a_goal_that_came_and_one_that_went():
    assert told(plan(goal("Own flat")), plan(goal("A job", Why="Money"))) == [
        ("added", "A job", [("Why", "", "Money")]),
        ("gone", "Own flat", ""),
    ]


def test_a_goal_that_ended_is_over_and_says_how():
    assert told(plan(goal("Own flat", over="Met")), plan()) == [("over", "Own flat", "Met")]


def test_a_goal_told_in_other_words_is_the_same_goal():
    was = plan(goal("Find a quiet flat", alike=("Housing",)), goal("Money", alike=("Income",)))
    now = plan(goal("Money", alike=("Income",)), goal("Live alone", alike=("Housing",)))
    assert told(was, now) == [("changed", "Live alone", [("Goal", "Find a quiet flat", "Live alone")])]


def test_words_that_are_nearly_the_same_are_the_same_goal():
    was, now = plan(goal("Find a quiet flat")), plan(goal("Find a quiet flat downtown"))
    assert [how for how, *_rest in told(was, now)] == ["changed"]


def test_what_hangs_on_a_goal_is_told_with_it():
    was = plan(goal("A", Part("Objective", "Sleeps well", agreed=[("By", "1 May")])))
    now = plan(goal("A", Part("Objective", "Sleeps well", agreed=[("By", "1 June")])))
    change = next(changes(was, now))
    assert (change.within, change.lines) == ("A", [("By", "1 May", "1 June")])


def test_what_comes_with_a_new_goal_is_named():
    now = plan(goal("A", Part("Objective", "O", parts=[Part("Action", "Call")])))
    assert next(changes(plan(), now)).holds == ["Objective: O", "Action: Call"]


def test_a_goal_never_pairs_with_something_else():
    was, now = plan(Part("Need left for now", "Housing")), plan(goal("Housing"))
    assert {how for how, *_rest in told(was, now)} == {"added", "gone"}
