"""The registry's face: its HTTP calls (protocol, section 8), over the service and nothing below it."""
