from hotplug import set_timeout, set_interval

# One-time delay
def delayed():
    print("Called after 5 seconds")

timer = set_timeout(delayed, 5.0)
timer.cancel() # Cancel if needed

# Repeating
def periodic():
    print("Called every 10 seconds")

interval = set_interval(periodic, 10.0)
interval.cancel() # Stop it
