#!/usr/bin/env python
"""Run casemgmt's commands, such as migrate, demo and import_hmis."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "casemgmt.settings")
    execute_from_command_line(sys.argv)
