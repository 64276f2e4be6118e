// The module's first type arrives with its code.
