"""A landscape small enough to work out by hand."""

from safelaunch.planning.landscape import reading

SMALL = """
title = "Small"
source = "invented"
today = 2022-01-03
documents = ["DUIS", "GBCS"]

[[releases]]
name = "june"
title = "June"
day = 2022-06-30
closes_days = 10
versions = { DUIS = "5.1" }

[[releases]]
name = "november"
title = "November"
day = 2022-11-03
closes_days = 10

[[approvals]]
name = "agreed"
title = "Agreement"
working_days = 5

[[slots]]
name = "uit"
title = "Test environment"
count = 1

[[modifications]]
name = "MP1"
title = "First"
lead_months = 9
parts = [{ release = "june", documents = ["DUIS"] }]

[estate]
day = 2022-06-30
hubs = 1_000_000
per_month = 0
old_stock_months = 0
nights_per_week = 7
repeats = 0

[[regions]]
name = "NORTH"
share = 1.0
per_night = 10_000

[[stages]]
number = 1
title = "Systems"
effect = "none"

[[stages]]
number = 2
title = "Hubs"
effect = "updates"
from_start = true

[[tasks]]
name = "build"
title = "Build"
days = [20, 30, 60]
slip = { chance = 0.5, days = [5, 10, 20] }

[[tasks]]
name = "test"
title = "Test"
days = 40
after = ["build"]
slots = ["uit"]
release = "june"
stage = 1

[[tasks]]
name = "roll"
title = "Roll-out"
region = "NORTH"
share = 1.0
after = ["test"]
stage = 2

[[tasks]]
name = "other"
title = "Other test"
days = 25
slots = ["uit"]
not_before = 2022-03-01
approvals = ["agreed"]

[[features]]
name = "now"
title = "For all at once"
tasks = ["test"]

[[features]]
name = "gradual"
title = "Premises by premises"
tasks = ["test"]
on_hubs = true

[[options]]
name = "calm"
title = "As written"
stated = { 1 = "Jun 2022" }

[[options]]
name = "hasty"
title = "With a short build"
changes = [{ task = "build", days = 10 }]

[[what_ifs]]
title = "A month more to build"
days_more = { build = 30 }
"""


def small(*changes: tuple[str, str]) -> reading.Landscape:
    text = SMALL
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return reading.read(text.encode(), source="small.toml")
