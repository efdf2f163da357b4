"""The Python SDK, in both eras. It has packages of its own, and is run by `test_compat.py`."""

import asyncio
import json
import sys
from typing import Any

from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client

from mcp import Client


async def tell(url: str, token: str, mode: str, version: str) -> None:
    """What a host does with the tools. The SDK holds each answer to the tool's outputSchema."""
    http = create_mcp_http_client(headers={"Authorization": f"Bearer {token}"})
    async with Client(streamable_http_client(url, http_client=http), mode=mode) as client:
        assert client.protocol_version == version, client.protocol_version
        assert len((await client.list_tools()).tools) == 9

        async def call(name: str, **arguments: Any) -> Any:
            result = await client.call_tool(name, arguments)
            assert not result.is_error, result
            assert result.structured_content == json.loads(result.content[0].text)
            return result.structured_content

        await call("get_overview")
        made = await call("add_tasks", tasks=[{"title": "Hafermilch", "due": "tomorrow", "tags": ["ü"]}])
        ids = [task["id"] for task in made["tasks"]]
        assert [task["id"] for task in (await call("find_tasks", tags=["ü"]))["tasks"]] == ids
        done = await call("complete_tasks", ids=ids)
        await call("undo", undo=done["undo"])
        assert (await call("get_task", id=ids[0]))["completed"] is False
        refused = await client.call_tool("get_task", {"id": "nonsense"})
        assert refused.is_error
        await call("delete_tasks", ids=ids)


if __name__ == "__main__":
    for mode, version in (("legacy", "2025-11-25"), ("auto", "2026-07-28"), ("2026-07-28", "2026-07-28")):
        asyncio.run(tell(sys.argv[1], sys.argv[2], mode, version))
    sys.stdout.write("ok\n")
