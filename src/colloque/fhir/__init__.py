"""Pure mapping between our values and FHIR R4."""
