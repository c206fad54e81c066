"""Orders, checked by a model of the plugin's own."""

from fastapi import APIRouter
from pydantic import BaseModel

from hotplug import HookimplMarker, get_current_plugin, syscall
from hotplug.plugins import tea

routes = APIRouter(prefix="/orders")


class Order(BaseModel):
    item: str
    cups: int = 1


@HookimplMarker("cafe")
def router() -> APIRouter:
    return routes


@routes.post("")
@syscall  # FastAPI calls it, and it runs as this plugin: what it makes belongs to it
async def order(order: Order) -> dict[str, float | str]:
    total = order.cups * tea.PRICES[order.item]
    return {"total": total, "taken_by": get_current_plugin().name}
