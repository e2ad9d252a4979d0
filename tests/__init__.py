"""The tests; properties are searched without a clock running, because machines are busy at times."""

from hypothesis import settings

settings.register_profile("safelaunch", deadline=None)
settings.load_profile("safelaunch")
