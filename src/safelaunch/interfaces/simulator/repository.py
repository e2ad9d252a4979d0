"""What the SMKI's repository would tell about simulated Devices: their certificates, to anybody who asks."""

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid
from safelaunch.interfaces.simulator.device_facts import Register
from safelaunch.interfaces.simulator.device_keys import DeviceKeys
from safelaunch.wire import csp
from safelaunch.wire.smki_devices import KeyUse


class Repository:
    """Certificates of the Devices of an estate, issued when asked for."""

    def __init__(self, *, register: Register, keys: DeviceKeys) -> None:
        """This function will keep which Devices there are, and their keys."""
        self._register, self._keys = register, keys

    def answer(self, wanted: csp.CertificatesWanted) -> csp.CertificatesFound:
        """This function will give both certificates of every Device that exists; others are left out.

        Raises:
            Invalid: there are more Device IDs than may be asked for at once, or one is malformed.
        """
        if len(wanted.device_ids) > csp.MAX_COMMANDS:
            raise Invalid(
                f"Certificates of {len(wanted.device_ids):,} Devices were asked for; at most "
                f"{csp.MAX_COMMANDS:,} can be at once."
            )
        asked = [Eui64.parse(text) for text in wanted.device_ids]
        return csp.CertificatesFound(
            certificates={
                str(device_id): [self._keys.certificate(device_id, use) for use in KeyUse]
                for device_id in dict.fromkeys(asked)
                if self._register.find(device_id) is not None
            }
        )
