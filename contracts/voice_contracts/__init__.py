"""What crosses the boundary: settings, shapes, schemas, conformance suites and twin carriers."""
