"""What a model reads of the tools, in every conversation."""

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from support.assistant import Assistant

NAMES = [
    *("get_overview", "find_tasks", "get_task", "add_tasks", "update_tasks", "complete_tasks", "delete_tasks", "undo"),
    "save_list",
]
MOST_TOKENS = 5000


def test_nine_of_them_cost_less_than_they_may(anns: Assistant) -> None:
    tools = anns.ask("tools/list").json()["result"]["tools"]
    assert [tool["name"] for tool in tools] == NAMES
    text = json.dumps(tools, separators=(",", ":"))
    # No tokenizer is at hand: this is as if none had a token of more than five letters or three signs.
    assert len(re.findall(r"[A-Za-z]{1,5}|\d+|[^\w\s]{1,3}|_", text)) < MOST_TOKENS


@pytest.mark.parametrize("name", NAMES)
def test_each_says_all_of_itself(anns: Assistant, name: str) -> None:
    tool = anns.tools()[name]
    assert set(tool) == {"name", "title", "description", "inputSchema", "outputSchema", "annotations"}
    assert tool["inputSchema"]["additionalProperties"] is False
    for schema in (tool["inputSchema"], tool["outputSchema"]):
        Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object"
        assert not set(_keys(schema)) & {"$ref", "anyOf", "oneOf", "allOf"}, "some hosts do not read these"
    hints = tool["annotations"]
    assert set(hints) == {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"}
    assert hints["openWorldHint"] is False
    assert hints["readOnlyHint"] is (name in {"get_overview", "find_tasks", "get_task"})
    assert hints["destructiveHint"] is (name == "delete_tasks")


def test_answers_are_what_the_schemas_say(anns: Assistant) -> None:
    schemas = {name: Draft202012Validator(tool["outputSchema"]) for name, tool in anns.tools().items()}

    def called(name: str, /, **arguments: Any) -> dict[str, Any]:
        answer = anns.call(name, **arguments)
        schemas[name].validate(answer)
        return answer

    called("save_list", name="Work")
    said = {"title": "One", "description": "x" * 200, "tags": ["a"], "due": "today", "repeat": "daily", "list": "work"}
    made = called("add_tasks", tasks=[said, {"title": "Two", "priority": "high"}])
    ids = [task["id"] for task in made["tasks"]]
    called("get_overview")
    assert len(called("find_tasks", status="all")["tasks"]) == 2
    called("update_tasks", changes=[{"id": ids[1], "parent": ids[0]}])
    called("get_task", id=ids[0])
    called("complete_tasks", ids=ids)
    deleted = called("delete_tasks", ids=ids)
    called("undo", undo=deleted["undo"])


def _keys(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [key for each in schema for key in _keys(each)]
    return [*schema, *(key for each in schema.values() for key in _keys(each))] if isinstance(schema, dict) else []
