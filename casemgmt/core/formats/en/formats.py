"""Times by 24 hours on every page, as on Today: “4 p.m.” beside “16:30” is read wrongly in a hurry."""

TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y, H:i"
