"""The client: what prepares a call, drives it through a transport, and gives its result. One module a part."""
