internal import OpenAICore
internal import ProviderKit
public import SluiceABI
internal import SluiceSDK

/// The entry point of the plugin; see `sluice/plugin.h`.
// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func sluice_plugin_entry(_ host: UnsafePointer<sluice_host_info>?) -> UnsafePointer<sluice_plugin>? {
    PluginExport.provider(
        AdapterProvider<OpenAI>.self, id: "sluice.provider.openai", version: "0.1.0",
        summary: "OpenAI's models by chat completions or responses, embeddings and batches",
        details: OpenAI.parameters.json, host: host)
}
