from hotplug import log, get_logger

# Use the convenience proxy
log.info("Starting up") # Automatically includes plugin name

# Or create a named logger
logger = get_logger("database")
logger.error("Connection failed")
