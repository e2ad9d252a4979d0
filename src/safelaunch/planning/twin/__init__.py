"""The national twin: whole campaigns day by day over a generated fleet, by any policy (`design.md` 7, `gates.md` 2).

fleet     the hubs of an estate that a release may upgrade, as arrays
world     what befalls them: arrivals, failures, defects, outages, by scenario and seed
dispatch  who goes today, within rooms, in the order of the lots
policies  the evidence policy: the same engine and the same rules as production
rivals    what other systems do, over the same data
campaign  the days, and what came of them
"""
