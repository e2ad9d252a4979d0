"""The DUIS interface as bytes: hardened XML, signatures, the official schema, and the envelope (`domain.md` 4, 14).

    xml          bytes to a tree, with nothing left to surprise; forms of elements; canonical octets
    signature    the XMLDSIG profile: what was signed, and by whom
    schema       the official XSD, from a folder the operator names
    identifiers  Request IDs and Response IDs
    dialects     the two languages of the envelope: DUIS, and our messages for hub campaigns
    envelope     frozen requests and responses, read and written
    opening      all of it in the order of `domain.md` 4.9
    leaves, device_ids, elements   texts, lists and elements as frozen dataclasses
    requests     bodies of Service Requests
    responses    Service Responses and alerts, in every DUIS version
    extension    messages for hub campaigns, with their own schema
    explaining   any of it in plain words

Whoever receives a message calls `opening`; only octets that were digested are read on.
"""
