# Host code can invoke
system_message("Server starting...") # OK

# Plugin code CANNOT invoke protected host events
# admin_notification("test") # RuntimeError!
