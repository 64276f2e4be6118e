internal import OllamaCore
internal import ProviderKit
public import SluiceABI
internal import SluiceSDK

/// The one function that the plugin exports.
// The name is the ABI's.
// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func sluice_plugin_entry(_ host: UnsafePointer<sluice_host_info>?) -> UnsafePointer<sluice_plugin>? {
    PluginExport.provider(
        AdapterProvider<Ollama>.self, id: "sluice.provider.ollama", version: "0.1.0",
        summary: "Ollama's native API: answers and embeddings from a server of your own.", host: host)
}
