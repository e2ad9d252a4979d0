"""The DUIS interface as bytes: hardened XML, signatures, the official schema, and the envelope (`domain.md` 4, 14).

    xml          bytes to a tree, with nothing left to surprise; forms of elements; canonical octets
    renumbering  a message under another counter
    signature    the XMLDSIG profile: what was signed, and by whom
    schema       the official XSD, from a folder the operator names
    identifiers  Request IDs and Response IDs
    envelope     frozen requests and responses, read and written
    opening      all of it in the order of `domain.md` 4.9

Whoever receives a message calls `opening`; only octets that were digested are read on.
"""
