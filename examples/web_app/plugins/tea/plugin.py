"""Teas, and what they cost."""

from fastapi import APIRouter, HTTPException

from hotplug import HookimplMarker

PRICES = {"green": 2.5, "black": 2.2}

routes = APIRouter(prefix="/tea")


@HookimplMarker("cafe")
def router() -> APIRouter:
    return routes


@routes.get("/{kind}")
async def price(kind: str) -> dict[str, float]:
    if kind not in PRICES:
        raise HTTPException(404, f"no {kind} tea")
    return {"price": PRICES[kind]}
