public import SluiceABI

/// The entry point of the plugin; see `sluice/plugin.h`. It offers nothing yet.
// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func sluice_plugin_entry(_ host: UnsafePointer<sluice_host_info>?) -> UnsafePointer<sluice_plugin>? { nil }
