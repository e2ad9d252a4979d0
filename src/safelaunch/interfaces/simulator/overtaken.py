"""What a network does not act on, whoever asks: messages that a stop overtook, and journals of other worlds."""

from safelaunch.domain.refusals import Conflict


class Stale(Conflict):
    """A message of an epoch that has been overtaken (design 9)."""

    def __init__(self, *, campaign: str, epoch: int, highest: int) -> None:
        """This function will say which epoch was given and which is the highest seen."""
        super().__init__(
            f"Campaign {campaign} is at epoch {highest}; a message of epoch {epoch} is not acted on. "
            "Send it again under the present epoch if it is still meant."
        )
        self.highest = highest


class OtherWorld(Conflict):
    """The journal was written in another world."""
