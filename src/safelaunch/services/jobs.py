"""Names of jobs. Services defer them; the worker's door gives each one its task."""

from enum import StrEnum


class Job(StrEnum):
    """Work that follows a commit."""

    LOOK = "LOOK"
    COMPILE_PILOT = "COMPILE_PILOT"
    PLAN_TONIGHT = "PLAN_TONIGHT"
    DISPATCH = "DISPATCH"
    REVIEW = "REVIEW"
    RECALL = "RECALL"
    READ_BACK = "READ_BACK"
    DELIVER = "DELIVER"
    PROCESS_SERVICE_REQUEST = "PROCESS_SERVICE_REQUEST"
    SEND_DEVICE_COMMANDS = "SEND_DEVICE_COMMANDS"
    TAKE_IN_DEVICE_MESSAGES = "TAKE_IN_DEVICE_MESSAGES"
    DISTRIBUTE_FIRMWARE = "DISTRIBUTE_FIRMWARE"
    MIND_FIRMWARE = "MIND_FIRMWARE"
    READ_BACK_DEVICES = "READ_BACK_DEVICES"
    TAKE_REGISTRATIONS = "TAKE_REGISTRATIONS"
    INSTALL_HUB = "INSTALL_HUB"
    LOOK_AT_DISPLAYS = "LOOK_AT_DISPLAYS"
    LOOK_AT_HAN_LOGS = "LOOK_AT_HAN_LOGS"
    TELL_USERS = "TELL_USERS"
    WAKE = "WAKE"
    SWEEP = "SWEEP"
    FORGET = "FORGET"


REAL_TIME = (Job.DELIVER, Job.WAKE, Job.SWEEP)
"""Work of the wall's time: a demonstration on its own clock does not wait for it, for receivers live in real time."""
