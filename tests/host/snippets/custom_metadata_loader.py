from hotplug import MetadataLoader, PluginMetadata
from pathlib import Path

class CustomMetadataLoader:
    def load(self, location: Path) -> PluginMetadata:
        # Your custom metadata loading
        return PluginMetadata({"name": "...", "version": "..."})

host = PluginHost(metadata_loader=CustomMetadataLoader())
