public import SluiceABI
internal import SluiceSDK

/// The one function that the plugin exports.
// The name is the ABI's.
// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func sluice_plugin_entry(_ host: UnsafePointer<sluice_host_info>?) -> UnsafePointer<sluice_plugin>? {
    PluginExport.connector(
        CSVConnector.self, id: "sluice.connector.csv", version: "0.1.0",
        summary: "Reads delimited text: finds encoding and dialect, streams records, rejects what is broken.",
        host: host)
}
