"""The rules of a phone call: values, tables, ports and use cases; no input, output, clock or chance."""
