"""Response codes of DUIS 5.4, and what they mean as far as it is known (`domain.md` 4.7).

The schema has the codes without a word on any. Those of I0, I99 and E5 are sourced; the others follow from their numbers
and from use, and may turn out otherwise: a code is chosen in one place, by name, so that it is changed in one place.
Codes of six digits belong to one service: E110103 is the third of 11.1, W110101 its warning.
"""

import re
from collections.abc import Mapping
from enum import StrEnum

_SERVICE = re.compile(r"[EW]([0-9]{2})([0-9]{2})[0-9]{2}")


class ResponseCode(StrEnum):
    """`ResponseCode`, in the order of the schema."""

    I0 = "I0"
    I99 = "I99"
    E1 = "E1"
    E2 = "E2"
    E3 = "E3"
    E4 = "E4"
    E5 = "E5"
    E11 = "E11"
    E12 = "E12"
    E13 = "E13"
    E17 = "E17"
    E19 = "E19"
    E20 = "E20"
    E21 = "E21"
    E30 = "E30"
    E31 = "E31"
    E40 = "E40"
    E41 = "E41"
    E42 = "E42"
    E43 = "E43"
    E44 = "E44"
    E45 = "E45"
    E46 = "E46"
    E47 = "E47"
    E48 = "E48"
    E49 = "E49"
    E50 = "E50"
    E51 = "E51"
    E52 = "E52"
    E53 = "E53"
    E54 = "E54"
    E55 = "E55"
    E56 = "E56"
    E57 = "E57"
    E58 = "E58"
    E59 = "E59"
    E60 = "E60"
    E61 = "E61"
    E62 = "E62"
    E63 = "E63"
    E64 = "E64"
    E65 = "E65"
    E66 = "E66"
    E67 = "E67"
    E68 = "E68"
    E69 = "E69"
    E70 = "E70"
    E71 = "E71"
    E100 = "E100"
    E1000 = "E1000"
    E1001 = "E1001"
    E1003 = "E1003"
    E1004 = "E1004"
    E1006 = "E1006"
    E1007 = "E1007"
    E1008 = "E1008"
    E1010 = "E1010"
    E1011 = "E1011"
    E010101 = "E010101"
    E010102 = "E010102"
    E010201 = "E010201"
    E030301 = "E030301"
    E030302 = "E030302"
    E040101 = "E040101"
    E041701 = "E041701"
    E050101 = "E050101"
    E050102 = "E050102"
    E050103 = "E050103"
    E050105 = "E050105"
    E050107 = "E050107"
    E050108 = "E050108"
    E050109 = "E050109"
    E050110 = "E050110"
    E050111 = "E050111"
    E050112 = "E050112"
    E050201 = "E050201"
    E050202 = "E050202"
    W050201 = "W050201"
    E050301 = "E050301"
    E050302 = "E050302"
    W050301 = "W050301"
    E060501 = "E060501"
    E060502 = "E060502"
    E060701 = "E060701"
    E060801 = "E060801"
    E060802 = "E060802"
    E060803 = "E060803"
    E061301 = "E061301"
    E061304 = "E061304"
    E061305 = "E061305"
    E061501 = "E061501"
    E061504 = "E061504"
    E061505 = "E061505"
    E061506 = "E061506"
    E061507 = "E061507"
    E061508 = "E061508"
    E061509 = "E061509"
    E061801 = "E061801"
    E061802 = "E061802"
    E061803 = "E061803"
    E062101 = "E062101"
    E062102 = "E062102"
    E062103 = "E062103"
    E062105 = "E062105"
    E062201 = "E062201"
    E062202 = "E062202"
    E062203 = "E062203"
    E062301 = "E062301"
    E062302 = "E062302"
    E062303 = "E062303"
    E062304 = "E062304"
    E062305 = "E062305"
    E062306 = "E062306"
    E062401 = "E062401"
    E062402 = "E062402"
    E062403 = "E062403"
    E062801 = "E062801"
    E062802 = "E062802"
    E062803 = "E062803"
    E080201 = "E080201"
    E080202 = "E080202"
    E080301 = "E080301"
    E080302 = "E080302"
    E080405 = "E080405"
    E080406 = "E080406"
    E080407 = "E080407"
    E080408 = "E080408"
    E080409 = "E080409"
    E080410 = "E080410"
    E080411 = "E080411"
    E080412 = "E080412"
    E080413 = "E080413"
    E080414 = "E080414"
    E080415 = "E080415"
    E080501 = "E080501"
    E080502 = "E080502"
    E080503 = "E080503"
    E080601 = "E080601"
    E080602 = "E080602"
    E080604 = "E080604"
    E080606 = "E080606"
    E080607 = "E080607"
    E080702 = "E080702"
    E080721 = "E080721"
    E080722 = "E080722"
    E080723 = "E080723"
    E080801 = "E080801"
    E080821 = "E080821"
    E080822 = "E080822"
    E080901 = "E080901"
    E080902 = "E080902"
    E080903 = "E080903"
    E081101 = "E081101"
    E081102 = "E081102"
    E081104 = "E081104"
    E081105 = "E081105"
    E081106 = "E081106"
    E081107 = "E081107"
    E081108 = "E081108"
    E081109 = "E081109"
    E081110 = "E081110"
    E081111 = "E081111"
    E081202 = "E081202"
    E081204 = "E081204"
    E081205 = "E081205"
    E081221 = "E081221"
    E081222 = "E081222"
    E081223 = "E081223"
    E081301 = "E081301"
    E081302 = "E081302"
    E081303 = "E081303"
    E081401 = "E081401"
    E081402 = "E081402"
    E081405 = "E081405"
    E081406 = "E081406"
    W081401 = "W081401"
    E110101 = "E110101"
    E110102 = "E110102"
    E110103 = "E110103"
    E110105 = "E110105"
    E110106 = "E110106"
    W110101 = "W110101"
    E110401 = "E110401"
    E110402 = "E110402"
    E110403 = "E110403"
    E110405 = "E110405"
    W110401 = "W110401"
    E120101 = "E120101"
    E120102 = "E120102"
    E120103 = "E120103"
    E120201 = "E120201"
    E120203 = "E120203"
    E120204 = "E120204"
    E120207 = "E120207"


