"""How a request is sent: one module an HTTP library, imported when a client first uses it."""
