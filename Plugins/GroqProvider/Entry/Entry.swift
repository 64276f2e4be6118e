internal import GroqCore
internal import ProviderKit
public import SluiceABI
internal import SluiceSDK

/// The entry point of the plugin; see `sluice/plugin.h`.
// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func sluice_plugin_entry(_ host: UnsafePointer<sluice_host_info>?) -> UnsafePointer<sluice_plugin>? {
    PluginExport.provider(
        AdapterProvider<Groq>.self, id: "sluice.provider.groq", version: "0.1.0",
        summary: "Groq's models by chat completions, the flex tier and batches", details: Groq.parameters.json,
        host: host)
}
