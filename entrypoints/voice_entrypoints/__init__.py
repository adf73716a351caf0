"""The ways in: command line, HTTP, JSON-RPC and embedding; the only place that names concrete adapters."""
