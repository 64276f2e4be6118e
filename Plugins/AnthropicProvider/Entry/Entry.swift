internal import AnthropicCore
internal import ProviderKit
public import SluiceABI
internal import SluiceSDK

/// The one function that the plugin exports.
// The name is the ABI's.
// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func sluice_plugin_entry(_ host: UnsafePointer<sluice_host_info>?) -> UnsafePointer<sluice_plugin>? {
    PluginExport.provider(
        AdapterProvider<Anthropic>.self, id: "sluice.provider.anthropic", version: "0.1.0",
        summary: "The Messages API of Anthropic: answers, token counts and batches.", host: host)
}
