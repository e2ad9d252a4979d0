"""The release landscape: what has to happen before hubs can be upgraded, and when it may have happened (TABASC).

model       releases, documents, modifications, tasks, slots, options, as values
reading     the file, strictly; every refusal names its place
network     which task waits for which; a circle is shown as the circle
luck        draws that belong to a task, the same for every option and every what-if
schedule    dates: thousands of possible futures at once, and what held each task up
rollout     months of mass roll-out per CSP region, and what moves them
comparison  options side by side, what-ifs, features over time
summary     the same in plain words
"""
