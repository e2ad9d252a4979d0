"""The `safelaunch` command's entry: settings first, then the command line."""

import os
import sys

from safelaunch.domain.refusals import Problem


def main() -> None:
    """This function will put the house together and run the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safelaunch.config.settings")
    import django

    try:
        django.setup()
    except Problem as problem:
        # A setting that cannot be read: there is no house yet, only a sentence.
        sys.stderr.write(f"{problem}\n")
        sys.exit(2)
    from safelaunch.interfaces.cli import main as run

    run()
