"""GBCS messages: octets to frozen values and back, and their signatures and MACs; no keys are kept here.

octets      reading octets strictly, with the place of what is wrong
times       the three ways GBCS writes a time
der         the few DER types of the ASN.1 use cases
message     the envelope: grouping header, payload, signature, MAC
activation  CS06 Activate Firmware and its future-dated alert
versions    ECS52, GCS38 and CS08: which firmware a device runs
tenancy     ECS12: the change of tenancy of an ESME
alerts      CCS08, CS09 and the Firmware Distribution Receipt Alerts
catalogue   `read` and `write`: the payload by message code
raw_ecdsa   ECDSA P-256 with SHA-256, raw r and s
security    signing, verifying and the MAC
"""