MEANINGS: Mapping[ResponseCode, str] = {
    ResponseCode.I0: "done",
    ResponseCode.I99: "accepted; the outcome follows",
    ResponseCode.W050201: "schedules read, with a warning",
    ResponseCode.W050301: "schedules deleted, with a warning",
    ResponseCode.W081401: "hub status noted, with a warning",
    ResponseCode.W110101: "firmware accepted for some of the Devices; the others are listed",
    ResponseCode.W110401: "PPMID firmware accepted for some of the Devices; the others are listed",
    ResponseCode.E1: "the User is not known or not entitled to this interface",
    ResponseCode.E2: "the User Role may not send this request",
    ResponseCode.E3: "the User's right to this request is suspended",
    ResponseCode.E4: "the User is not responsible for the Device",
    ResponseCode.E5: "the Device's status in the inventory does not allow it",
    ResponseCode.E11: "the request does not apply to this kind of Device or target",
    ResponseCode.E12: "Command Variant, web service and request do not fit together",
    ResponseCode.E13: "the message does not correlate with the one it belongs to",
    ResponseCode.E17: "the execution time is not one that is allowed",
    ResponseCode.E19: "the Device is not in the inventory",
    ResponseCode.E20: "the command could not be delivered",
    ResponseCode.E21: "the Device did not answer in time",
    ResponseCode.E65: "the signature, certificate or sender is not accepted",
    ResponseCode.E100: "the message is not the XML that DUIS asks for",
    ResponseCode.E110101: "the firmware image cannot be read",
    ResponseCode.E110102: "the firmware is not on the Central Products List as sent",
    ResponseCode.E110103: "no Device of the list can have the firmware",
    ResponseCode.E110105: "the image is not signed by the sender, or too many Devices are listed",
    ResponseCode.E110106: "no Device of the list has the hardware or GBCS version that it takes",
    ResponseCode.E110401: "the firmware image cannot be read",
    ResponseCode.E110402: "the firmware is not on the Central Products List as sent",
    ResponseCode.E110403: "no Device of the list can have the firmware",
    ResponseCode.E110405: "too many Devices are listed",
}
"""What the codes mean that Safelaunch uses or that are known; the words are ours."""


def meaning(code: ResponseCode) -> str:
    """This function will say what a code means, as far as it is known."""
    if code in MEANINGS:
        return MEANINGS[code]
    service = _SERVICE.fullmatch(code)
    if service is None:
        return "refused or failed; the schema does not say why"
    what = "a warning" if code.startswith("W") else "a refusal"
    return f"{what} particular to service {int(service[1])}.{int(service[2])}"


def is_success(code: ResponseCode) -> bool:
    """This function will say whether a code stands for yes: done, accepted, or done with a warning."""
    return not code.startswith("E")
