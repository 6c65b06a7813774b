"""Services as lists show them: towns, the phone to call, what they help with. One query, however many they are."""

from casemgmt.resources.models import ResourcePlace
from casemgmt.resources.needs import Need


def service_rows(staff, services):
    """Rows for the services of one page."""
    towns = {}
    places = ResourcePlace.objects.visible_to(staff).in_use().filter(resource__in=[s.pk for s in services])
    for place in places:
        towns.setdefault(place.resource_id, []).append(place.city)
    return [
        {
            "service": service,
            "towns": ", ".join(dict.fromkeys(filter(None, towns.get(service.pk, []))))[:80],
            "phone": service.phones[0]["number"] if service.phones else "",
            "call": dial(service.phones[0]["number"]) if service.phones else "",
            "needs": labels(Need, service.needs)[:3],
        }
        for service in services
    ]


def labels(choices, codes):
    """The names of these codes; one that is no code any more is passed over."""
    return [choices(code).label for code in codes if code in choices.values]


def dial(number):
    """What a phone dials: digits, a plus in front, and the extension after a pause."""
    plain, _x, extension = number.lower().partition("x")
    digits = "".join(c for c in plain if c.isdigit() or c == "+")
    return f"{digits},{extension.strip()}" if extension.strip().isdigit() else digits
