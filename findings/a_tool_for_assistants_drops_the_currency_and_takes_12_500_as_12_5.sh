#!/usr/bin/env bash
# An assistant that misspells `currency` charges in the default one, and its amount "12.500" is 12.5: both calls succeed.
#
# mcp 2.3.0 (pydantic 2.14.4 beneath it). A tool of a server is a typed function, its schema names each argument and its type, and
# what a call gives is checked against that. But an argument that the schema does not name is dropped without a word (the schema has no
# additionalProperties, and the model that is made of the function passes over what it does not know), so that a misspelt optional
# argument counts as not given. And a text is taken where a number is declared: "12.500", as Indonesia and Germany write twelve thousand
# five hundred, is 12.5, "1e3" is 1000.0; "12,500" alone is an error. Language models send numbers as texts now and then, and have no
# other sign than the answer. `strict` in a Field of pydantic refuses the text; nothing that is declared refuses the other.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check mcp==2.3.0 pydantic==2.14.4
cat > "$place/look.py" <<'PYTHON'
import asyncio
import json
from importlib.metadata import version
from typing import Annotated

from mcp import Client
from mcp.server.mcpserver import MCPServer
from pydantic import Field

server = MCPServer("shop", log_level="CRITICAL")


@server.tool()
def charge(amount: float, currency: str = "IDR") -> str:
    return f"{amount} {currency}"


@server.tool()
def charge_strictly(amount: Annotated[float, Field(strict=True)], currency: str = "IDR") -> str:
    return f"{amount} {currency}"


async def main() -> None:
    seen = {}
    async with Client(server) as client:
        for tool in ("charge", "charge_strictly"):
            for given in (
                {"amount": 12500, "currancy": "PHP"},
                {"amount": "12.500", "currency": "IDR"},
                {"amount": "1e3"},
                {"amount": "12,500"},
            ):
                answer = await client.call_tool(tool, given)
                told = "refused" if answer.is_error else answer.content[0].text
                seen[tool, json.dumps(given)] = told
                print(f"mcp {version('mcp')}, {tool} {json.dumps(given)}: {told}")
        tools = (await client.list_tools()).tools
        print("the schema of charge:", json.dumps(tools[0].input_schema, sort_keys=True))
        assert "additionalProperties" not in tools[0].input_schema
        assert tools[0].input_schema["properties"]["amount"]["type"] == "number"
    assert [*seen.values()] == [
        *("12500.0 IDR", "12.5 IDR", "1000.0 IDR", "refused"),
        *("12500.0 IDR", "refused", "refused", "refused"),
    ], seen


asyncio.run(main())
PYTHON
"$place/venv/bin/python" "$place/look.py"
