"""Pure rules of the gateway: what a call must be, and what is said when it is not."""
