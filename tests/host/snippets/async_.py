from hotplug import syscall, get_current_plugin

@syscall
async def async_api():
    # Context preserved across async boundaries
    await asyncio.sleep(1)
    print(get_current_plugin().name) # Still correct

async def main():
    await async_api()
