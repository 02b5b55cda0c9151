"""`/api/docs`: the API, browsable, with nothing from outside."""

from typing import Any

import litestar
from litestar import Response

from samovar.edge.web.pages.frame import Frame, Req


def routes(frame: Frame) -> list[Any]:
    """Route handlers."""

    @litestar.get("/api/docs", include_in_schema=False)
    async def docs(request: Req) -> Response[str]:
        schema = request.app.openapi_schema.to_schema()
        return await frame.page(
            request, "api_docs.html", groups=grouped(schema), title=schema["info"]["title"]
        )

    return [docs]


def grouped(schema: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Operations by their first tag, with the fields of bodies and answers."""
    groups: dict[str, list[dict[str, Any]]] = {}
    models = schema.get("components", {}).get("schemas", {})
    for path, item in sorted(schema["paths"].items()):
        for method, operation in item.items():
            if method not in ("get", "post", "put", "delete"):
                continue
            body = operation.get("requestBody", {}).get("content", {})
            good = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
            groups.setdefault((operation.get("tags") or ["other"])[0], []).append(
                {
                    "method": method.upper(),
                    "path": path,
                    "summary": operation.get("summary", ""),
                    "parameters": operation.get("parameters", []),
                    "body": _fields(body, models),
                    "answer": _fields(good[0].get("content", {}) if good else {}, models),
                    "statuses": sorted(operation["responses"]),
                }
            )
    return groups


def _fields(content: dict[str, Any], models: dict[str, Any]) -> list[dict[str, str]]:
    first: dict[str, Any] = next(iter(content.values()), {})
    schema = first.get("schema", {})
    model = _model(schema, models)
    required = set(model.get("required", ()))
    return [
        {"name": name, "type": _type(field), "required": "yes" if name in required else ""}
        for name, field in model.get("properties", {}).items()
    ]


def _model(schema: dict[str, Any], models: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref", "")
    return models.get(reference.rpartition("/")[2], {}) if reference else schema


def _type(field: dict[str, Any]) -> str:
    if "$ref" in field:
        return str(field["$ref"].rpartition("/")[2].rpartition("_")[2])
    for union in ("oneOf", "anyOf"):
        if union in field:
            return " or ".join(_type(part) for part in field[union])
    if field.get("type") == "array":
        return f"list of {_type(field.get('items', {}))}"
    return str(field.get("type", "any"))
