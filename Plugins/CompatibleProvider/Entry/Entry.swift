internal import CompatibleCore
internal import ProviderKit
public import SluiceABI
internal import SluiceSDK

/// The entry point of the plugin; see `sluice/plugin.h`.
// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func sluice_plugin_entry(_ host: UnsafePointer<sluice_host_info>?) -> UnsafePointer<sluice_plugin>? {
    PluginExport.provider(
        AdapterProvider<Compatible>.self, id: "sluice.provider.openai-compatible", version: "0.1.0",
        summary: "Models of a server that speaks OpenAI's protocol: llama.cpp, vLLM, LM Studio",
        details: Compatible.parameters.json, host: host)
}
