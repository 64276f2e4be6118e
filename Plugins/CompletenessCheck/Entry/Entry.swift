public import SluiceABI
internal import SluiceSDK

/// The one function that the plugin exports.
// The name is the ABI's.
// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func sluice_plugin_entry(_ host: UnsafePointer<sluice_host_info>?) -> UnsafePointer<sluice_plugin>? {
    PluginExport.check(
        CompletenessCheck.self, id: "sluice.check.completeness", version: "0.1.0",
        summary: "Null rate of every column, with the first rows that hold a null.", host: host)
}
