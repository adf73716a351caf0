"""The world around the rules: carriers, speech, stores, transports, and the runtime that moves calls."""
