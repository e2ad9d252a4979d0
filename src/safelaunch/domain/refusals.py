"""What the house says when it will not do a thing.

    Problem
      Refused       anticipated; the sentence is fit for the reader; nothing was changed
        NotFound      the thing named does not exist, or the person may not know that it does
        Invalid       what was asked is malformed or breaks a rule of form
        Conflict      what was asked does not fit the present state
        Forbidden     the person may not do this
      Unreadable    bytes that cannot be trusted or parsed
      Unreachable   a neighbour did not answer; worth another try later

Every sentence says what was asked, why not, and what would make it possible (`portal.md`, Words).
Refusals particular to one rule are declared beside that rule. Anything else that is raised is a bug.
"""


class Problem(Exception):
    """Base of everything the house raises on purpose; `str()` of it is fit for the reader."""


class Refused(Problem):
    """An anticipated no: nothing was changed and nothing is logged as an error."""


class NotFound(Refused):
    """There is no such thing, or none that this person may see."""


class Invalid(Refused):
    """What was asked is malformed or breaks a rule of form."""


class Conflict(Refused):
    """What was asked does not fit the state things are in."""


class Forbidden(Refused):
    """This person may not do this."""


class Unreadable(Problem):
    """Bytes that cannot be trusted or parsed."""


class Unreachable(Problem):
    """A neighbour did not answer; the caller may try again later."""
