"""Orders, checked by a model of the plugin's own."""

from fastapi import APIRouter
from pydantic import BaseModel

from hotplug import HookimplMarker
from hotplug.plugins import tea

routes = APIRouter(prefix="/orders")


class Order(BaseModel):
    item: str
    cups: int = 1


@HookimplMarker("cafe")
def router() -> APIRouter:
    return routes


@routes.post("")
async def order(order: Order) -> dict[str, float]:
    return {"total": order.cups * tea.PRICES[order.item]}
