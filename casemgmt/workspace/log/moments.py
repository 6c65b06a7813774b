"""What the clock says and how minutes are shared out: arithmetic alone, no database."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

METERS = {"mi": Decimal("1609.344"), "km": Decimal(1000)}


def readings(naive):
    """The moments at which the clocks here show this: one, two in autumn's hour, none in the hour spring skips."""
    zone = timezone.get_current_timezone()
    found = []
    for fold in (0, 1):
        # In UTC, because sums and differences within a zone are those of its clocks, not of time.
        moment = naive.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None, fold=0) == naive.replace(fold=0):
            found.append(moment)
    return found if len(set(found)) == len(found) else found[:1]


def day_of(moment):
    """From which moment to which the local day of `moment` goes; 23 to 25 hours."""
    zone = timezone.get_current_timezone()
    day = moment.astimezone(zone).date()
    return tuple(
        datetime.combine(day + timedelta(days=n), time.min, tzinfo=zone).astimezone(UTC) for n in (0, 1)
    )


def minutes_between(start, end):
    """Whole minutes that really passed, whatever the clocks did."""
    seconds = (end - start) / timedelta(seconds=1)
    return round(seconds / 60)


def share_out(total, weights):
    """`total` in whole parts, in proportion; they add up to it, and none exceeds its weight where the total fits."""
    whole = sum(weights)
    if not whole:
        return [total, *[0] * (len(weights) - 1)] if weights else []
    parts, gone = [], 0
    for n in range(1, len(weights) + 1):
        now = total * sum(weights[:n]) // whole
        parts.append(now - gone)
        gone = now
    return parts


def shares(total, said):
    """Minutes for each: what was said stands, the rest is shared evenly among the others; None: it does not add up."""
    rest = total - sum(minutes for minutes in said if minutes is not None)
    open_places = [n for n, minutes in enumerate(said) if minutes is None]
    if rest < 0 or (rest and not open_places):
        return None
    even = dict(zip(open_places, share_out(rest, [1] * len(open_places)), strict=True))
    return [even[n] if minutes is None else minutes for n, minutes in enumerate(said)]


def to_meters(distance, unit):
    return None if distance is None else int((distance * METERS[unit]).to_integral_value())


def from_meters(meters, unit):
    """In miles or kilometers with one decimal, without a needless zero."""
    if meters is None:
        return None
    distance = round(Decimal(meters) / METERS[unit], 1)
    return distance.quantize(Decimal(1)) if distance == distance.to_integral_value() else distance
